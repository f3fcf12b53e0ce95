#include "store/table_reader.hpp"

#include <algorithm>

#include "store/run_reader.hpp"
#include "tests/unit/store/store_fixture.hpp"
#include "tests/unit/store/two_runs.hpp"

using namespace weir;
using namespace weir::store;
using namespace weir::store_test;

namespace {

// The file with the two runs, to be read in a transaction.
class TwoRuns {
 public:
  TwoRuns() {
    auto writer = open_writer(dir_ / "a.db");
    must_write(writer, two_runs());
  }
  template <class Read>
  auto look(Read read) {
    auto found = RunReader::open(dir_ / "a.db").value().look(read);
    INFO((found ? "" : found.error().detail));
    REQUIRE(found.has_value());
    return *std::move(found);
  }
  void execute(const std::string& sql) { RawDatabase{dir_ / "a.db"}.execute(sql); }

 private:
  TempDir dir_;
};

const SortKey* key(std::span<const SortKey> keys, std::string_view name) {
  const auto found = std::ranges::find(keys, name, &SortKey::name);
  REQUIRE(found != keys.end());
  return &*found;
}

template <class Row, class Value>
bool is_sorted_by(const std::vector<Row>& rows, Value value, bool descending) {
  return std::ranges::is_sorted(rows, [&](const Row& one, const Row& other) {
    return descending ? value(one) > value(other) : value(one) < value(other);
  });
}

}  // namespace

TEST_CASE("every sort key of every list is SQL that runs", "[store][table_reader]") {
  TwoRuns file;
  for (const bool descending : {false, true}) {
    for (const SortKey& sort : label_sort_keys()) {
      file.look([&](Database& db) {
        return read_labels(db, 1, {.sort = &sort, .descending = descending}, false);
      });
    }
    for (const SortKey& sort : error_sort_keys()) {
      file.look([&](Database& db) {
        return read_errors(db, 1, {.sort = &sort, .descending = descending}, {});
      });
    }
    for (const SortKey& sort : test_sort_keys()) {
      file.look([&](Database& db) {
        return read_tests(db, 1, {.sort = &sort, .descending = descending});
      });
    }
    for (const SortKey& sort : worker_sort_keys()) {
      file.look([&](Database& db) {
        return read_workers(db, 1, {.sort = &sort, .descending = descending});
      });
    }
  }
}

TEST_CASE("figures sort from the largest, texts from the first, unless asked otherwise",
          "[store][table_reader]") {
  TwoRuns file;
  const auto sorted = [&](std::string_view name, std::optional<bool> descending) {
    return file
        .look([&](Database& db) {
          return read_labels(
              db, 1, {.sort = key(label_sort_keys(), name), .descending = descending}, false);
        })
        .rows;
  };
  const auto max = [](const LabelRow& row) { return *row.figures.response.max_us; };
  const auto text = [](const LabelRow& row) { return row.figures.label; };
  CHECK(is_sorted_by(sorted("max", {}), max, true));
  CHECK(is_sorted_by(sorted("max", false), max, false));
  CHECK(is_sorted_by(sorted("label", {}), text, false));
  CHECK(is_sorted_by(sorted("label", true), text, true));
}

TEST_CASE("pages together are the whole list", "[store][table_reader]") {
  TwoRuns file;
  std::vector<std::string> labels;
  for (std::size_t offset = 0; offset < 4; ++offset) {
    const auto page = file.look(
        [&](Database& db) { return read_labels(db, 1, {.limit = 1, .offset = offset}, true); });
    CHECK(page.total == 3);
    for (const LabelRow& row : page.rows) {
      labels.push_back(row.figures.label);
      CHECK(row.response.count() == row.figures.count);
      std::uint64_t by_status = 0;
      for (const auto& [status, count] : row.figures.status) by_status += count;
      CHECK(by_status == row.figures.count);
    }
  }
  CHECK(labels == std::vector<std::string>{"GET http://h/a", "GET http://h/items/{id}",
                                           "POST http://h/login"});
}

TEST_CASE("a search looks for a part of the text, whatever the case, and % is a sign like others",
          "[store][table_reader]") {
  TwoRuns file;
  const auto total = [&](const std::string& text) {
    return file.look([&](Database& db) { return read_labels(db, 1, {.search = text}, false); })
        .total;
  };
  CHECK(total("GET") == 2);
  CHECK(total("get http") == 2);
  CHECK(total("{ID}") == 1);
  CHECK(total("%") == 0);
  CHECK(total("' OR 1=1") == 0);
}

TEST_CASE("errors can be those of a kind or of a label", "[store][table_reader]") {
  TwoRuns file;
  const auto all = file.look([&](Database& db) { return read_errors(db, 1, {}, {}); });
  REQUIRE(all.total > 0);
  std::uint64_t by_kind = 0;
  for (const char* kind : {"failure", "error", "hit"}) {
    by_kind +=
        file.look([&](Database& db) { return read_errors(db, 1, {}, {.kind = kind}); }).total;
  }
  CHECK(by_kind == all.total);
  const auto of_none =
      file.look([&](Database& db) { return read_errors(db, 1, {}, {.label = 999'999}); });
  CHECK(of_none.total == 0);
}

TEST_CASE("a label that is not there is not found", "[store][table_reader]") {
  TwoRuns file;
  const auto found = file.look([](Database& db) { return find_label(db, 1, "GET http://h/a"); });
  CHECK(found > 0);
  file.look([](Database& db) -> schema::Result<bool> {
    CHECK(find_label(db, 1, "nothing").error().code == schema::ErrorCode::not_found);
    return true;
  });
}

TEST_CASE("rejects are of one run, or of all and none", "[store][table_reader]") {
  TwoRuns file;
  file.execute("DELETE FROM rejects");
  file.execute(
      "INSERT INTO rejects VALUES (0, 'not_json', 5), (1, 'bad_type', 2), (2, 'bad_type', 3)");
  const auto of = [&](std::optional<std::int64_t> run) {
    std::vector<std::string> counts;
    const auto rejects = file.look([&](Database& db) { return read_rejects(db, run, 10); });
    for (const auto& row : rejects.counts) {
      counts.push_back(row.reason + " " + std::to_string(row.count));
    }
    return counts;
  };
  using Counts = std::vector<std::string>;
  CHECK(of(1) == Counts{"bad_type 2"});
  CHECK(of(std::nullopt) == Counts{"bad_type 5", "not_json 5"});
}
