#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "schema/record.hpp"
#include "schema/sketch.hpp"
#include "schema/summary.hpp"
#include "store/sqlite.hpp"

namespace weir::store {

// The long lists of a run, a page at a time. REQUIRES for all: a transaction, and that the run is
// there. Errors of all: locked, io; bad_type (a broken sketch).

// What a list can be sorted by, as people name it.
struct SortKey {
  std::string_view name;
  std::string_view sql;
  bool is_text = false;  // ascending unless asked otherwise; figures are descending
};

std::span<const SortKey> label_sort_keys();
std::span<const SortKey> error_sort_keys();
std::span<const SortKey> test_sort_keys();
std::span<const SortKey> worker_sort_keys();

// Which rows, in which order.
struct TableQuery {
  const SortKey* sort = nullptr;       // one of the list's
  std::optional<bool> descending{};    // empty: as the key has it
  std::string search{};                // a part of the text
  std::optional<std::string> label{};  // of labels: only the one that is shown so
  std::size_t limit = 100, offset = 0;
};

template <class Row>
struct Page {
  std::vector<Row> rows;
  std::uint64_t total = 0;  // on all pages
};

struct LabelRow {
  std::int64_t id = 0;
  schema::LabelSummary figures;  // without per_s, which depends on the run
  schema::Sketch response;       // if it was asked for
};
schema::Result<Page<LabelRow>> read_labels(Database& database, std::int64_t run,
                                           const TableQuery& query, bool with_sketches);

// Of all labels, in any order, without per_s and status.
schema::Result<std::vector<schema::LabelSummary>> read_label_figures(Database& database,
                                                                     std::int64_t run);

// The labels.id of a label that is shown so. Errors also: not_found.
schema::Result<std::int64_t> find_label(Database& database, std::int64_t run,
                                        std::string_view label);

struct ErrorRow {
  schema::ErrorSummary error;
  std::string label, test;  // of the first; may be empty
};
struct ErrorFilter {
  std::string kind{};
  std::optional<std::int64_t> label{};  // labels.id
};
schema::Result<Page<ErrorRow>> read_errors(Database& database, std::int64_t run,
                                           const TableQuery& query, const ErrorFilter& filter);

struct TestRow {
  schema::TestRecord counts;  // its durations are empty
  schema::DurationSummary durations;
};
schema::Result<Page<TestRow>> read_tests(Database& database, std::int64_t run,
                                         const TableQuery& query);

schema::Result<Page<schema::WorkerRecord>> read_workers(Database& database, std::int64_t run,
                                                        const TableQuery& query);

// By time; `kinds` empty: all.
schema::Result<Page<schema::EventRecord>> read_events(Database& database, std::int64_t run,
                                                      const std::vector<std::string>& kinds,
                                                      const TableQuery& query);

struct Rejects {
  std::vector<schema::RejectRecord> counts;   // by reason
  std::vector<schema::RejectSample> samples;  // the newest first
};
// Of a run, or of all and none.
schema::Result<Rejects> read_rejects(Database& database, std::optional<std::int64_t> run,
                                     std::size_t samples_max);

// Of all hits of a run or one of its labels (labels.id, 0 = all).
schema::Result<schema::Sketch> read_sketch(Database& database, std::int64_t run,
                                           std::int64_t label);

}  // namespace weir::store
