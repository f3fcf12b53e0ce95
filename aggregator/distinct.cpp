#include "aggregator/distinct.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace weir::aggregator {
namespace {

constexpr int kIndexBits = 12;
constexpr std::size_t kRegisters = std::size_t{1} << kIndexBits;

// Spreads the bits of a hash that may be weak in some of them (the finaliser of splitmix64).
std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ULL;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

}  // namespace

void DistinctEstimate::add(std::uint64_t hash) {
  if (!registers_.empty()) {
    add_to_registers(hash);
    return;
  }
  exact_.insert(hash);
  if (exact_.size() <= kExact) return;
  registers_.assign(kRegisters, 0);
  for (const std::uint64_t known : exact_) add_to_registers(known);
  exact_ = {};
}

void DistinctEstimate::add_to_registers(std::uint64_t hash) {
  const std::uint64_t mixed = mix(hash);
  std::uint8_t& reg = registers_[mixed >> (64 - kIndexBits)];
  const std::uint64_t tail = (mixed << kIndexBits) | (std::uint64_t{1} << (kIndexBits - 1));
  reg = std::max(reg, static_cast<std::uint8_t>(std::countl_zero(tail) + 1));
}

std::uint64_t DistinctEstimate::estimate() const {
  if (registers_.empty()) return exact_.size();
  const double m = kRegisters;
  double sum = 0;
  double zeros = 0;
  for (const std::uint8_t reg : registers_) {
    sum += std::ldexp(1.0, -reg);
    zeros += reg == 0 ? 1 : 0;
  }
  const double raw = 0.7213 / (1 + 1.079 / m) * m * m / sum;
  // Below 2.5 m empty registers say more than the harmonic mean (linear counting).
  const double value = raw <= 2.5 * m && zeros > 0 ? m * std::log(m / zeros) : raw;
  return static_cast<std::uint64_t>(std::llround(value));
}

}  // namespace weir::aggregator
