#include "store/interval_writer.hpp"

#include <numeric>

#include "tests/unit/store/store_fixture.hpp"

using namespace weir;
using namespace weir::store_test;
using schema::StoreBatch;

namespace {

schema::IntervalRecord second_of(std::int64_t start_s, const std::vector<std::int64_t>& values,
                                 std::uint64_t failed) {
  schema::IntervalRecord interval;
  interval.run = 1;
  interval.start = at_s(start_s);
  interval.length = schema::Elapsed{1'000'000};
  interval.figures = series_of(values, failed);
  return interval;
}

constexpr const char* kFigures =
    "count, failed, sum_us, min_us, max_us, mean_us, sd_us, p50_us, p90_us, p95_us, p99_us, "
    "p999_us, hex(sketch)";

}  // namespace

TEST_CASE("an interval written in parts equals one written at once", "[store][interval_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch;
  batch.runs = {run_record(1), run_record(2)};
  std::vector<std::int64_t> all(1'000);
  std::iota(all.begin(), all.end(), 50'000);
  batch.intervals.push_back(second_of(5, all, 30));
  batch.intervals.back().run = 2;
  batch.intervals.back().users = 20;
  batch.intervals.back().figures.bytes_sent = 12;
  batch.intervals.back().figures.bytes_received = 7;
  // The same in three parts, two of them in one batch.
  batch.intervals.push_back(second_of(5, {all.begin(), all.begin() + 1}, 1));
  batch.intervals.back().figures.bytes_received = 7;
  batch.intervals.back().users = 20;
  batch.intervals.push_back(second_of(5, {all.begin() + 1, all.begin() + 600}, 9));
  batch.intervals.back().figures.bytes_sent = 4;
  batch.intervals.back().users = 10;
  must_write(writer, batch);
  StoreBatch late;
  late.intervals.push_back(second_of(5, {all.begin() + 600, all.end()}, 20));
  late.intervals.back().figures.bytes_sent = 8;
  must_write(writer, late);

  RawDatabase raw{dir / "a.db"};
  const std::string figures =
      std::string{"SELECT start_us, length_us, users, bytes_sent, bytes_received, "} + kFigures +
      " FROM intervals WHERE run = ";
  CHECK(raw.row(figures + "1") == raw.row(figures + "2"));
  CHECK(raw.row("SELECT count, failed, users, bytes_sent, bytes_received FROM intervals "
                "WHERE run = 1") == "1000|30|20|12|7");
}

TEST_CASE("merging with an interval without hits keeps the figures", "[store][interval_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch;
  batch.runs = {run_record(1)};
  batch.intervals = {second_of(1, {}, 0)};
  must_write(writer, batch);
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT count, min_us, users, sketch FROM intervals") == "0|NULL|NULL|NULL");

  StoreBatch more;
  more.intervals = {second_of(1, {1'500}, 1)};
  must_write(writer, more);
  more.intervals = {second_of(1, {}, 0)};
  more.intervals[0].users = 0;
  must_write(writer, more);
  CHECK(raw.row("SELECT count, failed, min_us, p99_us, users FROM intervals") == "1|1|1500|1500|0");
}

TEST_CASE("intervals of other labels, regions and starts stand alone", "[store][interval_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch;
  batch.runs = {run_record(1)};
  batch.labels = {label_record(1, 1, "GET /a")};
  batch.intervals.assign(4, second_of(1, {1'000}, 0));
  batch.intervals[1].label = 1;
  batch.intervals[2].region = "eu";
  batch.intervals[3].start = at_s(2);
  must_write(writer, batch);
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT count(*), min(count), max(count) FROM intervals") == "4|1|1");
}

TEST_CASE("a stored sketch that is broken is replaced and counted, and keeps nothing else out",
          "[store][interval_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch;
  batch.runs = {run_record(1)};
  batch.intervals = {second_of(1, {1'000}, 0)};
  must_write(writer, batch);
  RawDatabase raw{dir / "a.db"};
  raw.execute("UPDATE intervals SET sketch = x'ff00ff'");
  batch.intervals.push_back(second_of(1, {2'000}, 1));
  batch.intervals[1].start = at_s(7);
  must_write(writer, batch);
  CHECK(writer.records_skipped() == 1);
  CHECK(raw.rows("SELECT count, failed, min_us FROM intervals ORDER BY start_us") ==
        std::vector<std::string>{"1|0|1000", "1|1|2000"});
}
