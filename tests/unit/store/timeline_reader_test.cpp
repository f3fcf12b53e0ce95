#include "store/timeline_reader.hpp"

#include "store/run_reader.hpp"
#include "tests/unit/store/store_fixture.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;
using schema::ErrorCode;
using std::chrono::seconds;

namespace {

// A run with a hit of (second + 1) ms in each of these seconds.
class Seconds {
 public:
  explicit Seconds(const std::vector<std::int64_t>& with_hits) {
    auto writer = open_writer(dir_ / "a.db");
    schema::StoreBatch batch;
    batch.runs.push_back(run_record(1));
    for (const std::int64_t second : with_hits) {
      schema::IntervalRecord interval;
      interval.run = 1;
      interval.start = at_s(second);
      interval.length = seconds{1};
      interval.figures = series_of({(second + 1) * 1'000}, second % 2 == 1 ? 1 : 0);
      interval.figures.bytes_received = schema::ByteSum{10};
      interval.users = second;
      batch.intervals.push_back(interval);
    }
    must_write(writer, batch);
  }

  schema::Result<Timeline> read(TimelineQuery query = {}) {
    query.run = 1;
    return RunReader::open(dir_ / "a.db").value().look([&](Database& database) {
      return read_timeline(database, query);
    });
  }

 private:
  TempDir dir_;
};

std::vector<std::int64_t> upto(std::int64_t count, std::int64_t every = 1) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < count; i += every) all.push_back(i);
  return all;
}

}  // namespace

TEST_CASE("a run without intervals has a timeline without points", "[store][timeline_reader]") {
  CHECK(Seconds{{}}.read()->points.empty());
}

TEST_CASE("intervals add up to longer ones as if their hits had been recorded there",
          "[store][timeline_reader]") {
  Seconds run{upto(20)};
  const auto timeline = run.read({.step = seconds{10}, .ppms = {500'000, 1'000'000}}).value();
  REQUIRE(timeline.points.size() == 2);
  const TimelinePoint& second = timeline.points[1];
  CHECK(second.start == at_s(10));
  CHECK(second.response.count == 10);
  CHECK(second.failed == 5);
  CHECK(second.bytes_received == 100);
  CHECK_FALSE(second.bytes_sent);
  CHECK(second.users == 19);
  CHECK(second.response.min_us == 11'000);
  CHECK(second.response.max_us == 20'000);
  const schema::Sketch truth =
      sketch_of({11'000, 12'000, 13'000, 14'000, 15'000, 16'000, 17'000, 18'000, 19'000, 20'000});
  CHECK(second.response == schema::summarize_durations(truth));
  CHECK(second.extra_us == std::vector<std::int64_t>{*truth.value_at(500'000), 20'000});
}

TEST_CASE("intervals without hits are points of their own", "[store][timeline_reader]") {
  const auto timeline = Seconds{{0, 5}}.read({.step = seconds{1}, .ppms = {1}}).value();
  REQUIRE(timeline.points.size() == 6);
  CHECK(timeline.points[3].response.count == 0);
  CHECK_FALSE(timeline.points[3].response.p50_us);
  CHECK(timeline.points[3].extra_us.empty());
  CHECK_FALSE(timeline.points[3].users);
}

TEST_CASE("points begin at multiples of the step, whatever was asked for",
          "[store][timeline_reader]") {
  Seconds run{upto(20)};
  const auto timeline = run.read({.step = seconds{5}, .from = at_s(7), .to = at_s(16)}).value();
  REQUIRE(timeline.points.size() == 3);
  CHECK(timeline.points[0].start == at_s(5));
  CHECK(timeline.points[0].response.count == 3);  // 7, 8, 9
  CHECK(timeline.points[2].response.count == 1);  // 15
}

TEST_CASE("without a step it is a good one", "[store][timeline_reader]") {
  CHECK(Seconds{upto(1'000, 100)}.read()->step == seconds{1});
  CHECK(Seconds{upto(1'101, 100)}.read()->step == seconds{2});
  CHECK(Seconds{{0, 86'399}}.read()->step == seconds{120});
  CHECK(Seconds{{0, 86'400 * 365}}.read()->step == seconds{86'400});
}

TEST_CASE("a step that does not fit, or would give too many points, is refused",
          "[store][timeline_reader]") {
  Seconds run{{0, 10'000}};
  CHECK(run.read({.step = std::chrono::milliseconds{1'500}}).error().code == ErrorCode::bad_type);
  CHECK(run.read({.step = seconds{1}}).error().code == ErrorCode::out_of_range);
  CHECK(run.read({.step = seconds{2}})->points.size() == 5'001);
  CHECK(run.read({.step = seconds{1}, .from = at_s(1)})->points.size() == 1);
}
