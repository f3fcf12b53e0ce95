#include <map>
#include <sstream>

#include "tests/unit/store/store_fixture.hpp"
#include "tests/unit/store/two_runs.hpp"

using namespace weir;
using namespace weir::store_test;

namespace {

constexpr const char* kFigures =
    "count failed sum_us min_us max_us mean_us sd_us p50_us p90_us p95_us p99_us p999_us sketch";

// What users were promised, whatever else a table may have.
const std::map<std::string, std::string>& promised_columns() {
  static const std::string figures_and_bytes = std::string{kFigures} + " bytes_sent bytes_received";
  static const std::map<std::string, std::string> columns{
      {"runs",
       "id run_id name project scenario source state result started_us ended_us users_max workers "
       "tags note baseline hits_not_kept broker_version " +
           figures_and_bytes},
      {"workers", "run worker_id region first_us last_us messages missing duplicate late"},
      {"labels", "id run region label name method url " + figures_and_bytes},
      {"intervals", "run label region start_us length_us users " + figures_and_bytes},
      {"status_counts", "run label status count"},
      {"tests", std::string{"run test started finished success failure error "} + kFigures},
      {"counters", "run name count"},
      {"metrics", "run name kind unit value count sum min max sketch"},
      {"monitors", "run host time_us cpu memory"},
      {"thresholds", "run source expression value threshold state since_us"},
      {"sockets", "run opened closed messages bytes_received"},
      {"errors", "run kind class message traceback label test count first_us last_us"},
      {"hits",
       "run label worker started_us elapsed_us status success url bytes_sent bytes_received dns_us "
       "connect_us tls_us first_byte_us error"},
      {"rejects", "run reason count"},
      {"reject_samples", "run reason"},
      {"events", "run time_us kind detail"},
      {"run_summary", "run run_id"},
      {"label_summary", "run run_id label p95_ms"},
      {"timeline", "run run_id time rate failed p50_ms p95_ms p99_ms users"},
      {"error_summary", "run run_id class message count"},
  };
  return columns;
}

}  // namespace

TEST_CASE("every promised table and view has every promised column", "[store][schema]") {
  const TempDir dir;
  open_writer(dir / "a.db");
  RawDatabase raw{dir / "a.db"};
  for (const auto& [table, columns] : promised_columns()) {
    std::istringstream names{columns};
    for (std::string name; names >> name;) {
      INFO(table << "." << name);
      CHECK(raw.row("SELECT count(*) FROM pragma_table_info('" + table + "') WHERE name = '" +
                    name + "'") == "1");
    }
  }
}

TEST_CASE("tables are strict and take no other kind of value", "[store][schema]") {
  const TempDir dir;
  open_writer(dir / "a.db");
  RawDatabase raw{dir / "a.db"};
  CHECK(raw.rows("SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict "
                 "AND name NOT LIKE 'sqlite_%'")
            .empty());
}

TEST_CASE("deleting a run deletes everything of it and nothing else", "[store][schema]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  must_write(writer, two_runs());
  RawDatabase raw{dir / "a.db"};
  const auto rows_of = [&](const std::string& run) {
    std::map<std::string, std::string> counts;
    for (const std::string& table :
         raw.rows("SELECT m.name FROM sqlite_schema m, pragma_table_info(m.name) c "
                  "WHERE m.type = 'table' AND c.name = 'run'")) {
      counts[table] = raw.row("SELECT count(*) FROM " + table + " WHERE run = " + run);
    }
    return counts;
  };
  const auto second = rows_of("2");
  CHECK(second.size() == 18);
  for (const auto& [table, count] : rows_of("1")) {
    INFO(table);
    const bool later =
        table == "metrics" || table == "monitors" || table == "thresholds" || table == "deletions";
    CHECK((count == "0") == later);
  }
  raw.execute("PRAGMA foreign_keys = ON; DELETE FROM runs WHERE id = 1");
  for (const auto& [table, count] : rows_of("1")) {
    INFO(table);
    CHECK(count == "0");
  }
  CHECK(rows_of("2") == second);
  CHECK(raw.row("SELECT count(*) FROM rejects WHERE run = 0") == "1");
  raw.check_integrity();
}

TEST_CASE("the views show milliseconds, seconds and ISO times", "[store][schema]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  schema::StoreBatch batch = two_runs();
  batch.runs[0].started += schema::Elapsed{1'234};
  must_write(writer, batch);
  RawDatabase raw{dir / "a.db"};

  CHECK(raw.row("SELECT run_id, name, state, result, started, ended, elapsed_s, hits, failed, "
                "success_rate, rate, labels, tests_finished, tests_failed, errors_distinct, "
                "missing, duplicate, late FROM run_summary WHERE run = 1") ==
        "nightly|checkout|finished|passed|2026-11-21T20:01:40.001234Z|"
        "2026-11-21T20:02:00.000000Z|19.998766|190|9|" +
            raw.row("SELECT 181 / 190.0") + "|" + raw.row("SELECT 190 / 19.998766") +
            "|3|19|3|2|3|2|1");
  CHECK(raw.row("SELECT count(*) FROM run_summary s JOIN runs r ON r.id = s.run "
                "WHERE s.p999_ms = r.p999_us / 1000.0 AND s.mean_ms = round(r.mean_us / 1000.0, 3) "
                "AND s.sd_ms = round(r.sd_us / 1000.0, 3) AND s.min_ms = 10.0 * r.id") == "2");

  // Second 3 of run 1: hits 30 to 39 with 13 ms * (1 + number % 7); 52 ms is shown 0.06 % high.
  CHECK(raw.row("SELECT run_id, time, elapsed_s, rate, failed, min_ms, max_ms, p50_ms, p95_ms, "
                "users FROM timeline WHERE run = 1 AND time LIKE '%:43.000000Z'") ==
        "nightly|2026-11-21T20:01:43.000000Z|2.998766|10.0|1|13.0|91.0|52.031|91.0|13");
  CHECK(raw.row("SELECT rate, failed, mean_ms, p50_ms, p99_ms, users FROM timeline "
                "WHERE run = 2 AND elapsed_s = 13") == "0.0|0|NULL|NULL|NULL|23");
  CHECK(raw.row("SELECT count(*) FROM timeline") == "40");

  CHECK(raw.rows("SELECT label, method, url, hits, failed, rate FROM label_summary WHERE run = 2 "
                 "ORDER BY label") ==
        std::vector<std::string>{"GET http://h/a|GET|http://h/a|64|3|3.2",
                                 "GET http://h/items/{id}|GET|http://h/items/{id}|63|3|3.15",
                                 "POST http://h/login|POST|http://h/login|63|3|3.15"});
  CHECK(raw.rows("SELECT kind, class, message, count, first, last, label, test FROM error_summary "
                 "WHERE run = 1 ORDER BY kind") ==
        std::vector<std::string>{
            "failure|AssertionError|1 != 2|2|2026-11-21T20:01:40.000000Z|"
            "2026-11-21T20:02:00.000000Z|NULL|test_buy",
            "hit|HTTP 500||10|2026-11-21T20:01:40.000000Z|2026-11-21T20:02:00.000000Z|"
            "GET http://h/items/{id}|"});
}

TEST_CASE("a run without any hits has no figures, and no rate before its time", "[store][schema]") {
  const TempDir dir;
  auto writer = open_writer(dir / "a.db");
  schema::StoreBatch batch;
  batch.runs.push_back(run_record(1));
  must_write(writer, batch);
  RawDatabase raw{dir / "a.db"};
  CHECK(
      raw.row("SELECT ended, elapsed_s, hits, failed, success_rate, rate, mean_ms, sd_ms, min_ms, "
              "max_ms, p50_ms, p999_ms, bytes_sent, result, users_max FROM run_summary") ==
      "NULL|NULL|0|0|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL|NULL");
  CHECK(raw.row("SELECT sum_us, mean_us, sketch FROM runs") == "NULL|NULL|NULL");
}
