#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace weir::schema {

// A sum of bytes, 0 to 2^63 - 1, in eight bytes; unknown until a first number is added. Stops at
// the largest number. A plain value.
class ByteSum {
 public:
  ByteSum() = default;
  // Negative sums are unknown.
  ByteSum(std::int64_t bytes) : bytes_(bytes) {}  // NOLINT(*-explicit-*): a number is a sum
  ByteSum(std::optional<std::int64_t> bytes)      // NOLINT(*-explicit-*): and so is none
      : bytes_(bytes.value_or(kUnknown)) {}

  // Nothing changes if there is no number.
  void add(std::optional<std::int64_t> more) {
    if (!more) return;
    std::int64_t sum = 0;
    const bool overflow = __builtin_add_overflow(get().value_or(0), *more, &sum);
    bytes_ = overflow ? std::numeric_limits<std::int64_t>::max() : sum;
  }

  std::optional<std::int64_t> get() const {
    if (bytes_ < 0) return std::nullopt;
    return bytes_;
  }
  explicit operator bool() const { return bytes_ >= 0; }
  bool operator==(const ByteSum&) const = default;

 private:
  static constexpr std::int64_t kUnknown = -1;
  std::int64_t bytes_ = kUnknown;
};

}  // namespace weir::schema
