#include <cmath>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "aggregator/run.hpp"
#include "aggregator/summarize.hpp"
#include "tests/support/run_messages.hpp"
#include "tests/support/sketch_samples.hpp"

namespace weir::aggregator {
namespace {

using schema::DurationSummary;
using test::hit;
using test::kNoon;
using test::message;
using test::new_run;
using namespace std::chrono_literals;

// The value at nearest rank p (in ppm) of a sorted vector.
std::int64_t at_rank(const std::vector<std::int64_t>& sorted, std::uint64_t ppm) {
  const std::uint64_t n = sorted.size();
  const std::uint64_t rank = std::max<std::uint64_t>(1, (n * ppm + 999'999) / 1'000'000);
  return sorted[rank - 1];
}

void check_percentile(std::optional<std::int64_t> got, std::int64_t truth) {
  REQUIRE(got);
  CHECK(*got >= truth);
  CHECK(*got <= truth + truth / 1'000);
}

void check_durations(const DurationSummary& got, std::vector<std::int64_t> values) {
  CHECK(got.count == values.size());
  if (values.empty()) {
    CHECK(got == DurationSummary{});
    return;
  }
  values = test::taken_as(std::move(values));
  std::ranges::sort(values);
  long double sum = 0, squares = 0;
  for (const std::int64_t value : values) sum += static_cast<long double>(value);
  const long double mean = sum / static_cast<long double>(values.size());
  for (const std::int64_t value : values) {
    squares += (static_cast<long double>(value) - mean) * (static_cast<long double>(value) - mean);
  }
  const long double sd = std::sqrt(squares / static_cast<long double>(values.size()));
  CHECK(got.min_us == values.front());
  CHECK(got.max_us == values.back());
  CHECK(got.mean_us.value_or(-1) == Approx(static_cast<double>(mean)).epsilon(1e-12));
  CHECK(got.sd_us.value_or(-1) == Approx(static_cast<double>(sd)).epsilon(1e-9).margin(1e-6));
  check_percentile(got.p50_us, at_rank(values, 500'000));
  check_percentile(got.p90_us, at_rank(values, 900'000));
  check_percentile(got.p95_us, at_rank(values, 950'000));
  check_percentile(got.p99_us, at_rank(values, 990'000));
  check_percentile(got.p999_us, at_rank(values, 999'000));
}

TEST_CASE("a hit succeeds by its status unless it says so itself", "[aggregator][run]") {
  struct Case {
    int status;
    std::optional<bool> success;
    bool succeeds;
  };
  for (const auto& [status, success, succeeds] : std::vector<Case>{{0, {}, false},
                                                                   {199, {}, false},
                                                                   {200, {}, true},
                                                                   {204, {}, true},
                                                                   {302, {}, true},
                                                                   {399, {}, true},
                                                                   {400, {}, false},
                                                                   {404, {}, false},
                                                                   {500, {}, false},
                                                                   {999, {}, false},
                                                                   {404, true, true},
                                                                   {0, true, true},
                                                                   {200, false, false}}) {
    Run run = new_run();
    schema::AddHit made = hit("http://h/a", 1, status);
    made.success = success;
    run.apply(message(made), kNoon);
    const schema::Summary summary = summarize(run, kNoon + 1s);
    CAPTURE(status, success.value_or(false));
    CHECK(summary.hits.count == 1);
    CHECK(summary.hits.failed == (succeeds ? 0U : 1U));
    CHECK(summary.hits.success_rate == (succeeds ? 1.0 : 0.0));
    CHECK(summary.labels.at(0).failed == (succeeds ? 0U : 1U));
    CHECK(summary.last->failed == (succeeds ? 0U : 1U));
  }
}

TEST_CASE("figures of the run, of labels and of the last second are those of sorted values",
          "[aggregator][run]") {
  for (const test::Sample& sample : test::distributions(3'000, 5)) {
    CAPTURE(sample.name);
    Run run = new_run();
    std::map<std::string, std::vector<std::int64_t>> by_label;
    std::vector<std::int64_t> last;
    schema::Timestamp now = kNoon;
    for (std::size_t i = 0; i < sample.values.size(); ++i) {
      now = kNoon + std::chrono::milliseconds{i * 10};
      const std::string url = std::string("http://h/") + static_cast<char>('a' + i % 3);
      run.apply(message(hit(url, sample.values[i])), now);
      by_label["GET " + url].push_back(sample.values[i]);
      last.push_back(sample.values[i]);
      if (i % 700 != 699) continue;
      check_durations(summarize(run, now).last->response, last);
      run.tick(now);
      run.mark_summary(now);
      last.clear();
    }
    const schema::Summary summary = summarize(run, now);
    check_durations(summary.response, sample.values);
    check_durations(summary.last->response, last);
    REQUIRE(summary.labels.size() == by_label.size());
    for (const schema::LabelSummary& label : summary.labels) {
      check_durations(label.response, by_label.at(label.label));
    }
  }
}

TEST_CASE("statuses and methods are counted for the run and statuses for each label",
          "[aggregator][run]") {
  std::mt19937 random{9};
  Run run = new_run();
  std::map<int, std::uint64_t> statuses;
  std::map<std::string, std::uint64_t> methods;
  std::map<std::string, std::map<int, std::uint64_t>> by_label;
  const std::vector<std::string> names{"GET", "POST", "PUT"};
  for (int i = 0; i < 5'000; ++i) {
    const auto status = static_cast<int>(random() % 1'000);
    const std::string& method = names[random() % names.size()];
    schema::AddHit made = hit("http://h/a", 1, status);
    made.method = method;
    run.apply(message(made), kNoon);
    ++statuses[status];
    ++methods[method];
    ++by_label[method + " http://h/a"][status];
  }
  const schema::Summary summary = summarize(run, kNoon);
  CHECK(summary.status == schema::StatusCounts(statuses.begin(), statuses.end()));
  CHECK(summary.method == schema::NamedCounts(methods.begin(), methods.end()));
  REQUIRE(summary.labels.size() == 3);
  for (const schema::LabelSummary& label : summary.labels) {
    const auto& expected = by_label.at(label.label);
    CHECK(label.status == schema::StatusCounts(expected.begin(), expected.end()));
  }
}

TEST_CASE("bytes are summed where reported and unknown where not", "[aggregator][run]") {
  Run run = new_run();
  run.apply(message(hit()), kNoon);
  CHECK_FALSE(summarize(run, kNoon).hits.bytes_sent);
  schema::AddHit made = hit();
  made.bytes_sent = 0;
  run.apply(message(made), kNoon);
  CHECK(summarize(run, kNoon).hits.bytes_sent == 0);
  CHECK_FALSE(summarize(run, kNoon).hits.bytes_received);
  made.bytes_sent = 7;
  made.bytes_received = std::int64_t{1} << 53;
  for (int i = 0; i < 3; ++i) run.apply(message(made), kNoon);
  const schema::Summary summary = summarize(run, kNoon);
  CHECK(summary.hits.bytes_sent == 21);
  CHECK(summary.hits.bytes_received == 3 * (std::int64_t{1} << 53));
  CHECK(summary.labels.at(0).bytes_sent == 21);
}

TEST_CASE("extreme durations are counted at the ends of the range", "[aggregator][run]") {
  Run run = new_run();
  run.apply(message(hit("http://h/a", 0)), kNoon);
  CHECK(summarize(run, kNoon).response.max_us == 0);
  CHECK(summarize(run, kNoon).response.mean_us == 0.0);
  run.apply(message(hit("http://h/a", schema::Sketch::kMaxValue + 1)), kNoon);
  run.apply(message(hit("http://h/a", std::int64_t{1'000'000'000} * 1'000'000)), kNoon);
  const schema::Summary summary = summarize(run, kNoon);
  CHECK(summary.response.count == 3);
  CHECK(summary.response.min_us == 0);
  CHECK(summary.response.max_us == schema::Sketch::kMaxValue);
  CHECK(run.seconds().total().elapsed.clamped() == 2);
}

TEST_CASE("a failed hit that gives a reason is an error of its label", "[aggregator][run]") {
  Run run = new_run();
  schema::AddHit made = hit("http://h/b", 1, 503);
  run.apply(message(hit()), kNoon);
  run.apply(message(made), kNoon);  // failed, but without a reason
  made.error = "upstream gone";
  run.apply(message(made), kNoon + 1s);
  made.status = 0;
  made.error = "refused";
  run.apply(message(made), kNoon + 2s);
  made.success = true;
  run.apply(message(made), kNoon + 2s);
  REQUIRE(run.errors().groups().size() == 2);
  const auto gone = run.errors().groups().find({ErrorKind::hit, "HTTP 503", "upstream gone", ""});
  REQUIRE(gone != run.errors().groups().end());
  CHECK(gone->second.label == 2);
  CHECK(gone->second.first == kNoon + 1s);
  CHECK(run.errors().groups().contains({ErrorKind::hit, "transport", "refused", ""}));
}

TEST_CASE("every kind of message adds to its own figures", "[aggregator][run]") {
  Run run = new_run();
  run.apply(message(schema::StartTest{"t"}), kNoon);
  run.apply(message(schema::AddSuccess{"t"}), kNoon);
  run.apply(message(schema::AddFailure{"t", {"E", "m", "tb"}}), kNoon);
  run.apply(message(schema::AddError{"t", {"E", "m", "tb"}}), kNoon);
  run.apply(message(schema::StopTest{"t"}), kNoon + 3s);
  run.apply(message(schema::SocketMessage{100}), kNoon);
  run.apply(message(schema::SocketMessage{0}), kNoon);
  run.apply(message(schema::Counter{"widgets", "t"}), kNoon);
  run.apply(message(schema::Counter{"widgets", "u"}), kNoon);
  run.apply(message(schema::Counter{"apples", "u"}), kNoon);
  const schema::Summary summary = summarize(run, kNoon + 10s);
  CHECK(summary.tests == schema::TestsSummary{1, 1, 1, 1, 1, 0.1});
  CHECK(run.tests().by_name().at("t").durations.max() == 3'000'000);
  CHECK(summary.sockets == schema::SocketsSummary{0, 0, 0, 2, 100});
  CHECK(summary.counters == schema::NamedCounts{{"apples", 1}, {"widgets", 2}});
  CHECK(summary.errors_total == 2);
  CHECK(summary.hits.count == 0);
}

TEST_CASE("open sockets are never fewer than none", "[aggregator][run]") {
  Run run = new_run();
  const auto sockets = [&] { return summarize(run, kNoon).sockets; };
  run.apply(message(schema::SocketClose{}), kNoon);
  CHECK(sockets() == schema::SocketsSummary{0, 1, 0, 0, 0});
  for (int i = 0; i < 3; ++i) run.apply(message(schema::SocketOpen{}), kNoon);
  CHECK(sockets() == schema::SocketsSummary{3, 1, 2, 0, 0});
}

TEST_CASE("bytes of sockets stop at the largest number", "[aggregator][run]") {
  Run run = new_run();
  for (int i = 0; i < 5; ++i) {
    run.apply(message(schema::SocketMessage{std::numeric_limits<std::int64_t>::max()}), kNoon);
  }
  CHECK(run.sockets().bytes_received == std::numeric_limits<std::uint64_t>::max());
}

}  // namespace
}  // namespace weir::aggregator
