#include <random>

#include <catch2/catch.hpp>

#include "schema/sketch.hpp"
#include "tests/support/sketch_samples.hpp"

using namespace weir::schema;
using weir::test::distributions;
using weir::test::sketch_of;

namespace {

std::vector<Sketch> split(const std::vector<std::int64_t>& values, std::size_t parts,
                          std::mt19937_64& random) {
  std::vector<Sketch> sketches(parts);
  std::uniform_int_distribution<std::size_t> part{0, parts - 1};
  for (const auto value : values) sketches[part(random)].record(value);
  return sketches;
}

Sketch merged_in_order(const std::vector<Sketch>& parts) {
  Sketch total;
  for (const Sketch& part : parts) total.merge(part);
  return total;
}

// Joins random pairs until one is left.
Sketch merged_as_tree(std::vector<Sketch> parts, std::mt19937_64& random) {
  while (parts.size() > 1) {
    std::shuffle(parts.begin(), parts.end(), random);
    const Sketch last = std::move(parts.back());
    parts.pop_back();
    parts.front().merge(last);
  }
  return std::move(parts.front());
}

// One sketch of each tier: inline entries, list, octaves, octaves with 64-bit counts.
std::vector<Sketch> one_of_each_tier() {
  std::vector<Sketch> tiers(5);
  tiers[1].record(70);
  for (std::int64_t i = 0; i < 50; ++i) tiers[2].record(i * 1'000);
  for (std::int64_t i = 0; i < 500; ++i) tiers[3].record(i * 10'000);
  tiers[4] = tiers[3];
  tiers[4].record(70, std::uint64_t{1} << 40U);
  return tiers;
}

}  // namespace

TEST_CASE("merging any split in any order or tree equals the whole", "[schema][sketch]") {
  std::mt19937_64 random{11};
  for (const std::size_t size :
       std::initializer_list<std::size_t>{1, 4, 6, 30, 130, 2'000, 30'000}) {
    for (const auto& sample : distributions(size, size)) {
      INFO(sample.name << " " << size);
      const Sketch whole = sketch_of(sample.values);
      const std::string bytes = whole.serialise();
      for (const std::size_t count : std::initializer_list<std::size_t>{1, 2, 3, 10, 100}) {
        std::vector<Sketch> parts = split(sample.values, count, random);
        CHECK(merged_in_order(parts).serialise() == bytes);
        std::reverse(parts.begin(), parts.end());
        CHECK(merged_in_order(parts).serialise() == bytes);
        CHECK(merged_as_tree(parts, random).serialise() == bytes);
        CHECK(merged_in_order(parts) == whole);
      }
    }
  }
}

TEST_CASE("sketches of every tier merge with every other", "[schema][sketch]") {
  const std::vector<Sketch> tiers = one_of_each_tier();
  for (const Sketch& left : tiers) {
    for (const Sketch& right : tiers) {
      Sketch expected;
      for (const Sketch* side : {&left, &right}) {
        side->for_each([&](std::uint32_t bucket, std::uint64_t count) {
          expected.record(static_cast<std::int64_t>(Sketch::upper_edge(bucket)), count);
        });
      }
      Sketch sum = left;
      sum.merge(right);
      CHECK(sum.count() == expected.count());
      std::vector<std::pair<std::uint32_t, std::uint64_t>> got, wanted;
      sum.for_each(
          [&](std::uint32_t bucket, std::uint64_t count) { got.emplace_back(bucket, count); });
      expected.for_each(
          [&](std::uint32_t bucket, std::uint64_t count) { wanted.emplace_back(bucket, count); });
      CHECK(got == wanted);
      Sketch reversed = right;
      reversed.merge(left);
      CHECK(reversed == sum);
    }
  }
}

TEST_CASE("merging a sketch into itself doubles it", "[schema][sketch]") {
  for (Sketch sketch : one_of_each_tier()) {
    const Sketch copy = sketch;
    Sketch twice = copy;
    twice.merge(copy);
    sketch.merge(sketch);
    CHECK(sketch == twice);
    CHECK(sketch.count() == 2 * copy.count());
  }
}

TEST_CASE("counts go beyond 32 bits in every tier", "[schema][sketch]") {
  constexpr std::uint64_t kTimes = 3'000'000'000;
  for (Sketch sketch : one_of_each_tier()) {
    const std::uint64_t before = sketch.count();
    for (int i = 0; i < 3; ++i) sketch.record(1'234'567, kTimes);
    for (int i = 0; i < 3; ++i) sketch.record(5, 1);
    Sketch other;
    other.record(1'234'567, kTimes);
    sketch.merge(other);
    sketch.merge(sketch);
    CHECK(sketch.count() == 2 * (before + 4 * kTimes + 3));
    std::uint64_t total = 0, at_value = 0;
    sketch.for_each([&](std::uint32_t bucket, std::uint64_t count) {
      total += count;
      if (bucket == Sketch::bucket_of(1'234'567)) at_value = count;
    });
    CHECK(total == sketch.count());
    CHECK(at_value == 8 * kTimes);
    // The fifth sketch has more values at 70.
    const std::int64_t edge = std::min(*sketch.max(), std::int64_t{1'234'943});
    CHECK(sketch.value_at(500'000) == (before < 10'000 ? edge : 70));
    const auto parsed = Sketch::parse(sketch.serialise());
    REQUIRE(parsed.has_value());
    CHECK(*parsed == sketch);
  }
}

TEST_CASE("a count passes 32 bits one by one", "[schema][sketch]") {
  Sketch sketch;
  for (std::int64_t i = 0; i < 500; ++i) sketch.record(i * 10'000);
  sketch.record(70, UINT32_MAX);
  for (int i = 0; i < 3; ++i) sketch.record(70);
  std::uint64_t at_70 = 0;
  sketch.for_each([&](std::uint32_t bucket, std::uint64_t count) {
    if (bucket == 70) at_70 = count;
  });
  CHECK(at_70 == std::uint64_t{UINT32_MAX} + 3);
}

TEST_CASE("a count passes what a list entry holds", "[schema][sketch]") {
  constexpr std::uint64_t kEntryMax = (std::uint64_t{1} << 48U) - 1;
  Sketch sketch;
  sketch.record(70, kEntryMax);
  sketch.record(3'000, 1);
  sketch.record(70, 2);
  CHECK(sketch.count() == kEntryMax + 3);
  CHECK(sketch.value_at(500'000) == 70);
  CHECK(sketch.max() == 3'000);
  std::uint64_t at_70 = 0;
  sketch.for_each([&](std::uint32_t bucket, std::uint64_t count) {
    if (bucket == 70) at_70 = count;
  });
  CHECK(at_70 == kEntryMax + 2);
  Sketch direct;
  direct.record(70, kEntryMax + 2);
  direct.record(3'000);
  CHECK(direct == sketch);
}

TEST_CASE("unknown squares stay unknown through merges", "[schema][sketch]") {
  Sketch known;
  known.record(5, 2);
  CHECK(known.sd() == 0.0);
  Sketch unknown;
  unknown.record(7);
  unknown.forget_squares();
  CHECK_FALSE(unknown.sd().has_value());
  CHECK(unknown.mean() == 7.0);

  Sketch left = known;
  left.merge(unknown);
  Sketch right = unknown;
  right.merge(known);
  CHECK_FALSE(left.sd().has_value());
  CHECK(left == right);
  left.record(9);
  CHECK_FALSE(left.sd().has_value());
  CHECK_FALSE(left == known);

  Sketch empty_but_unknown;
  empty_but_unknown.forget_squares();
  Sketch from_empty = known;
  from_empty.merge(empty_but_unknown);
  CHECK_FALSE(from_empty.sd().has_value());
  Sketch still_known = known;
  still_known.merge(Sketch{});
  CHECK(still_known == known);

  left.clear();
  left.record(5, 2);
  CHECK(left == known);
}

TEST_CASE("a copy is independent, a moved-from sketch is empty and usable", "[schema][sketch]") {
  for (const Sketch& tier : one_of_each_tier()) {
    const std::string bytes = tier.serialise();
    Sketch copy = tier;
    copy.record(123);
    CHECK(tier.serialise() == bytes);
    CHECK_FALSE(copy == tier);
    copy = tier;
    CHECK(copy == tier);
    const Sketch& alias = copy;
    copy = alias;
    CHECK(copy.serialise() == bytes);

    Sketch moved = std::move(copy);
    CHECK(moved.serialise() == bytes);
    CHECK(copy == Sketch{});  // NOLINT(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
    copy.record(9);
    CHECK(copy.count() == 1);
    copy = std::move(moved);
    CHECK(copy.serialise() == bytes);
    CHECK(moved == Sketch{});  // NOLINT(bugprone-use-after-move,clang-analyzer-cplusplus.Move)
    Sketch& self = copy;
    copy = std::move(self);
    CHECK(copy.serialise() == bytes);
    copy.clear();
    CHECK(copy == Sketch{});
    CHECK(copy.memory_bytes() == sizeof(Sketch));
  }
}

TEST_CASE("memory grows tier by tier with the buckets in use", "[schema][sketch]") {
  std::mt19937_64 random{5};
  for (const char* order : {"ascending", "descending", "random"}) {
    std::vector<std::int64_t> values(600);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = 1'000 + static_cast<std::int64_t>(i) * 7;
    }
    if (order[0] == 'd') std::reverse(values.begin(), values.end());
    if (order[0] == 'r') std::shuffle(values.begin(), values.end(), random);
    INFO(order);
    Sketch sketch;
    for (std::size_t used = 1; used <= values.size(); ++used) {
      sketch.record(values[used - 1]);
      sketch.record(values[0]);
      std::vector<std::int64_t> expected(values.begin(),
                                         values.begin() + static_cast<std::ptrdiff_t>(used));
      expected.insert(expected.end(), used, values[0]);
      CHECK(sketch == sketch_of(expected));
      const std::size_t extra = sketch.memory_bytes() - sizeof(Sketch);
      constexpr std::size_t kBody = 400;
      if (2 * used <= 3) CHECK(extra == 0);
      if (2 * used > 3 && 2 * used <= 1'024) CHECK((extra > 0 && extra <= kBody + 2'048));
      if (2 * used > 1'024) CHECK((extra > 4'096 && extra < kBody + 4 * 4'096));
    }
  }
  CHECK(sizeof(Sketch) == 32);
}

TEST_CASE("a sketch of up to three values holds them as they are", "[schema][sketch]") {
  for (const std::vector<std::int64_t>& values : {std::vector<std::int64_t>{},
                                                  {0},
                                                  {Sketch::kMaxValue},
                                                  {7, 7},
                                                  {5'000'001, 0},
                                                  {86'399'999'999, 5'000'001, 5'000'003},
                                                  {3'000, 2'999, 1}}) {
    const Sketch sketch = sketch_of(values);
    CHECK(sketch.memory_bytes() == sizeof(Sketch));
    const auto read = Sketch::parse(sketch.serialise());
    REQUIRE(read);
    CHECK(read->memory_bytes() == sizeof(Sketch));
    Sketch wide = *read;
    for (int i = 0; i < 200; ++i) wide.record(i);
    std::vector<std::int64_t> all = values;
    for (int i = 0; i < 200; ++i) all.push_back(i);
    CHECK(wide.sum() == sketch_of(all).sum());
    CHECK(wide == sketch_of(all));
  }
  Sketch clamped;
  clamped.record(-1);
  clamped.record(Sketch::kMaxValue + 1);
  const auto read = Sketch::parse(clamped.serialise());
  REQUIRE(read);
  CHECK(read->clamped() == 1);
  CHECK(read->negative() == 1);
}
