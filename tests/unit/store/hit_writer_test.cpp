#include "store/hit_writer.hpp"

#include "tests/unit/store/store_fixture.hpp"

using namespace weir;
using namespace weir::store_test;
using schema::StoreBatch;

namespace {

StoreBatch batch_of_hits(std::size_t successes, std::size_t failures) {
  StoreBatch batch;
  batch.runs = {run_record(1)};
  batch.labels = {label_record(1, 1, "GET /a")};
  batch.hits.assign(successes, hit_record(1, 1, 1'000));
  batch.hits.insert(batch.hits.end(), failures, hit_record(1, 1, 2'000, 500));
  return batch;
}

}  // namespace

TEST_CASE("every part of a hit is in its column", "[store][hit_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  StoreBatch batch = batch_of_hits(1, 1);
  auto& hit = batch.hits[0];
  hit.bytes_sent = 1;
  hit.bytes_received = 2;
  hit.dns = schema::Elapsed{3};
  hit.connect = schema::Elapsed{4};
  hit.tls = schema::Elapsed{5};
  hit.first_byte = schema::Elapsed{6};
  batch.hits[1].error = "refused";
  must_write(writer, batch);
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.rows("SELECT run, label, worker, started_us, elapsed_us, status, success, url, "
                 "bytes_sent, bytes_received, dns_us, connect_us, tls_us, first_byte_us, error "
                 "FROM hits") ==
        std::vector<std::string>{
            "1|1|w1|1795291201000000|1000|200|1|http://h/x|1|2|3|4|5|6|",
            "1|1|w1|1795291201000000|2000|500|0|http://h/x|NULL|NULL|NULL|NULL|NULL|NULL|refused"});
}

TEST_CASE("successes and failures are each kept up to the limit, the rest is counted",
          "[store][hit_writer]") {
  const TempDir dir;
  const std::string kept = "SELECT sum(success), sum(NOT success), hits_not_kept FROM hits, runs";
  {
    auto writer = open_writer(dir / "a.db", 3);
    must_write(writer, batch_of_hits(2, 0));
    RawDatabase raw{dir / "a.db"};
    CHECK(raw.row(kept) == "2|0|0");
    must_write(writer, batch_of_hits(2, 1));
    CHECK(raw.row(kept) == "3|1|1");
    StoreBatch dropped;
    dropped.hits_not_kept = {{1, 10}, {1, 20}};
    must_write(writer, dropped);
    CHECK(raw.row(kept) == "3|1|31");
  }
  // A new writer goes on where the file is.
  auto writer = open_writer(dir / "a.db", 3);
  must_write(writer, batch_of_hits(5, 5));
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row(kept) == "3|3|39");
}

TEST_CASE("with a limit of 0 no hits are kept", "[store][hit_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db", 0);
  must_write(writer, batch_of_hits(2, 1));
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.row("SELECT (SELECT count(*) FROM hits), hits_not_kept FROM runs") == "0|3");
}

TEST_CASE("hits of a batch that failed are not counted as kept", "[store][hit_writer]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db", 3);
  must_write(writer, batch_of_hits(0, 0));
  RawDatabase raw{dir / "a.db"};
  raw.execute("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT raise(ABORT, 'full'); END");
  StoreBatch batch = batch_of_hits(2, 5);
  batch.events.resize(1);  // written last
  const auto refused = writer.write(batch);
  REQUIRE_FALSE(refused.has_value());
  CHECK_THAT(refused.error().detail, Catch::Contains("full"));
  CHECK(raw.row("SELECT (SELECT count(*) FROM hits), hits_not_kept FROM runs") == "0|0");
  raw.execute("DROP TRIGGER full");
  must_write(writer, batch);
  CHECK(raw.row("SELECT sum(success), sum(NOT success), hits_not_kept FROM hits, runs") == "2|3|2");
}
