#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "tools/bench_plan.hpp"
#include "tools/bench_process.hpp"
#include "tools/bench_sender.hpp"

namespace weir::tools {

// A process that is measured while it receives what the sender sends. Used by one thread.
class BenchReceiver {
 public:
  struct Received {
    std::chrono::nanoseconds elapsed{0};  // from the first message to the last
    std::optional<double> longest_pause_us;
  };

  BenchReceiver() = default;
  virtual ~BenchReceiver() = default;
  BenchReceiver(const BenchReceiver&) = delete;
  BenchReceiver& operator=(const BenchReceiver&) = delete;

  virtual const BenchProcess& process() const = 0;
  // Where the sender connects to, and in which way.
  virtual BenchOpen open(BenchForm form) const = 0;
  // Before the sender begins: the frames of one part of the run, all of them unless it has several.
  virtual void expect(const BenchCase& of, const std::string& run_id, std::uint64_t frames) = 0;
  // Now and then while the sender sends. Throws std::runtime_error if something is wrong already.
  virtual void look() {}
  // Waits until everything that was sent is there, and idle again. Throws std::runtime_error if it
  // does not become just that.
  virtual Received finish(const BenchSent& sent, StopSignals& signals) = 0;
};

}  // namespace weir::tools
