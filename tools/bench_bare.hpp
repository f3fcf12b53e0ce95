#pragma once

#include <string>

#include "tools/bench_receiver.hpp"

namespace weir::tools {

// The receiver that weir is compared with: BenchPullSocket in a process of its own.
class BenchBare final : public BenchReceiver {
 public:
  explicit BenchBare(StopSignals& signals);

  const BenchProcess& process() const override { return process_; }
  BenchOpen open(BenchForm form) const override;
  void expect(const BenchCase& of, const std::string& run_id, std::uint64_t frames) override;
  Received finish(const BenchSent& sent, StopSignals& signals) override;

 private:
  BenchProcess process_;
  std::string endpoint_;
};

// That process: receives as many frames as each line of stdin says, until there are no more lines.
int run_bench_bare();

}  // namespace weir::tools
