#include "runners/cpp/transfer_loop.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <system_error>

#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace weir::runners {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "cannot wait for sockets");
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

void must(CURLMcode code) {
  if (code != CURLM_OK)
    throw std::runtime_error(std::string{"libcurl: "} + curl_multi_strerror(code));
}

// Once per process, before any other thread uses libcurl.
void init_curl() {
  static const CURLcode code = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (code != CURLE_OK) throw std::runtime_error(curl_easy_strerror(code));
}

}  // namespace

class TransferLoop::Impl {
 public:
  explicit Impl(std::size_t connections_max);
  ~Impl() { curl_multi_cleanup(multi_); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void wait(Clock::time_point until);
  void run_timers();
  CURLM* multi() const { return multi_; }

 private:
  static int on_socket(CURL* transfer, curl_socket_t socket, int wanted, void* self, void* known);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);
  void arm_timer(Clock::time_point at);

  Descriptor epoll_;
  Descriptor timer_;
  CURLM* multi_;
  Clock::time_point curl_timeout_ = Clock::time_point::max();
};

TransferLoop::Impl::Impl(std::size_t connections_max)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      timer_(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) {
  init_curl();
  multi_ = curl_multi_init();
  if (multi_ == nullptr) throw std::runtime_error("libcurl: out of memory");
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Impl::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Impl::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(connections_max));
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = timer_.get();
  epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, timer_.get(), &event);
}

// `known` is what curl_multi_assign has set: not null once epoll knows the socket.
int TransferLoop::Impl::on_socket(CURL* /*transfer*/, curl_socket_t socket, int wanted, void* self,
                                  void* known) {
  const auto* impl = static_cast<Impl*>(self);
  if (wanted == CURL_POLL_REMOVE) {
    epoll_ctl(impl->epoll_.get(), EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.data.fd = socket;
  if ((wanted & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((wanted & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  if (known != nullptr) return epoll_ctl(impl->epoll_.get(), EPOLL_CTL_MOD, socket, &event);
  curl_multi_assign(impl->multi_, socket, self);
  return epoll_ctl(impl->epoll_.get(), EPOLL_CTL_ADD, socket, &event);
}

int TransferLoop::Impl::on_timer(CURLM* /*multi*/, long timeout_ms, void* self) {
  static_cast<Impl*>(self)->curl_timeout_ =
      timeout_ms < 0 ? Clock::time_point::max()
                     : Clock::now() + std::chrono::milliseconds{timeout_ms};
  return 0;
}

// The timer's clock is steady_clock's.
void TransferLoop::Impl::arm_timer(Clock::time_point at) {
  // A time of zero would disarm the timer.
  const auto since = std::max(at.time_since_epoch(), Clock::duration{1});
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  itimerspec spec{};
  spec.it_value.tv_sec = seconds.count();
  spec.it_value.tv_nsec = (since - seconds).count();
  timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &spec, nullptr);
}

void TransferLoop::Impl::run_timers() {
  if (Clock::now() < curl_timeout_) return;
  curl_timeout_ = Clock::time_point::max();
  int running = 0;
  must(curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running));
}

void TransferLoop::Impl::wait(Clock::time_point until) {
  constexpr int kEventsAtOnce = 64;
  const auto wake = std::min(until, curl_timeout_);
  const bool poll_only = wake <= Clock::now();
  if (!poll_only) arm_timer(wake);
  std::array<epoll_event, kEventsAtOnce> events;  // NOLINT: filled by the kernel
  const int count = epoll_wait(epoll_.get(), events.data(), kEventsAtOnce, poll_only ? 0 : -1);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd == timer_.get()) {
      std::uint64_t expirations = 0;
      while (::read(timer_.get(), &expirations, sizeof expirations) < 0 && errno == EINTR) continue;
      continue;
    }
    int what = 0;
    if ((event.events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
    if ((event.events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
    if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_ERR;
    int running = 0;
    must(curl_multi_socket_action(multi_, event.data.fd, what, &running));
  }
  run_timers();
}

TransferLoop::TransferLoop(std::size_t connections_max)
    : impl_(std::make_unique<Impl>(connections_max)) {}
TransferLoop::~TransferLoop() = default;

void TransferLoop::start(CURL* transfer) {
  must(curl_multi_add_handle(impl_->multi(), transfer));
  impl_->run_timers();
}

std::optional<TransferLoop::Finished> TransferLoop::next_finished() {
  int left = 0;
  const CURLMsg* message = curl_multi_info_read(impl_->multi(), &left);
  if (message == nullptr) return std::nullopt;
  const Finished finished{message->easy_handle, message->data.result};
  curl_multi_remove_handle(impl_->multi(), finished.transfer);
  return finished;
}

void TransferLoop::cancel(CURL* transfer) { curl_multi_remove_handle(impl_->multi(), transfer); }

void TransferLoop::wait(Clock::time_point until) { impl_->wait(until); }

}  // namespace weir::runners
