#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tools/bench_plan.hpp"
#include "tools/bench_receiver.hpp"
#include "tools/bench_statistics.hpp"
#include "tools/progress_line.hpp"

namespace weir::tools {

// One receiver in one round.
struct BenchMeasure {
  std::uint64_t frames = 0;  // with hits in them
  std::uint64_t hits = 0;
  std::uint64_t failed = 0;
  std::uint64_t bytes = 0;
  double elapsed_s = 0;
  double receiver_cpu_ns = 0;  // of all its threads
  double sender_cpu_ns = 0;
  double sender_elapsed_s = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t peak_memory_bytes = 0;  // since the process began
  std::optional<double> longest_pause_us;

  double frames_per_s() const { return static_cast<double>(frames) / elapsed_s; }
  double hits_per_s() const { return static_cast<double>(hits) / elapsed_s; }
  double receiver_ns_per_hit() const { return receiver_cpu_ns / static_cast<double>(hits); }
  double sender_ns_per_hit() const { return sender_cpu_ns / static_cast<double>(hits); }
  // 1 is one core all the time.
  double receiver_cores() const { return receiver_cpu_ns / 1e9 / elapsed_s; }
};

// A row: its rounds, or the steps of its only round.
struct BenchResult {
  BenchCase of;
  std::vector<BenchMeasure> bare;  // empty if the case has none beside it
  std::vector<BenchMeasure> weir;
};

// The spread of one figure over the rounds.
Spread spread_of(const std::vector<BenchMeasure>& rounds, double (BenchMeasure::*figure)() const);
// weir to bare, round by round. REQUIRES: as many of both.
Spread ratio_spread(const BenchResult& result);
// A pace counts as kept if no round took more than a hundredth longer than it should have.
bool pace_kept(const BenchCase& of, const std::vector<BenchMeasure>& rounds);

// Measures cases with one sender for all of them. Used by one thread.
class BenchRounds {
 public:
  // Called with each part of a round of weir as soon as it is measured.
  using Show = std::function<void(const BenchCase&, const std::vector<BenchMeasure>&)>;

  BenchRounds(const BenchOptions& options, Show show);

  // Throws BenchStopped, and std::runtime_error if anything goes wrong or does not add up.
  BenchResult run(const BenchCase& of);

 private:
  std::vector<BenchMeasure> round(const BenchCase& of, BenchReceiver& receiver);
  BenchMeasure part(const BenchCase& of, BenchReceiver& receiver, const std::string& run_id,
                    std::uint64_t frames);
  BenchSent wait_sent(BenchReceiver& receiver);

  const BenchOptions& options_;
  Show show_;
  StopSignals signals_;
  ProgressLine progress_;
  BenchProcess sender_{"sender", {"bench", "--part", "sender"}};
  const BenchProcess* broker_ = nullptr;  // must live, also while the bare loop is measured
  std::string doing_;
  std::uint64_t rounds_ = 0;
};

}  // namespace weir::tools
