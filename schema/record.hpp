#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "schema/byte_sum.hpp"
#include "schema/error.hpp"
#include "schema/run_state.hpp"
#include "schema/sketch.hpp"
#include "schema/time.hpp"

namespace weir::schema {

// Plain values that are stored, one struct per table of docs/storage.md. `run` is runs.id. Unless
// said otherwise a record replaces the row of the same key.

inline constexpr std::uint32_t kAllLabels = 0;

// The figures of a set of hits. Merging those of any split gives those of the whole.
struct SeriesRecord {
  Sketch elapsed;  // its count() is the number of hits
  std::uint64_t failed = 0;
  ByteSum bytes_sent, bytes_received;  // unknown: none was reported

  void merge(const SeriesRecord& other) {
    elapsed.merge(other.elapsed);
    failed += other.failed;
    bytes_sent.add(other.bytes_sent.get());
    bytes_received.add(other.bytes_received.get());
  }
};

struct TagRecord {
  std::string key, value;
};

struct MethodCount {
  std::string method;
  std::uint64_t count = 0;
};

// Replaces every column of the run except note and baseline, which belong to people, and
// hits_not_kept, which the store adds up.
struct RunRecord {
  std::int64_t run = 0;
  std::string run_id;
  std::string name, project, scenario;
  std::string source = "loads";
  RunState state = RunState::running;
  std::optional<RunResult> result;
  Timestamp started;
  std::optional<Timestamp> ended;
  std::optional<std::int64_t> users_max;
  std::int64_t workers = 0;
  std::vector<TagRecord> tags;
  SeriesRecord figures;
  std::uint64_t skewed = 0;
  std::uint64_t urls_distinct = 0;
  std::vector<MethodCount> methods;
};

struct WorkerRecord {
  std::int64_t run = 0;
  std::string worker_id, region;
  Timestamp first, last;
  std::uint64_t messages = 0, missing = 0, duplicate = 0, late = 0;
};

struct StatusCount {
  int status = 0;
  std::uint64_t count = 0;
};

// `label` numbers the labels of one run from 1; the store has its own ids.
struct LabelRecord {
  std::int64_t run = 0;
  std::uint32_t label = 0;
  std::string region, text, name, method, url;  // text is what is shown
  SeriesRecord figures;
  std::vector<StatusCount> status;  // replaces all of the label's status_counts
};

// Adds to the row of the same (run, label, region, start): figures merge, users take the larger.
struct IntervalRecord {
  std::int64_t run = 0;
  std::uint32_t label = kAllLabels;
  std::string region;
  Timestamp start;
  Elapsed length{0};
  std::optional<std::int64_t> users;
  SeriesRecord figures;
};

struct TestRecord {
  std::int64_t run = 0;
  std::string test;
  std::uint64_t started = 0, finished = 0, success = 0, failure = 0, error = 0;
  Sketch durations;
};

struct CounterRecord {
  std::int64_t run = 0;
  std::string name;
  std::uint64_t count = 0;
};

struct SocketsRecord {
  std::int64_t run = 0;
  std::uint64_t opened = 0, closed = 0, messages = 0, bytes_received = 0;
};

struct ErrorRecord {
  std::int64_t run = 0;
  std::string kind;  // failure, error or hit
  std::string class_name, message, traceback;
  std::uint32_t label = kAllLabels;  // of the first such hit
  std::string test;                  // of the first such failure or error
  std::uint64_t count = 0;
  Timestamp first, last;
};

// Adds a row while the run has fewer than the cap of its kind (successes, failures).
struct HitRecord {
  std::int64_t run = 0;
  std::uint32_t label = 0;
  std::string worker_id;
  Timestamp started;
  Elapsed elapsed{0};
  int status = 0;
  bool success = false;
  std::string url;
  std::optional<std::int64_t> bytes_sent, bytes_received;
  std::optional<Elapsed> dns, connect, tls, first_byte;
  std::string error;
};

// Adds to hits_not_kept: hits that were over the cap or did not fit into the queue.
struct HitsNotKept {
  std::int64_t run = 0;
  std::uint64_t count = 0;
};

// Adds to the count of (run, reason); run is 0 when it is not known.
struct RejectRecord {
  std::int64_t run = 0;
  std::string reason;
  std::uint64_t count = 0;
};

// Adds a row.
struct RejectSample {
  std::int64_t run = 0;
  std::string reason;
  Timestamp time;
  std::string detail, sample;
};

// Adds a row. detail is a small JSON object, or empty.
struct EventRecord {
  std::int64_t run = 0;
  Timestamp time;
  std::string kind, detail;
};

// A run that takes no more messages.
struct ClosedRun {
  std::int64_t run = 0;
  std::string run_id;
  bool operator==(const ClosedRun&) const = default;
};

// The state of a run, as aggregator::save_run made it, in parts that are stored as one.
struct RunStateRecord {
  std::int64_t run = 0;
  std::vector<std::string> parts;
};

// How far a sender of acknowledged batches has come.
struct MarkRecord {
  std::string worker_id;
  std::uint64_t epoch = 0;
  std::uint64_t next_seq = 1;
  Timestamp last;
  bool operator==(const MarkRecord&) const = default;
};

// What became of a request that came with an idempotency key.
struct KeyRecord {
  std::string key;
  std::uint64_t fingerprint = 0;  // of what came with it
  std::uint64_t accepted = 0, duplicate = 0;
  std::array<std::uint64_t, kRejectReasons> rejected{};
  Timestamp time{};
  bool operator==(const KeyRecord&) const = default;
};

// What people changed of a run; what is empty stays.
struct RunEdit {
  std::int64_t run = 0;
  std::optional<std::string> name, note;
  std::optional<bool> baseline;
  std::optional<std::vector<TagRecord>> tags;
};

// What a store is complete up to: what came before, journaled or not, is in it, later records of
// the journal are not.
struct Checkpoint {
  std::uint64_t position = 0;  // of the first journal record that is not in it
  std::int64_t next_run = 1;
  std::int64_t anonymous_run = 0;  // 0: none
  Timestamp time{};
  bool stopped = false;  // the broker wrote it last of all
  bool operator==(const Checkpoint&) const = default;
};

// Moves rows behind others; all at once if there are none yet.
template <class Row>
void append(std::vector<Row>& to, std::vector<Row>&& from) {
  if (to.empty()) {
    to = std::move(from);
  } else {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }
}

// Everything that changed since the last batch; written in one transaction.
struct StoreBatch {
  std::vector<RunRecord> runs;
  std::vector<WorkerRecord> workers;
  std::vector<LabelRecord> labels;
  std::vector<IntervalRecord> intervals;
  std::vector<TestRecord> tests;
  std::vector<CounterRecord> counters;
  std::vector<SocketsRecord> sockets;
  std::vector<ErrorRecord> errors;
  std::vector<HitRecord> hits;
  std::vector<HitsNotKept> hits_not_kept;
  std::vector<RejectRecord> rejects;
  std::vector<RejectSample> reject_samples;
  std::vector<EventRecord> events;
  std::vector<std::int64_t> forgotten;  // runs of which nothing more will come
  std::vector<RunStateRecord> states;
  std::vector<std::string> forgotten_senders;  // whose marks go, before new ones are written
  std::vector<MarkRecord> marks;
  std::vector<std::string> forgotten_keys;  // before new ones are written
  std::vector<KeyRecord> keys;
  std::vector<RunEdit> edits;
  std::vector<std::int64_t> deletions;  // runs that are to be deleted, bit by bit
  std::optional<Checkpoint> checkpoint;
  bool synced = false;  // it is to survive a power cut once it is written
};

}  // namespace weir::schema
