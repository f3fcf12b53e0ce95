#include "tools/bench_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace weir::tools {
namespace {

constexpr int kMeanwhileMs = 100;

[[noreturn]] void throw_errno(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// In the child, between fork and exec: only what is allowed there.
[[noreturn]] void become(const std::vector<char*>& arguments, int in, int out, pid_t parent) {
  sigset_t none{};
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  (void)std::signal(SIGPIPE, SIG_DFL);
  setpgid(0, 0);
  // Many connections take more than the usual soft limit.
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(1);  // it died before the line above
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  execv("/proc/self/exe", arguments.data());
  _exit(1);
}

}  // namespace

BenchProcess::BenchProcess(std::string name, const std::vector<std::string>& arguments)
    : name_(std::move(name)) {
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (pipe2(in.data(), O_CLOEXEC) != 0) throw_errno("pipe");
  if (pipe2(out.data(), O_CLOEXEC) != 0) {
    close(in[0]);
    close(in[1]);
    throw_errno("pipe");
  }
  in_ = in[1];
  out_ = out[0];
  start(arguments, in[0], out[1]);
  close(in[0]);
  close(out[1]);
  if (pid_ > 0) return;
  close(in_);
  close(out_);
  throw_errno("fork");
}

void BenchProcess::start(const std::vector<std::string>& arguments, int in, int out) {
  std::vector<std::string> words{"weir"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) become(pointers, in, out, parent);
}

BenchProcess::~BenchProcess() {
  close(in_);
  close(out_);
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void BenchProcess::write_line(std::string_view line) {
  std::string text{line};
  text += '\n';
  for (std::string_view left = text; !left.empty();) {
    const ssize_t written = write(in_, left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_ended();
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

std::string BenchProcess::read_line(StopSignals& signals,
                                    const std::vector<const BenchProcess*>& others,
                                    const std::function<void()>& meanwhile) {
  std::vector<pollfd> files{{out_, POLLIN, 0}, {signals.file(), POLLIN, 0}};
  for (const BenchProcess* other : others) files.push_back({other->out_, 0, 0});
  for (;;) {
    if (const std::size_t end = read_.find('\n'); end != std::string::npos) {
      std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      return line;
    }
    const int ready = poll(files.data(), files.size(), meanwhile ? kMeanwhileMs : -1);
    if (ready < 0 && errno != EINTR) throw_errno("poll");
    if (signals.stop_requested()) throw BenchStopped{};
    for (const BenchProcess* other : others) other->check_alive();
    if (ready <= 0 || files[0].revents == 0) {
      if (meanwhile) meanwhile();
      continue;
    }
    std::array<char, 4'096> some{};
    const ssize_t size = read(out_, some.data(), some.size());
    if (size == 0 || (size < 0 && errno != EINTR)) throw_ended();
    if (size > 0) read_.append(some.data(), static_cast<std::size_t>(size));
  }
}

bool BenchProcess::has_ended() const {
  pollfd file{out_, 0, 0};
  return poll(&file, 1, 0) > 0 && (file.revents & POLLHUP) != 0;
}

void BenchProcess::check_alive() const {
  if (has_ended()) throw_ended();
}

void BenchProcess::throw_ended() const {
  throw std::runtime_error("the " + name_ + " ended before its time");
}

std::chrono::nanoseconds BenchProcess::cpu() const {
  clockid_t clock{};
  timespec used{};
  if (const int error = clock_getcpuclockid(pid_, &clock); error != 0) {
    throw std::system_error(error, std::generic_category(), "CPU time of the " + name_);
  }
  if (clock_gettime(clock, &used) != 0) throw_errno("CPU time of the " + name_);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

std::uint64_t BenchProcess::memory_bytes(std::string_view key) const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  for (std::string word; status >> word;) {
    std::uint64_t kib = 0;
    if (word == key && status >> kib) return kib << 10U;
  }
  return 0;
}

}  // namespace weir::tools
