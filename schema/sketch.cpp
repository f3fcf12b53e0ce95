#include "schema/sketch.hpp"

#include <cassert>
#include <cmath>
#include <utility>

namespace weir::schema {
namespace {

constexpr std::uint32_t kMillion = 1'000'000;
constexpr std::size_t kFirstListed = 16;

}  // namespace

static_assert(sizeof(Sketch) == 32);

Sketch::~Sketch() = default;

Sketch::Sketch(const Sketch& other)
    : few_(other.few_),
      body_(other.body_ == nullptr ? nullptr : std::make_unique<Body>(*other.body_)) {}

Sketch::Sketch(Sketch&& other) noexcept
    : few_(std::exchange(other.few_, {})), body_(std::move(other.body_)) {}

Sketch& Sketch::operator=(const Sketch& other) {
  if (this != &other) *this = Sketch(other);
  return *this;
}

Sketch& Sketch::operator=(Sketch&& other) noexcept {
  if (this == &other) return *this;
  few_ = std::exchange(other.few_, {});
  body_ = std::move(other.body_);
  return *this;
}

std::span<const std::uint64_t> Sketch::few() const {
  return {few_.begin(), std::find(few_.begin(), few_.end(), std::uint64_t{0})};
}

Sketch::Figures Sketch::figures() const {
  if (body_ != nullptr) return body_->figures;
  Figures figures;
  for (const std::uint64_t value : few()) figures.add(value - 1, 1);
  return figures;
}

// False if there is no place left.
bool Sketch::record_few(std::uint64_t value) {
  if (few_.back() != 0) return false;
  const std::size_t size = few().size();
  auto* const end = few_.begin() + size;
  auto* const place = std::upper_bound(few_.begin(), end, value + 1);
  std::move_backward(place, end, end + 1);
  *place = value + 1;
  return true;
}

void Sketch::record_slowly(std::int64_t value, std::uint64_t times) {
  if (times == 0) return;
  const std::int64_t clamped = std::clamp(value, std::int64_t{0}, kMaxValue);
  const auto magnitude = static_cast<std::uint64_t>(clamped);
  if (body_ == nullptr && times == 1 && clamped == value && record_few(magnitude)) return;
  Body& body = widen();
  body.figures.negative += value < 0 ? times : 0;
  body.figures.clamped += value > kMaxValue ? times : 0;
  body.figures.add(magnitude, times);
  body.add(bucket_of(magnitude), times);
}

Sketch::Body& Sketch::widen() {
  if (body_ != nullptr) return *body_;
  auto body = std::make_unique<Body>();
  body->figures = figures();
  for_each([&](std::uint32_t bucket, std::uint64_t count) { body->add(bucket, count); });
  few_ = {};
  body_ = std::move(body);
  return *body_;
}

// Up to three values can be told from their extremes and their sum. REQUIRES: a body.
void Sketch::shrink() {
  const Figures& figures = body_->figures;
  if (figures.count > kFewValues) return;
  Sketch small;
  const auto min = static_cast<std::uint64_t>(figures.min);
  const auto max = static_cast<std::uint64_t>(figures.max);
  if (figures.count > 0) small.record_few(min);
  if (figures.count > 1) small.record_few(max);
  if (figures.count > 2) small.record_few(static_cast<std::uint64_t>(figures.sum) - min - max);
  // What was clamped, or read without its squares, is more than these values.
  if (small == *this) *this = std::move(small);
}

Sketch::Body::Body(const Body& other)
    : figures(other.figures), has_octaves(other.has_octaves), list(other.list) {
  if (has_octaves) merge_octaves(other);
}

void Sketch::Body::add_to_list(std::uint32_t bucket, std::uint64_t times) {
  if (times > kListedValues - list.size()) {
    widen_to_octaves();
    add_to_octaves(bucket, times);
  } else {
    const std::size_t size = list.size() + times;
    if (size > list.capacity()) list.reserve(std::bit_ceil(std::max(size, kFirstListed)));
    list.insert(list.end(), times, static_cast<std::uint16_t>(bucket));
  }
}

// By the lower byte and then, keeping that order, by the upper one.
std::vector<std::uint16_t> Sketch::Body::sorted_list() const {
  std::vector<std::uint16_t> from = list;
  std::vector<std::uint16_t> to(from.size());
  for (const unsigned shift : {0U, 8U}) {
    std::array<std::uint32_t, 257> starts{};
    for (const std::uint16_t bucket : from) ++starts[(bucket >> shift & 0xFFU) + 1];
    for (std::size_t i = 1; i < starts.size(); ++i) starts[i] += starts[i - 1];
    for (const std::uint16_t bucket : from) to[starts[bucket >> shift & 0xFFU]++] = bucket;
    from.swap(to);
  }
  return from;
}

void Sketch::Body::widen_to_octaves() {
  if (std::exchange(has_octaves, true)) return;
  for (const std::uint16_t bucket : std::exchange(list, {})) add_to_octaves(bucket, 1);
}

void Sketch::Body::add_to_octaves(std::uint32_t bucket, std::uint64_t times) {
  const std::size_t octave = bucket >> kOctaveBits;
  const std::size_t place = bucket % kOctaveBuckets;
  if (low[octave] == nullptr) low[octave] = std::make_unique<Block>();
  const std::uint64_t total = count_of(bucket) + times;
  (*low[octave])[place] = static_cast<std::uint32_t>(total);
  const auto high_half = static_cast<std::uint32_t>(total >> 32U);
  if (high_half == 0 && high_of(octave) == nullptr) return;
  if (high == nullptr) high = std::make_unique<Blocks>();
  if ((*high)[octave] == nullptr) (*high)[octave] = std::make_unique<Block>();
  (*(*high)[octave])[place] = high_half;
}

std::uint64_t Sketch::Body::count_of(std::uint32_t bucket) const {
  const std::size_t octave = bucket >> kOctaveBits;
  const std::size_t place = bucket % kOctaveBuckets;
  if (low[octave] == nullptr) return 0;
  const Block* high_block = high_of(octave);
  const std::uint64_t high_half = high_block == nullptr ? 0 : (*high_block)[place];
  return (high_half << 32U) | (*low[octave])[place];
}

namespace {

// Adds all counts, or none and answers false if one of them would not fit.
template <class Block>
bool add_if_fits(Block& to, const Block& from) {
  std::uint32_t carries = 0;
  for (std::size_t i = 0; i < to.size(); ++i) {
    carries |= static_cast<std::uint32_t>(from[i] > ~to[i]);
  }
  if (carries != 0) return false;
  for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  return true;
}

}  // namespace

void Sketch::Body::merge_octave(std::uint32_t octave, const Body& other) {
  if (other.low[octave] == nullptr) return;
  const bool only_low = high_of(octave) == nullptr && other.high_of(octave) == nullptr;
  if (only_low && low[octave] == nullptr) {
    low[octave] = std::make_unique<Block>(*other.low[octave]);
  } else if (!only_low || !add_if_fits(*low[octave], *other.low[octave])) {
    auto add_count = [this](std::uint32_t bucket, std::uint64_t times) {
      add_to_octaves(bucket, times);
    };
    other.for_each_of(octave, add_count);
  }
}

void Sketch::Body::merge_octaves(const Body& other) {
  for (std::uint32_t octave = 0; octave < kOctaves; ++octave) merge_octave(octave, other);
}

void Sketch::Figures::add(const Figures& other) {
  squares_known = squares_known && other.squares_known;
  sum += other.sum;
  sum_squares += other.sum_squares;
  count += other.count;
  clamped += other.clamped;
  negative += other.negative;
  min = std::min(min, other.min);
  max = std::max(max, other.max);
}

void Sketch::merge(const Sketch& other) {
  if (this == &other) return merge(Sketch(other));
  if (other.body_ == nullptr) {
    for (const std::uint64_t value : other.few()) record(static_cast<std::int64_t>(value - 1));
    return;
  }
  Body& body = widen();
  body.figures.add(other.body_->figures);
  if (other.body_->has_octaves) {
    body.widen_to_octaves();
    body.merge_octaves(*other.body_);
  } else {
    for (const std::uint16_t bucket : other.body_->list) body.add(bucket, 1);
  }
}

void Sketch::clear() { *this = Sketch{}; }

void Sketch::forget_squares() {
  Figures& figures = widen().figures;
  figures.squares_known = false;
  figures.sum_squares = 0;
}

std::uint64_t Sketch::count() const {
  return body_ == nullptr ? few().size() : body_->figures.count;
}
std::uint64_t Sketch::clamped() const { return body_ == nullptr ? 0 : body_->figures.clamped; }
std::uint64_t Sketch::negative() const { return body_ == nullptr ? 0 : body_->figures.negative; }
Uint128 Sketch::sum() const { return figures().sum; }

std::optional<std::int64_t> Sketch::min() const {
  if (count() == 0) return std::nullopt;
  return figures().min;
}

std::optional<std::int64_t> Sketch::max() const {
  if (count() == 0) return std::nullopt;
  return figures().max;
}

std::optional<double> Sketch::mean() const {
  if (count() == 0) return std::nullopt;
  const Figures all = figures();
  const Uint128 whole = all.sum / all.count;
  const auto rest = static_cast<long double>(all.sum % all.count);
  return static_cast<double>(static_cast<long double>(whole) +
                             rest / static_cast<long double>(all.count));
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
  const Figures all = figures();
  if (all.count == 0 || !all.squares_known) return std::nullopt;
  const Figures::Centred centred = all.centred();
  const auto n = static_cast<long double>(all.count);
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

std::uint64_t Sketch::Body::chunk_total(std::uint32_t first_bucket) const {
  const std::size_t octave = first_bucket >> kOctaveBits;
  const std::size_t place = first_bucket % kOctaveBuckets;
  if (low[octave] == nullptr) return 0;
  const auto sum = [place](const Block& block) {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i < kChunk; ++i) total += block[place + i];
    return total;
  };
  const Block* high_block = high_of(octave);
  return (high_block == nullptr ? 0 : sum(*high_block) << 32U) + sum(*low[octave]);
}

std::optional<std::int64_t> Sketch::value_at(std::uint32_t ppm) const {
  if (count() == 0) return std::nullopt;
  std::int64_t value = 0;
  values_at({&ppm, 1}, {&value, 1});
  return value;
}

void Sketch::values_at(std::span<const std::uint32_t> ppms, std::span<std::int64_t> out) const {
  assert(out.size() == ppms.size() && std::is_sorted(ppms.begin(), ppms.end()) && count() > 0);
  const Figures all = figures();
  std::fill(out.begin(), out.end(), all.max);
  RankSeeker seeker{all, ppms, out};
  if (body_ == nullptr || !body_->has_octaves) {
    return for_each([&](std::uint32_t bucket, std::uint64_t n) { seeker.see(bucket, n); });
  }
  const std::uint32_t first = bucket_of(static_cast<std::uint64_t>(all.min));
  for (std::uint32_t chunk = first - first % kChunk;
       chunk < kOctaves * kOctaveBuckets && !seeker.done(); chunk += kChunk) {
    if (seeker.skip(body_->chunk_total(chunk))) continue;
    for (std::uint32_t bucket = chunk; bucket < chunk + kChunk; ++bucket) {
      seeker.see(bucket, body_->count_of(bucket));
    }
  }
}

std::size_t Sketch::memory_bytes() const {
  std::size_t bytes = sizeof(Sketch);
  if (body_ == nullptr) return bytes;
  bytes += sizeof(Body) + body_->list.capacity() * sizeof(std::uint16_t);
  const auto blocks = [](const Blocks& all) {
    return sizeof(Block) * static_cast<std::size_t>(std::ranges::count_if(
                               all, [](const auto& block) { return block != nullptr; }));
  };
  bytes += blocks(body_->low);
  if (body_->high != nullptr) bytes += sizeof(Blocks) + blocks(*body_->high);
  return bytes;
}

bool Sketch::operator==(const Sketch& other) const {
  return count() == other.count() && sum() == other.sum() && serialise() == other.serialise();
}

}  // namespace weir::schema
