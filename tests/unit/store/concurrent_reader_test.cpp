#include <array>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include "store/run_reader.hpp"
#include "tests/unit/store/store_fixture.hpp"

using namespace weir;
using namespace weir::store_test;

namespace {

constexpr int kBatches = 100;
constexpr int kHitsPerBatch = 50;

schema::StoreBatch batch_of(int number, schema::Sketch& total) {
  schema::StoreBatch batch;
  batch.runs = {run_record(1)};
  batch.labels = {label_record(1, 1, "GET /a")};
  schema::IntervalRecord second;
  second.run = 1;
  second.start = at_s(number);
  second.length = schema::Elapsed{1'000'000};
  for (int i = 0; i < kHitsPerBatch; ++i) {
    second.figures.elapsed.record(1'000 * number + i);
    batch.hits.push_back(hit_record(1, 1, 1'000 * number + i));
  }
  total.merge(second.figures.elapsed);
  batch.intervals = {second};
  batch.runs[0].figures.elapsed = total;
  batch.labels[0].figures.elapsed = total;
  if (number == kBatches) batch.runs[0].state = schema::RunState::finished;
  return batch;
}

// Reads until the run has ended. Each report must be that of one moment: labels, which are read
// after the run, agree with it. Returns how many reports were read, 0 if something was wrong.
int read_until_the_end(const std::filesystem::path& db) {
  auto reader = store::RunReader::open(db);
  if (!reader) return 0;
  for (int reports = 1;; ++reports) {
    const auto report = reader->report(1);
    if (!report) return 0;
    const auto& summary = report->summary;
    if (summary.labels.size() != 1) return 0;
    if (summary.labels[0].response != summary.response) return 0;
    if (summary.hits.count % kHitsPerBatch != 0) return 0;
    if (report->response.count() != summary.hits.count) return 0;
    if (summary.final) return reports;
  }
}

}  // namespace

TEST_CASE("readers in this and another process see whole batches while the writer writes",
          "[store][concurrent_reader]") {
  const TempDir dir;
  const auto db = dir / "a.db";
  schema::Sketch total;
  { must_write(*std::make_unique<store::RunWriter>(open_writer(db)), batch_of(1, total)); }
  std::array<int, 2> ready{};
  REQUIRE(::pipe(ready.data()) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::alarm(120);  // not to outlive a test that fails
    char byte = 0;
    const bool told = ::read(ready[0], &byte, 1) == 1;
    ::_exit(told && read_until_the_end(db) > 0 ? 0 : 1);
  }
  auto writer = open_writer(db);
  REQUIRE(::write(ready[1], "x", 1) == 1);
  int reports = 0;
  std::thread in_this_process{[&] { reports = read_until_the_end(db); }};
  bool all_written = true;
  for (int number = 2; number <= kBatches; ++number) {
    all_written = writer.write(batch_of(number, total)).has_value() && all_written;
  }
  in_this_process.join();
  int status = -1;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(all_written);
  CHECK(reports > 0);
  ::close(ready[0]);
  ::close(ready[1]);

  RawDatabase raw{db};
  CHECK(raw.row("SELECT count, (SELECT sum(count) FROM intervals), (SELECT count(*) FROM hits) "
                "FROM runs") == "5000|5000|5000");
  raw.check_integrity();
}
