#include <string>

#include "schema/sketch.hpp"

// docs/sketch-format.md describes these bytes.
namespace weir::schema {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kHasSquares = 1;
constexpr std::uint32_t kLastBucket = Sketch::bucket_of(Sketch::kMaxValue);

// Appends numbers, 7 bits a byte, the lowest first. Room is made for several at once.
class Writer {
 public:
  static constexpr std::size_t kLongest = 19;  // bytes of a 128-bit number

  explicit Writer(std::string& out) : out_(out) {}

  void make_room(std::size_t numbers) {
    const std::size_t needed = size_ + numbers * kLongest;
    if (out_.size() < needed) out_.resize(std::max(needed, 2 * out_.size()));
  }
  template <class Number>
  void put(Number value) {
    for (; value >= 0x80; value >>= 7U) byte(static_cast<std::uint8_t>(value) | 0x80U);
    byte(static_cast<std::uint8_t>(value));
  }
  void byte(std::uint8_t value) { out_[size_++] = static_cast<char>(value); }
  void finish() { out_.resize(size_); }

 private:
  std::string& out_;
  std::size_t size_ = out_.size();
};

// Reads from left to right. The first thing that is missing or too large makes ok() false for good
// and every later value 0.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

  std::uint8_t byte() {
    if (!ok_ || rest_.empty()) {
      ok_ = false;
      return 0;
    }
    const auto value = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return value;
  }

  // A number of at most `bits` bits in its shortest form: equal contents have equal bytes.
  Uint128 varint(unsigned bits) {
    Uint128 value = 0;
    for (unsigned shift = 0; shift < bits; shift += 7) {
      const std::uint8_t next = byte();
      const Uint128 part = next & 0x7FU;
      if (bits - shift < 7 && part >> (bits - shift) != 0) break;
      value |= part << shift;
      if (next < 0x80) {
        ok_ = ok_ && (next != 0 || shift == 0);
        return ok_ ? value : 0;
      }
    }
    ok_ = false;
    return 0;
  }

  std::uint64_t number() { return static_cast<std::uint64_t>(varint(64)); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

tl::unexpected<Error> refuse(const char* why) {
  return fail(ErrorCode::bad_type, std::string("sketch: ") + why);
}

}  // namespace

std::string Sketch::serialise() const {
  std::string pairs;
  std::uint64_t buckets = 0;
  std::uint32_t previous = 0;
  Writer writer{pairs};
  for_each([&](std::uint32_t bucket, std::uint64_t count) {
    writer.make_room(2);
    writer.put(bucket - previous);
    writer.put(count);
    previous = bucket;
    ++buckets;
  });
  writer.finish();

  const Figures all = figures();
  std::string out;
  Writer head{out};
  head.make_room(10);
  head.byte(kVersion);
  head.byte(all.squares_known ? kHasSquares : 0);
  head.put(all.count);
  head.put(all.negative);
  head.put(all.clamped);
  head.put(all.sum);
  if (all.squares_known) head.put(all.sum_squares);
  head.put(all.count == 0 ? 0 : static_cast<std::uint64_t>(all.min));
  head.put(static_cast<std::uint64_t>(all.max));
  head.put(buckets);
  head.finish();
  return out + pairs;
}

bool Sketch::extremes_plausible(std::uint64_t min, std::uint64_t max) const {
  const Figures& f = body_->figures;
  if (f.count == 0) return max == 0 && f.negative == 0 && f.clamped == 0;
  if (f.count == 1 && min != max) return false;
  std::uint64_t zeros = 0;
  std::uint32_t first_bucket = kLastBucket + 1;
  std::uint32_t last_bucket = 0;
  std::uint64_t last_count = 0;
  for_each([&](std::uint32_t bucket, std::uint64_t count) {
    first_bucket = std::min(first_bucket, bucket);
    if (bucket == 0) zeros = count;
    last_bucket = bucket;
    last_count = count;
  });
  return first_bucket == bucket_of(min) && last_bucket == bucket_of(max) && f.negative <= zeros &&
         f.clamped <= (max == kMaxValue ? last_count : 0);
}

// The sums must be possible for values that lie in these buckets and between min and max.
bool Sketch::sums_plausible() const {
  const Figures& f = body_->figures;
  if (f.count == 0) return f.sum == 0 && f.sum_squares == 0;
  Uint128 sum_min = 0, sum_max = 0, squares_min = 0, squares_max = 0;
  for_each([&](std::uint32_t bucket, std::uint64_t count) {
    const std::uint64_t lower = bucket == 0 ? 0 : upper_edge(bucket - 1) + 1;
    const Uint128 low = std::max(lower, static_cast<std::uint64_t>(f.min));
    const Uint128 high = std::min(upper_edge(bucket), static_cast<std::uint64_t>(f.max));
    sum_min += low * count;
    sum_max += high * count;
    squares_min += low * low * count;
    squares_max += high * high * count;
  });
  if (f.sum < sum_min || f.sum > sum_max) return false;
  if (!f.squares_known) return true;
  // Around an integer within 1/2 of the mean the squares of whole differences are at least their
  // sum, and (Popoviciu) at most n range^2 / 4 + n / 4.
  const Figures::Centred centred = f.centred();
  const auto range = static_cast<std::uint64_t>(f.max - f.min);
  return f.sum_squares >= squares_min && f.sum_squares <= squares_max &&
         centred.sum_squares >= centred.sum &&
         centred.sum_squares <= (Uint128{range} * range + 1) * f.count / 4;
}

Result<Sketch> Sketch::parse(std::string_view bytes) {
  Reader reader{bytes};
  const std::uint8_t version = reader.byte();
  const std::uint8_t flags = reader.byte();
  if (!reader.ok() || version == 0) return refuse("not a sketch");
  if (version > kVersion || flags > kHasSquares) return refuse("of a newer version");

  Sketch sketch;
  Body& body = sketch.widen();
  Figures& figures = body.figures;
  figures.squares_known = flags == kHasSquares;
  figures.count = reader.number();
  figures.negative = reader.number();
  figures.clamped = reader.number();
  figures.sum = reader.varint(128);
  if (figures.squares_known) figures.sum_squares = reader.varint(128);
  const std::uint64_t min = reader.number();
  const std::uint64_t max = reader.number();
  const std::uint64_t buckets = reader.number();
  if (!reader.ok()) return refuse("cut short");
  if (figures.count > kMaxCount || min > max || max > kMaxValue) return refuse("out of range");
  // What for_each may see, until the extremes have been checked against the buckets.
  figures.min = 0;
  figures.max = kMaxValue;

  std::uint64_t seen = 0;
  std::uint64_t bucket = 0;
  for (std::uint64_t i = 0; i < buckets; ++i) {
    const std::uint64_t delta = reader.number();
    const std::uint64_t count = reader.number();
    if (!reader.ok()) return refuse("cut short");
    const bool ascending = delta > 0 || i == 0;
    if (!ascending || delta > kLastBucket - bucket) return refuse("bucket out of order");
    if (count == 0 || count > figures.count - seen) return refuse("counts do not add up");
    bucket += delta;
    seen += count;
    body.add(static_cast<std::uint32_t>(bucket), count);
  }
  if (seen != figures.count) return refuse("counts do not add up");
  if (!reader.at_end()) return refuse("bytes after the end");
  if (!sketch.extremes_plausible(min, max)) return refuse("extremes do not fit the buckets");
  const Figures none;
  figures.min = seen > 0 ? static_cast<std::int64_t>(min) : none.min;
  figures.max = seen > 0 ? static_cast<std::int64_t>(max) : none.max;
  if (!sketch.sums_plausible()) return refuse("sums do not fit the buckets");
  sketch.shrink();
  return sketch;
}

}  // namespace weir::schema
