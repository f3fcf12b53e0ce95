#include <map>
#include <random>

#include <catch2/catch.hpp>

#include "schema/sketch.hpp"
#include "tests/support/sketch_samples.hpp"

using namespace weir::schema;
using weir::test::distributions;
using weir::test::sketch_of;
using weir::test::taken_as;

namespace {

void put(std::string& out, Uint128 value) {
  for (; value > 127; value /= 128) out += static_cast<char>(static_cast<int>(value % 128) + 128);
  out += static_cast<char>(value);
}

// The bytes of docs/sketch-format.md, made from all values.
std::string bytes_of(const std::vector<std::int64_t>& values) {
  Uint128 sum = 0, squares = 0;
  std::uint64_t negative = 0, clamped = 0;
  std::map<std::uint32_t, std::uint64_t> buckets;
  for (const auto value : values) {
    negative += value < 0 ? 1 : 0;
    clamped += value > Sketch::kMaxValue ? 1 : 0;
  }
  std::uint64_t min = UINT64_MAX, max = 0;
  for (const auto value : taken_as(values)) {
    const auto v = static_cast<std::uint64_t>(value);
    sum += v;
    squares += Uint128{v} * v;
    min = std::min(min, v);
    max = std::max(max, v);
    ++buckets[Sketch::bucket_of(v)];
  }
  std::string out{"\1\1", 2};
  const std::uint64_t count = values.size();
  for (const Uint128 number :
       {Uint128{count}, Uint128{negative}, Uint128{clamped}, sum, squares,
        Uint128{count == 0 ? 0 : min}, Uint128{max}, Uint128{buckets.size()}}) {
    put(out, number);
  }
  std::uint32_t previous = 0;
  for (const auto& [bucket, times] : buckets) {
    put(out, bucket - previous);
    put(out, times);
    previous = bucket;
  }
  return out;
}

// A serialised sketch put together from its numbers, right or wrong.
std::string crafted(const std::vector<Uint128>& numbers, int version = 1, int flags = 1) {
  std::string out{static_cast<char>(version), static_cast<char>(flags)};
  for (const Uint128 number : numbers) put(out, number);
  return out;
}

void must_refuse(const std::string& bytes) {
  const auto sketch = Sketch::parse(bytes);
  REQUIRE_FALSE(sketch.has_value());
  CHECK(sketch.error().code == ErrorCode::bad_type);
  CHECK_FALSE(sketch.error().detail.empty());
}

std::vector<std::string> seeds() {
  std::vector<std::string> all{Sketch{}.serialise()};
  for (const std::size_t size : std::initializer_list<std::size_t>{1, 3, 20, 200}) {
    for (const auto& sample : distributions(size, 9)) {
      Sketch sketch = sketch_of(sample.values);
      all.push_back(sketch.serialise());
      sketch.forget_squares();
      all.push_back(sketch.serialise());
    }
  }
  return all;
}

std::string mutated(std::string bytes, std::mt19937_64& random) {
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>{0, limit - 1}(random);
  };
  for (std::size_t change = 0; change <= below(4) && !bytes.empty(); ++change) {
    const std::size_t at = below(bytes.size());
    const auto byte = static_cast<char>(below(256));
    switch (below(4)) {
      case 0:
        bytes[at] = byte;
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
        break;
      case 2:
        bytes.insert(at, 1, byte);
        break;
      default:
        bytes.erase(at, 1 + below(3));
        break;
    }
  }
  return bytes;
}

// Everything a parsed sketch is used for, so that sanitizers see it.
void use(const Sketch& sketch, Sketch& total) {
  total.merge(sketch);
  if (sketch.count() == 0) return;
  const std::int64_t median = *sketch.value_at(500'000);
  CHECK((median >= *sketch.min() && median <= *sketch.max()));
  CHECK((*sketch.mean() >= static_cast<double>(*sketch.min()) - 0.5));
  CHECK((*sketch.mean() <= static_cast<double>(*sketch.max()) + 0.5));
  if (sketch.sd()) CHECK(*sketch.sd() >= 0);
}

}  // namespace

TEST_CASE("the serialised form is as documented", "[schema][sketch]") {
  CHECK(sketch_of({1, 1, 3}).serialise() ==
        std::string("\x01\x01\x03\x00\x00\x05\x0b\x01\x03\x02\x01\x02\x02\x01", 14));
  CHECK(Sketch{}.serialise() == std::string("\x01\x01\0\0\0\0\0\0\0\0", 10));
  for (const std::size_t size : std::initializer_list<std::size_t>{0, 1, 5, 6, 130, 20'000}) {
    for (const auto& sample : distributions(size, size)) {
      INFO(sample.name << " " << size);
      CHECK(sketch_of(sample.values).serialise() == bytes_of(sample.values));
    }
  }
}

TEST_CASE("a sketch comes back from its bytes", "[schema][sketch]") {
  for (const std::size_t size : std::initializer_list<std::size_t>{0, 1, 5, 6, 130, 20'000}) {
    for (const auto& sample : distributions(size, size + 7)) {
      INFO(sample.name << " " << size);
      Sketch sketch = sketch_of(sample.values);
      for (const bool squares : {true, false}) {
        if (!squares) sketch.forget_squares();
        const std::string bytes = sketch.serialise();
        const auto parsed = Sketch::parse(bytes);
        REQUIRE(parsed.has_value());
        CHECK(*parsed == sketch);
        CHECK(parsed->serialise() == bytes);
        CHECK(parsed->count() == sketch.count());
        CHECK(parsed->min() == sketch.min());
        CHECK(parsed->max() == sketch.max());
        CHECK(parsed->sd() == sketch.sd());
        CHECK(parsed->clamped() == sketch.clamped());
        CHECK(parsed->negative() == sketch.negative());
      }
      Sketch again = *Sketch::parse(sketch.serialise());
      again.record(5);
      sketch.record(5);
      CHECK(again == sketch);
    }
  }
}

TEST_CASE("sketches differ when any of their contents do", "[schema][sketch]") {
  const Sketch one = sketch_of({5'000});
  CHECK(one == sketch_of({5'000}));
  CHECK_FALSE(one == sketch_of({5'001}));
  CHECK_FALSE(one == sketch_of({5'000, 5'000}));
  CHECK_FALSE(sketch_of({0}) == sketch_of({-1}));
  CHECK_FALSE(sketch_of({Sketch::kMaxValue}) == sketch_of({Sketch::kMaxValue + 1}));
  CHECK_FALSE(sketch_of({1, 5}) == sketch_of({2, 4}));
  CHECK_FALSE(sketch_of({1, 4, 4}) == sketch_of({2, 2, 5}));
}

TEST_CASE("a sketch cut short or followed by more is refused", "[schema][sketch]") {
  for (const std::string& bytes : seeds()) {
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      must_refuse(bytes.substr(0, length));
    }
    must_refuse(bytes + '\0');
    must_refuse(bytes + bytes);
  }
}

TEST_CASE("random mutations never crash, and what is accepted is canonical", "[schema][sketch]") {
  std::mt19937_64 random{17};
  const std::vector<std::string> all = seeds();
  Sketch total;
  std::size_t accepted = 0, changed_by_reading = 0;
  for (std::size_t i = 0; i < 150'000; ++i) {
    const std::string bytes = mutated(all[i % all.size()], random);
    const auto sketch = Sketch::parse(bytes);
    if (!sketch) continue;
    ++accepted;
    if (sketch->serialise() != bytes) ++changed_by_reading;
    if (accepted % 16 == 0) use(*sketch, total);
  }
  CHECK(changed_by_reading == 0);
  CHECK(accepted > 100);
}

TEST_CASE("random bytes are refused", "[schema][sketch]") {
  std::mt19937_64 random{23};
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(std::uniform_int_distribution<std::size_t>{0, 60}(random), '\0');
    for (auto& byte : bytes) byte = static_cast<char>(random());
    if (bytes.size() > 2) bytes.replace(0, 2, "\1\1");
    const auto sketch = Sketch::parse(bytes);
    if (sketch) CHECK(sketch->serialise() == bytes);
  }
}

TEST_CASE("numbers that contradict each other are refused", "[schema][sketch]") {
  // count, negative, clamped, sum, squares, min, max, buckets, then (delta, count) pairs.
  CHECK(Sketch::parse(crafted({3, 0, 0, 5, 11, 1, 3, 2, 1, 2, 2, 1})).has_value());
  const std::vector<std::vector<Uint128>> wrong{
      {4, 0, 0, 5, 11, 1, 3, 2, 1, 2, 2, 1},  // more values than counts
      {2, 0, 0, 5, 11, 1, 3, 2, 1, 2, 2, 1},  // fewer
      {3, 1, 0, 5, 11, 1, 3, 2, 1, 2, 2, 1},  // a negative one without a zero
      {3, 0, 1, 5, 11, 1, 3, 2, 1, 2, 2, 1},  // a clamped one without a maximum
      {3, 0, 0, 6, 11, 1, 3, 2, 1, 2, 2, 1},  // sum
      {3, 0, 0, 4, 11, 1, 3, 2, 1, 2, 2, 1},
      {3, 0, 0, 5, 12, 1, 3, 2, 1, 2, 2, 1},  // squares
      {3, 0, 0, 5, 10, 1, 3, 2, 1, 2, 2, 1},
      {3, 0, 0, 5, 11, 0, 3, 2, 1, 2, 2, 1},  // min
      {3, 0, 0, 5, 11, 2, 3, 2, 1, 2, 2, 1},
      {3, 0, 0, 5, 11, 1, 2, 2, 1, 2, 2, 1},  // max
      {3, 0, 0, 5, 11, 1, 4, 2, 1, 2, 2, 1},
      {3, 0, 0, 5, 11, 3, 1, 2, 1, 2, 2, 1},  // both swapped
      {3, 0, 0, 5, 11, 1, 3, 1, 1, 2, 2, 1},  // number of buckets
      {3, 0, 0, 5, 11, 1, 3, 3, 1, 2, 2, 1},
      {3, 0, 0, 5, 11, 1, 3, 2, 1, 2, 0, 1},        // the same bucket twice
      {3, 0, 0, 5, 11, 1, 3, 3, 1, 2, 1, 0, 1, 1},  // an empty bucket
      {0, 0, 0, 0, 0, 0, 1, 0},                     // nothing but a maximum
      {0, 0, 0, 1, 0, 0, 0, 0},
      {0, 0, 0, 0, 1, 0, 0, 0},
      {0, 1, 0, 0, 0, 0, 0, 0},
      {0, 0, 1, 0, 0, 0, 0, 0},
      {1, 0, 0, 4'000, 16'000'000, 4'000, 4'001, 1, 3'024, 1},  // one value, two extremes
      // The sums lie between the edges, but no two values there have these squares.
      {2, 0, 0, 8'001, 32'008'002, 4'000, 4'001, 1, 3'024, 2},
  };
  for (std::size_t i = 0; i < wrong.size(); ++i) {
    INFO(i);
    must_refuse(crafted(wrong[i]));
  }
  CHECK(Sketch::parse(crafted({2, 0, 0, 8'001, 32'008'001, 4'000, 4'001, 1, 3'024, 2})));
}

TEST_CASE("numbers out of every range are refused without allocating", "[schema][sketch]") {
  const Uint128 huge = UINT64_MAX;
  const auto max = static_cast<std::uint64_t>(Sketch::kMaxValue);
  const Uint128 last = Sketch::bucket_of(max);
  const Uint128 square = Uint128{max} * max;
  CHECK(Sketch::parse(crafted({1, 0, 1, max, square, max, max, 1, last, 1})).has_value());
  must_refuse(crafted({1, 0, 0, max + 1, 0, max + 1, max + 1, 1, last, 1}));
  must_refuse(crafted({1, 0, 0, max, square, max, max, 1, last + 1, 1}));
  must_refuse(crafted({1, 0, 0, max, square, max, max, 1, huge, 1}));
  must_refuse(crafted({huge, 0, 0, 0, 0, 0, 0, 1, 0, huge}));
  must_refuse(crafted({2, 0, 0, 0, 0, 0, 1, 3, 0, huge, 1, 3}));
  must_refuse(crafted({1, 0, 0, 1, 1, 1, 1, huge, 1, 1}));
  must_refuse(crafted({1, 0, 0, 1, 1, 1, 1, 2, 1, 1, huge, 1}));
  must_refuse(crafted({Sketch::kMaxCount + 1, 0, 0, 0, 0, 0, 0, 1, 0, Sketch::kMaxCount + 1}));
  CHECK(Sketch::parse(crafted({Sketch::kMaxCount, 0, 0, 0, 0, 0, 0, 1, 0, Sketch::kMaxCount})));
}

TEST_CASE("a number longer than it needs to be or than its field is refused", "[schema][sketch]") {
  CHECK(Sketch::parse(std::string("\1\1\0\0\0\0\0\0\0\0", 10)).has_value());
  must_refuse(std::string("\1\1\x80\0\0\0\0\0\0\0\0", 11));
  must_refuse("\1\1" + std::string(9, '\xFF') + '\2' + std::string(7, '\0'));
  must_refuse("\1\1" + std::string(40, '\xFF'));
  must_refuse(std::string("\1\1\0\0\0", 5) + std::string(18, '\x80') + '\4' + std::string(4, '\0'));
  must_refuse(std::string("\1\1\0\0\0", 5) + std::string(30, '\x80'));
}

TEST_CASE("other versions and unknown flags are refused", "[schema][sketch]") {
  const std::vector<Uint128> numbers{0, 0, 0, 0, 0, 0, 0, 0};
  CHECK(Sketch::parse(crafted(numbers)).has_value());
  for (const int version : {0, 2, 100, 255}) must_refuse(crafted(numbers, version));
  for (const int flags : {2, 3, 128, 255}) must_refuse(crafted(numbers, 1, flags));
}
