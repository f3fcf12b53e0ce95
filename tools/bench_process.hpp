#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "tools/stop_signals.hpp"

namespace weir::tools {

// The user asked to stop.
struct BenchStopped {};

// Another process of this executable, spoken to in lines on its stdin and stdout. It is in a
// process group of its own, so that Ctrl-C is for its parent to answer; the kernel kills it should
// its parent die, and the destructor kills it and waits for it. Used by the thread that made it.
class BenchProcess {
 public:
  // Starts `weir <arguments>`. `name` is what errors call it. Throws std::system_error.
  BenchProcess(std::string name, const std::vector<std::string>& arguments);
  ~BenchProcess();
  BenchProcess(const BenchProcess&) = delete;
  BenchProcess& operator=(const BenchProcess&) = delete;

  void write_line(std::string_view line);
  // The next line of its stdout; calls `meanwhile` ten times a second until it comes. Throws
  // BenchStopped, and std::runtime_error if this process or one of the others ends before that.
  std::string read_line(StopSignals& signals, const std::vector<const BenchProcess*>& others = {},
                        const std::function<void()>& meanwhile = {});
  // Throws std::runtime_error if it has ended.
  void check_alive() const;

  // What all its threads used since it started.
  std::chrono::nanoseconds cpu() const;
  // The most resident memory that it ever had, and what it has now.
  std::uint64_t peak_memory_bytes() const { return memory_bytes("VmHWM:"); }
  std::uint64_t memory_bytes() const { return memory_bytes("VmRSS:"); }

 private:
  std::uint64_t memory_bytes(std::string_view key) const;
  bool has_ended() const;
  [[noreturn]] void throw_ended() const;
  void start(const std::vector<std::string>& arguments, int in, int out);

  std::string name_;
  pid_t pid_ = -1;
  int in_ = -1;   // its stdin
  int out_ = -1;  // its stdout
  std::string read_;
};

}  // namespace weir::tools
