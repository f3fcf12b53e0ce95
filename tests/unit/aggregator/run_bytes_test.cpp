#include "aggregator/run_bytes.hpp"

#include <random>
#include <string>

#include <catch2/catch.hpp>

#include "aggregator/collect.hpp"
#include "aggregator/summarize.hpp"
#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using schema::ErrorCode;
using schema::StoreBatch;
using test::hit;
using test::kNoon;
using test::labelled;
using test::message;
using test::new_run;
using test::tick_until;
using test::timed;
using namespace std::chrono_literals;

Run loaded(const Run& run, const Settings& settings = {}) {
  auto again = load_run(save_run(run), settings);
  REQUIRE(again);
  return std::move(*again);
}

// A bit of everything.
Run full_run() {
  Run run = new_run();
  run.apply(test::with_users(message(schema::StartTestRun{.name = "Nightly",
                                                          .project = "shop",
                                                          .scenario = "soak",
                                                          .tags = {{"k", "v"}},
                                                          .thresholds = {}}),
                             4),
            kNoon);
  for (int i = 0; i < 44; ++i) {
    const auto now = kNoon + 500ms * i;
    const std::string url = "http://h/p" + std::to_string(i % 3);
    schema::AddHit made = hit(url, 1'000 * i, 200 + 100 * (i % 4));
    made.error = "boom";
    run.apply(test::numbered(message(made), static_cast<std::uint64_t>(2 * i), 7), now);
    run.tick(now);
  }
  run.apply(message(schema::StartTest{"t"}, "w2"), kNoon + 22s);
  run.apply(message(schema::AddFailure{"t", {"E", "m", "tb"}}, "w2"), kNoon + 22s);
  run.apply(message(schema::Counter{"widgets", "t"}), kNoon + 22s);
  run.apply(message(schema::SocketMessage{9}), kNoon + 22s);
  run.apply(timed(message(hit()), kNoon + 1s), kNoon + 22s);
  return run;
}

TEST_CASE("a new run and a full one have the same bytes after they were loaded",
          "[aggregator][run_bytes]") {
  for (const Run& run : {new_run(), full_run()}) {
    const std::string bytes = save_run(run);
    CHECK(save_run(run) == bytes);
    CHECK(save_run(loaded(run)) == bytes);
  }
}

// Whoever changes what is saved must also raise kFormat, or older bytes would be misread.
TEST_CASE("the bytes are those of format 5", "[aggregator][run_bytes]") {
  const std::string bytes = save_run(full_run());
  CHECK(bytes[0] == 5);
  CHECK(bytes.size() == 5296);
  std::string checksum;
  for (const char byte : bytes.substr(bytes.size() - 8)) {
    checksum += std::to_string(static_cast<unsigned char>(byte)) + " ";
  }
  CHECK(checksum == "230 225 249 87 147 175 108 62 ");
}

TEST_CASE("equal runs have equal bytes, in whatever order their names came",
          "[aggregator][run_bytes]") {
  Run one = new_run(), two = new_run();
  for (int i = 0; i < 300; ++i) {
    one.apply(message(schema::Counter{"c" + std::to_string(i), "t"}), kNoon);
    two.apply(message(schema::Counter{"c" + std::to_string(299 - i), "t"}), kNoon);
  }
  CHECK(save_run(one) == save_run(two));
}

TEST_CASE("a loaded run collects all its rows again and no closed interval twice",
          "[aggregator][run_bytes]") {
  Run run = full_run();
  StoreBatch before;
  collect(run, before, true);
  run.uncollected().events.clear();
  Run again = loaded(run);
  StoreBatch after;
  collect(again, after, true);
  REQUIRE(before.intervals.size() > 5);
  CHECK(after.intervals.empty());
  CHECK(again.uncollected().events.empty());
  CHECK(again.changed());
  CHECK(after.workers.size() == 2);
  CHECK(after.labels.size() == before.labels.size());
  CHECK(after.tests.size() == 1);
  CHECK(after.counters.size() == 1);
  CHECK(after.sockets.size() == 1);
  CHECK(after.errors.size() == before.errors.size());
  CHECK(after.runs.at(0).tags.at(0).value == "v");
}

TEST_CASE("what was not collected is in the bytes", "[aggregator][run_bytes]") {
  Run run = full_run();
  run.resume(kNoon + 60s);
  const Run::Uncollected own = run.uncollected();
  Run other = loaded(run);
  const Run::Uncollected& again = other.uncollected();
  REQUIRE(own.intervals.size() > 5);
  CHECK(again.intervals.size() == own.intervals.size());
  CHECK(own.late.size() == 2);
  CHECK(again.late.size() == 2);
  CHECK(again.events.size() == own.events.size());
  CHECK(again.events.at(1).worker_id == "w1");
  CHECK(again.events.back().away_from == kNoon + 22s);
}

TEST_CASE("a test that was open when its run was saved is measured after it was loaded",
          "[aggregator][run_bytes]") {
  Run run = loaded(full_run());
  run.apply(message(schema::StopTest{"t"}, "w2"), kNoon + 25s);
  CHECK(run.tests().by_name().at("t").durations.max() == 3'000'000);
}

TEST_CASE("overlapping starts of a test are still measured oldest first",
          "[aggregator][run_bytes]") {
  Run run = new_run();
  for (const auto& at : {kNoon, kNoon + 1s, kNoon + 5s}) {
    run.apply(message(schema::StartTest{"t"}), at);
  }
  run.apply(message(schema::StopTest{"t"}), kNoon + 6s);
  Run again = loaded(run);
  again.apply(message(schema::StopTest{"t"}), kNoon + 8s);
  const schema::Sketch& durations = again.tests().by_name().at("t").durations;
  CHECK(durations.min() == 6'000'000);
  CHECK(durations.max() == 7'000'000);
}

TEST_CASE("what was missing in epochs long gone is still missing", "[aggregator][run_bytes]") {
  Run run = new_run();
  for (std::uint64_t epoch = 1; epoch <= 2 * SequenceTracker::kMaxEpochs; ++epoch) {
    run.apply(test::numbered(message(hit()), 2, epoch), kNoon);
  }
  Run again = loaded(run);
  CHECK(again.find_worker("w1")->sequence.missing() == 2 * SequenceTracker::kMaxEpochs);
  CHECK(again.find_worker("w1")->worker_id == "w1");
}

TEST_CASE("a loaded run knows its duplicates and fills its gaps", "[aggregator][run_bytes]") {
  Run run = loaded(full_run());
  const auto& sequence = run.workers().at("w1").sequence;
  const std::uint64_t missing = sequence.missing();
  CHECK(missing > 0);
  CHECK(run.apply(test::numbered(message(hit()), 10, 7), kNoon + 23s).duplicate);
  CHECK_FALSE(run.apply(test::numbered(message(hit()), 11, 7), kNoon + 23s).duplicate);
  CHECK(sequence.missing() == missing - 1);
}

TEST_CASE("the estimate of different URLs goes on where it was", "[aggregator][run_bytes]") {
  for (const int urls : {900, 3'000}) {
    Run run = new_run();
    const auto hit_urls = [](Run& to, int from, int until) {
      for (int i = from; i < until; ++i) to.apply(message(hit("/p" + std::to_string(i))), kNoon);
    };
    hit_urls(run, 0, urls);
    Run again = loaded(run);
    CHECK(again.labels().urls_distinct() == run.labels().urls_distinct());
    for (Run* one : {&run, &again}) hit_urls(*one, urls / 2, 2 * urls);
    CHECK(again.labels().urls_distinct() == run.labels().urls_distinct());
    CHECK(again.labels().urls_distinct() > static_cast<std::uint64_t>(urls * 18 / 10));
  }
}

TEST_CASE("bytes that were cut short anywhere are refused", "[aggregator][run_bytes]") {
  const std::string bytes = save_run(full_run());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto run = load_run(std::string_view(bytes).substr(0, size), {});
    REQUIRE_FALSE(run);
    REQUIRE(run.error().code == ErrorCode::bad_type);
  }
  CHECK_FALSE(load_run(bytes + '\0', {}));
}

TEST_CASE("bytes with any bit flipped, or many, are refused", "[aggregator][run_bytes]") {
  const std::string bytes = save_run(full_run());
  std::mt19937_64 random{1};
  for (std::size_t bit = 0; bit < 8 * bytes.size(); bit += 1 + random() % 16) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    REQUIRE_FALSE(load_run(damaged, {}));
  }
  for (int i = 0; i < 1'000; ++i) {
    std::string damaged = bytes;
    for (auto left = 1 + random() % 60; left > 0; --left) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    if (damaged != bytes) REQUIRE_FALSE(load_run(damaged, {}));
  }
}

TEST_CASE("bytes of another format are refused as such", "[aggregator][run_bytes]") {
  std::string bytes = save_run(new_run());
  for (const char format : {'\0', '\1', '\xff'}) {
    bytes[0] = format;
    const auto run = load_run(bytes, {});
    REQUIRE_FALSE(run);
    CHECK(run.error().code == ErrorCode::newer_schema);
    CHECK(run.error().detail.find("this weir reads 5") != std::string::npos);
  }
}

TEST_CASE("tables that are larger than new limits stay, and take no more names",
          "[aggregator][run_bytes]") {
  Run big = new_run();
  for (int i = 0; i < 50; ++i) {
    const std::string name = std::to_string(i);
    const std::string label = "label " + name, method = "M" + name, worker = "w" + name;
    const auto seq = static_cast<std::uint64_t>(1 + 3 * i);
    big.apply(test::numbered(message(labelled(label, method), worker), seq, 1), kNoon);
    big.apply(test::numbered(message(labelled(label), "w0"), seq + 1, 1), kNoon);
    big.apply(message(schema::StartTest{name}), kNoon);
    big.apply(message(schema::Counter{name, "t"}), kNoon);
    big.apply(message(schema::AddError{name, {name, "m", {}}}), kNoon);
    big.apply(timed(message(hit()), kNoon - 1s * i), kNoon + 70s);
  }
  const LimitsConfig none{.runs = 1,
                          .closed_runs = 1,
                          .workers_per_run = 1,
                          .workers = 1,
                          .labels_per_run = 1,
                          .methods_per_run = 1,
                          .url_cache_per_run = 1,
                          .tests_per_run = 1,
                          .open_tests_per_run = 1,
                          .counters_per_run = 1,
                          .errors_per_run = 1,
                          .late_intervals_per_run = 1,
                          .sequence_gaps = 1,
                          .text_bytes = 4,
                          .tags_per_run = 1};
  Run run = loaded(big, {none, {}, {}});
  CHECK(save_run(run) == save_run(big));
  const std::size_t labels = run.labels().size();
  CHECK_FALSE(run.has_room_for("one more"));
  for (int i = 0; i < 60; ++i) {
    const std::string name = std::to_string(i);
    run.apply(
        test::numbered(message(labelled("new " + name, "N"), "w0"), 1'000 + 2 * name.size(), 1),
        kNoon + 71s);
    run.apply(message(schema::StopTest{name}), kNoon + 72s);
    run.apply(message(schema::StartTest{"new " + name}), kNoon + 72s);
    run.apply(message(schema::Counter{"new " + name, "t"}), kNoon + 72s);
    run.apply(message(schema::AddError{name, {"new " + name, "m", {}}}), kNoon + 72s);
  }
  tick_until(run, kNoon + 72s, kNoon + 90s);
  // Only (other) came, of each kind; the cut label "new " is one, too.
  CHECK(run.labels().size() <= labels + 2);
  CHECK(run.counters().size() == 51);
  CHECK(run.tests().by_name().size() == 51);
  CHECK(run.counters().at("(other)").count == 60);
  run.end(schema::RunState::finished, kNoon + 91s);
  StoreBatch batch;
  collect(run, batch, true);
  CHECK(summarize(run, kNoon + 91s).hits.count == run.seconds().count());
}

TEST_CASE("the limits of the new settings hold for a loaded run", "[aggregator][run_bytes]") {
  Run run = loaded(new_run(), {{.counters_per_run = 1}, {.idle_timeout = 2s}, {}});
  for (const char* name : {"a", "b", "c"}) run.apply(message(schema::Counter{name, "t"}), kNoon);
  CHECK(run.counters().size() == 2);
  run.tick(kNoon + 2s);
  CHECK(run.ended());
}

}  // namespace
}  // namespace weir::aggregator
