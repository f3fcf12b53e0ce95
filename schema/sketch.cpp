#include "schema/sketch.hpp"

#include <cassert>
#include <cmath>
#include <utility>

namespace weir::schema {
namespace {

constexpr std::uint32_t kMillion = 1'000'000;
constexpr std::size_t kFirstListEntries = 16;

}  // namespace

static_assert(sizeof(Sketch) <= 128);

Sketch::Sketch() : tier_(Inline{}) {
  static_assert(bucket_of(kMaxValue) >> kOctaveBits == kOctaves - 1);
  static_assert(bucket_of(kMaxValue) < std::uint64_t{1} << (64 - kEntryCountBits));
}

Sketch::~Sketch() = default;

Sketch::Sketch(const Sketch& other) : figures_(other.figures_) {
  if (const auto* octaves = std::get_if<std::unique_ptr<Octaves>>(&other.tier_)) {
    tier_ = std::make_unique<Octaves>();
    std::get<std::unique_ptr<Octaves>>(tier_)->add(**octaves);
  } else if (const auto* list = std::get_if<List>(&other.tier_)) {
    tier_ = *list;
  } else {
    tier_ = std::get<Inline>(other.tier_);
  }
}

Sketch::Sketch(Sketch&& other) noexcept
    : figures_(std::exchange(other.figures_, Figures{})), tier_(std::move(other.tier_)) {
  other.tier_ = Inline{};
}

Sketch& Sketch::operator=(const Sketch& other) {
  if (this != &other) *this = Sketch(other);
  return *this;
}

Sketch& Sketch::operator=(Sketch&& other) noexcept {
  if (this == &other) return *this;
  figures_ = std::exchange(other.figures_, Figures{});
  tier_ = std::move(other.tier_);
  other.tier_ = Inline{};
  return *this;
}

std::int64_t Sketch::clamp_value(std::int64_t value, std::uint64_t times) {
  if (value < 0) {
    figures_.negative += times;
    return 0;
  }
  figures_.clamped += times;
  return kMaxValue;
}

std::span<const Sketch::Entry> Sketch::entries() const {
  if (const auto* list = std::get_if<List>(&tier_)) return *list;
  const auto* few = std::get_if<Inline>(&tier_);
  if (few == nullptr) return {};
  return {few->begin(), std::find(few->begin(), few->end(), Entry{0})};
}

void Sketch::add_to_entries(std::uint32_t bucket, std::uint64_t times) {
  const std::span<const Entry> all = entries();
  const auto found = std::lower_bound(all.begin(), all.end(), make_entry(bucket, 0));
  const auto place = static_cast<std::size_t>(found - all.begin());
  const bool known = found != all.end() && entry_bucket(*found) == bucket;
  const std::uint64_t before = known ? entry_count(*found) : 0;
  if (times > kEntryCountMax - before) {
    widen_to_octaves().add(bucket, times);
  } else if (!known) {
    insert_entry(place, make_entry(bucket, times));
  } else if (auto* list = std::get_if<List>(&tier_)) {
    (*list)[place] += times;
  } else {
    std::get<Inline>(tier_)[place] += times;
  }
}

void Sketch::insert_entry(std::size_t place, Entry entry) {
  if (auto* few = std::get_if<Inline>(&tier_)) {
    if (few->back() == 0) {
      auto* at = few->begin() + place;
      std::move_backward(at, few->end() - 1, few->end());
      *at = entry;
      return;
    }
    List list;
    list.reserve(kFirstListEntries);
    list.assign(few->begin(), few->end());
    tier_ = std::move(list);
  }
  auto& list = std::get<List>(tier_);
  if (list.size() == kListEntries) {
    widen_to_octaves().add(entry_bucket(entry), entry_count(entry));
  } else {
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(place), entry);
  }
}

Sketch::Octaves& Sketch::widen_to_octaves() {
  if (auto* octaves = std::get_if<std::unique_ptr<Octaves>>(&tier_)) return **octaves;
  auto octaves = std::make_unique<Octaves>();
  for (const Entry entry : entries()) octaves->add(entry_bucket(entry), entry_count(entry));
  tier_ = std::move(octaves);
  return *std::get<std::unique_ptr<Octaves>>(tier_);
}

void Sketch::Octaves::add(std::uint32_t bucket, std::uint64_t times) {
  const std::size_t octave = bucket >> kOctaveBits;
  const std::size_t place = bucket % kOctaveBuckets;
  if (low[octave] == nullptr) low[octave] = std::make_unique<Block>();
  const std::uint64_t total = count_of(bucket) + times;
  (*low[octave])[place] = static_cast<std::uint32_t>(total);
  const auto high_half = static_cast<std::uint32_t>(total >> 32U);
  if (high_half > 0 && high[octave] == nullptr) high[octave] = std::make_unique<Block>();
  if (high[octave] != nullptr) (*high[octave])[place] = high_half;
}

// Adds all counts, or none and answers false if one of them would not fit.
bool Sketch::Octaves::add_low(Block& to, const Block& from) {
  std::uint32_t carries = 0;
  for (std::size_t i = 0; i < to.size(); ++i) {
    carries |= static_cast<std::uint32_t>(from[i] > ~to[i]);
  }
  if (carries != 0) return false;
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  return true;
}

void Sketch::Octaves::add(const Octaves& other) {
  for (std::uint32_t octave = 0; octave < kOctaves; ++octave) {
    if (other.low[octave] == nullptr) continue;
    if (low[octave] == nullptr) {
      low[octave] = std::make_unique<Block>(*other.low[octave]);
      if (other.high[octave] != nullptr)
        high[octave] = std::make_unique<Block>(*other.high[octave]);
      continue;
    }
    if (high[octave] == nullptr && other.high[octave] == nullptr) {
      if (add_low(*low[octave], *other.low[octave])) continue;
    }
    auto add_count = [this](std::uint32_t bucket, std::uint64_t times) { add(bucket, times); };
    other.for_each(octave, add_count);
  }
}

void Sketch::merge(const Sketch& other) {
  if (this == &other) return merge(Sketch(other));
  const Figures& from = other.figures_;
  figures_.squares_known = figures_.squares_known && from.squares_known;
  figures_.sum += from.sum;
  figures_.sum_squares += from.sum_squares;
  figures_.count += from.count;
  figures_.clamped += from.clamped;
  figures_.negative += from.negative;
  figures_.min = std::min(figures_.min, from.min);
  figures_.max = std::max(figures_.max, from.max);
  if (const auto* octaves = std::get_if<std::unique_ptr<Octaves>>(&other.tier_)) {
    widen_to_octaves().add(**octaves);
  } else {
    for (const Entry entry : other.entries()) add(entry_bucket(entry), entry_count(entry));
  }
}

void Sketch::clear() {
  figures_ = Figures{};
  tier_ = Inline{};
}

void Sketch::forget_squares() { figures_.squares_known = false; }

std::uint64_t Sketch::count() const { return figures_.count; }
std::uint64_t Sketch::clamped() const { return figures_.clamped; }
std::uint64_t Sketch::negative() const { return figures_.negative; }
Uint128 Sketch::sum() const { return figures_.sum; }

std::optional<std::int64_t> Sketch::min() const {
  if (figures_.count == 0) return std::nullopt;
  return figures_.min;
}

std::optional<std::int64_t> Sketch::max() const {
  if (figures_.count == 0) return std::nullopt;
  return figures_.max;
}

std::optional<double> Sketch::mean() const {
  if (figures_.count == 0) return std::nullopt;
  const Uint128 whole = figures_.sum / figures_.count;
  const auto rest = static_cast<long double>(figures_.sum % figures_.count);
  return static_cast<double>(static_cast<long double>(whole) +
                             rest / static_cast<long double>(figures_.count));
}

Sketch::Figures::Centred Sketch::Figures::centred() const {
  // With c the rounded mean: sum (v - c)^2 = sum v^2 - 2 c sum v + n c^2. The parts may exceed 128
  // bits, their total does not, and unsigned arithmetic is exact modulo 2^128.
  const Uint128 centre = (sum + count / 2) / count;
  const Uint128 at_centre = centre * count;
  return {sum_squares - 2 * centre * sum + centre * at_centre,
          sum > at_centre ? sum - at_centre : at_centre - sum};
}

std::optional<double> Sketch::sd() const {
  if (figures_.count == 0 || !figures_.squares_known) return std::nullopt;
  const Figures::Centred centred = figures_.centred();
  const auto n = static_cast<long double>(figures_.count);
  const long double shift = static_cast<long double>(centred.sum) / n;
  const long double variance = static_cast<long double>(centred.sum_squares) / n - shift * shift;
  return static_cast<double>(std::sqrt(std::max(variance, 0.0L)));
}

// Answers ascending percentiles while the counts go by in ascending order.
class Sketch::RankSeeker {
 public:
  RankSeeker(const Figures& figures, std::span<const std::uint32_t> ppms,
             std::span<std::int64_t> out)
      : figures_(figures), ppms_(ppms), out_(out) {
    seek_next();
  }

  // Whether none of the answers lies among the next `times` values, which then count as seen.
  bool skip(std::uint64_t times) {
    if (seen_ + times >= rank_) return false;
    seen_ += times;
    return true;
  }

  void see(std::uint32_t bucket, std::uint64_t times) {
    seen_ += times;
    for (; next_ < out_.size() && seen_ >= rank_; ++next_, seek_next()) {
      const auto edge = static_cast<std::int64_t>(upper_edge(bucket));
      out_[next_] = std::clamp(edge, figures_.min, figures_.max);
    }
  }

  bool done() const { return next_ == out_.size(); }

 private:
  void seek_next() {
    if (done()) return;
    const Uint128 rank = (Uint128{figures_.count} * ppms_[next_] + kMillion - 1) / kMillion;
    rank_ = std::max(static_cast<std::uint64_t>(rank), std::uint64_t{1});
  }

  const Figures& figures_;
  std::span<const std::uint32_t> ppms_;
  std::span<std::int64_t> out_;
  std::size_t next_ = 0;
  std::uint64_t rank_ = 0;
  std::uint64_t seen_ = 0;
};

std::uint64_t Sketch::Octaves::chunk_total(std::uint32_t first_bucket) const {
  const std::size_t octave = first_bucket >> kOctaveBits;
  const std::size_t place = first_bucket % kOctaveBuckets;
  if (low[octave] == nullptr) return 0;
  const auto sum = [place](const Block& block) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < kChunk; ++i) total += block[place + i];
    return total;
  };
  const std::uint64_t high_total = high[octave] == nullptr ? 0 : sum(*high[octave]);
  return (high_total << 32U) + sum(*low[octave]);
}

std::optional<std::int64_t> Sketch::value_at(std::uint32_t ppm) const {
  if (figures_.count == 0) return std::nullopt;
  std::int64_t value = 0;
  values_at({&ppm, 1}, {&value, 1});
  return value;
}

void Sketch::values_at(std::span<const std::uint32_t> ppms, std::span<std::int64_t> out) const {
  assert(out.size() == ppms.size() && std::is_sorted(ppms.begin(), ppms.end()) && count() > 0);
  std::fill(out.begin(), out.end(), figures_.max);
  RankSeeker seeker{figures_, ppms, out};
  const auto* octaves = std::get_if<std::unique_ptr<Octaves>>(&tier_);
  if (octaves == nullptr) {
    for (const Entry entry : entries()) seeker.see(entry_bucket(entry), entry_count(entry));
    return;
  }
  const std::uint32_t first = bucket_of(static_cast<std::uint64_t>(figures_.min));
  for (std::uint32_t chunk = first - first % kChunk;
       chunk < kOctaves * kOctaveBuckets && !seeker.done(); chunk += kChunk) {
    if (seeker.skip((*octaves)->chunk_total(chunk))) continue;
    for (std::uint32_t bucket = chunk; bucket < chunk + kChunk; ++bucket) {
      seeker.see(bucket, (*octaves)->count_of(bucket));
    }
  }
}

std::size_t Sketch::memory_bytes() const {
  std::size_t bytes = sizeof(Sketch);
  if (const auto* list = std::get_if<List>(&tier_)) bytes += list->capacity() * sizeof(Entry);
  if (const auto* octaves = std::get_if<std::unique_ptr<Octaves>>(&tier_)) {
    bytes += sizeof(Octaves);
    for (const auto& block : (*octaves)->low) bytes += block == nullptr ? 0 : sizeof(Block);
    for (const auto& block : (*octaves)->high) bytes += block == nullptr ? 0 : sizeof(Block);
  }
  return bytes;
}

bool Sketch::operator==(const Sketch& other) const {
  return count() == other.count() && sum() == other.sum() && serialise() == other.serialise();
}

}  // namespace weir::schema
