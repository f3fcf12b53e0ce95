#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

namespace weir::aggregator {

// Estimates how many different values were seen from their 64-bit hashes: exact up to 1,000, then
// within about 3 % (HyperLogLog with 4,096 registers: Flajolet, Fusy, Gandouet, Meunier, 2007;
// standard error 1.04 / sqrt(4096)). At most about 48 KiB.
class DistinctEstimate {
 public:
  static constexpr std::size_t kExact = 1'000;

  void add(std::uint64_t hash);
  std::uint64_t estimate() const;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(exact_, registers_);
  }

 private:
  void add_to_registers(std::uint64_t hash);

  std::unordered_set<std::uint64_t> exact_;
  std::vector<std::uint8_t> registers_;  // empty while exact
};

}  // namespace weir::aggregator
