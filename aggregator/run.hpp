#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/config.hpp"
#include "aggregator/error_table.hpp"
#include "aggregator/hit_group.hpp"
#include "aggregator/intervals.hpp"
#include "aggregator/label_table.hpp"
#include "aggregator/status_tally.hpp"
#include "aggregator/test_table.hpp"
#include "aggregator/text_map.hpp"
#include "aggregator/worker.hpp"
#include "schema/message.hpp"
#include "schema/record.hpp"
#include "schema/run_state.hpp"
#include "schema/summary.hpp"

namespace weir::aggregator {

enum class RunEventKind : std::uint8_t {
  started,
  worker_joined,
  worker_lost,
  finished,
  broker_away,  // the broker had died; the run goes on
  reopened,     // the broker had ended it because it was stopped; the run goes on
};

std::string_view to_string(RunEventKind kind);

struct RunEvent {
  schema::Timestamp time;
  RunEventKind kind = RunEventKind::started;
  std::string worker_id;  // of worker_joined and worker_lost
  // Of broker_away, whose time is when the broker was back.
  std::optional<schema::Timestamp> away_from;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(time, kind, worker_id, away_from);
  }
};

// What applying a message did.
struct Applied {
  bool duplicate = false;      // known by its seq: counted, not applied
  std::int64_t missed_in = 0;  // another run, which had counted it as missing: found_missing()
  HitGroup* group = nullptr;   // where its hit waits, if it does

  // Of a hit that waits, until the next one is applied; else 0. Settles the group first, so ask
  // only where it is needed.
  std::uint32_t find_label() const { return group == nullptr ? 0 : group->last_label(); }
};

// Is told of a label before its figures change.
class LabelWatch {
 public:
  virtual ~LabelWatch() = default;
  virtual void before_change(std::uint32_t label) = 0;
};

// One load test: everything weir knows about it while it runs and for late_grace after. Messages
// and the time go in, figures come out (summarize.hpp, collect.hpp). Not thread-safe, no clock.
//
//   Run run{1, "nightly", now, settings};
//   run.apply(message, now);
//   run.tick(now);                      // about once a second
//   Summary summary = summarize(run, now);
class Run {
 public:
  struct LabelFigures {
    Intervals windows;
    StatusTally status;
    bool changed = true;  // since its row was last collected

    template <class Archive>
    void serialize(Archive& archive) {
      archive(windows, status);
    }
  };
  struct Sockets {
    std::uint64_t opened = 0, closed = 0, messages = 0, bytes_received = 0;
    bool changed = false;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(opened, closed, messages, bytes_received);
    }
  };
  struct CounterFigures {
    std::uint64_t count = 0;
    bool changed = true;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(count);
    }
  };
  struct About {
    std::string name, project, scenario;
    std::string source = "loads";  // by what its first message came: see RunRecord
    std::vector<schema::TagRecord> tags;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(name, project, scenario, source, tags);
    }
  };

  Run(std::int64_t number, std::string run_id, schema::Timestamp started, const Settings& settings);

  // REQUIRES: has_room_for(message's worker). Messages of an ended run are counted as late.
  Applied apply(const schema::Message& message, schema::Timestamp now);
  // The same for a worker of this run; a hit waits in the group, and is in no figure until then.
  Applied apply(const schema::Message& message, Worker& worker, schema::Timestamp now,
                HitGroup& group);
  bool has_room_for(std::string_view worker_id) const;
  // The worker of this id, which joins if it is new. REQUIRES: has_room_for().
  Worker& seat(std::string_view worker_id, schema::Timestamp now);
  // Null if it is not in this run; otherwise valid as long as the run is.
  Worker* find_worker(std::string_view worker_id);
  // The next message of a worker that is in the run `before` is for this one: its numbers go on
  // here. REQUIRES: has_room_for().
  void go_on(std::string_view worker_id, Run& before, schema::Timestamp now);
  // A message of the worker that was missing here came in another run.
  void found_missing(std::string_view worker_id);

  // Lets time pass: closes intervals, finds lost workers, ends the run when it is over. Of more
  // than kLabelsAtOnce labels the intervals are left for close_some().
  void tick(schema::Timestamp now);
  static constexpr std::size_t kLabelsAtOnce = 64;
  // Closes what is due of up to so many more labels. Returns whether some are left.
  bool close_some(std::size_t labels_max);
  void close_rest() { close_some(labels_.size()); }
  // At most one; null: none.
  void watch_labels(LabelWatch* watch) { watch_ = watch; }
  // Ends the run now.
  void end(schema::RunState state, schema::Timestamp now);
  void set_source(std::string_view source) { about_.source = source; }
  // What people say of it; what is empty stays.
  void describe(const std::optional<std::string>& name,
                const std::optional<std::vector<schema::TagRecord>>& tags);
  // Ends the run because the broker stops: finished, or aborted_by_system if a worker owes its
  // stop. After a restart it takes messages again.
  void stop(schema::Timestamp now);
  // The broker was away and is back: what counts silence starts anew at `now`. A run that ended is
  // left as it is.
  void resume(schema::Timestamp now);
  // Whether the next message makes an ended run go on: it was loaded and had ended by stop().
  bool can_reopen() const { return stopped_ && loaded_; }
  // Starts the next `last_s` period.
  void mark_summary(schema::Timestamp now);

  std::int64_t number() const { return number_; }
  const std::string& run_id() const { return run_id_; }
  const About& about() const { return about_; }
  schema::RunState state() const { return state_; }
  bool ended() const { return schema::has_ended(state_); }
  bool owes_stops() const;
  schema::Timestamp started() const { return started_; }
  // When the last message came that was not late; empty while the run goes on.
  std::optional<schema::Timestamp> ended_at() const { return ended_at_; }
  // When it was found to be over: late_grace counts from here.
  std::optional<schema::Timestamp> closed_at() const { return closed_at_; }
  std::optional<std::int64_t> users() const { return users_; }
  std::optional<std::int64_t> users_max() const { return users_max_; }
  std::uint64_t late() const { return late_; }
  std::uint64_t skewed() const { return skewed_; }
  // Samples for closed intervals that were over late_intervals_per_run: they count in the totals of
  // the run and the label, not in an interval. One hit may be two, the run's and the label's.
  std::uint64_t late_samples_not_placed() const { return late_samples_not_placed_; }
  // Whether anything was applied since mark_summary().
  bool changed() const { return changed_; }

  const Intervals& seconds() const { return seconds_; }
  const LabelTable& labels() const { return label_table_; }
  const std::vector<LabelFigures>& label_figures() const { return labels_; }
  const TextMap<Worker>& workers() const { return workers_; }
  const TestTable& tests() const { return tests_; }
  const ErrorTable& errors() const { return errors_; }
  const TextMap<CounterFigures>& counters() const { return counters_; }
  const Sockets& sockets() const { return sockets_; }
  schema::StatusCounts status() const { return status_.counts(); }
  const MethodCounts& methods() const { return label_table_.methods(); }
  const Series& since_summary() const { return since_summary_; }
  schema::Timestamp last_summary() const { return last_summary_; }

  // What collect() takes away.
  struct Uncollected {
    std::vector<schema::IntervalRecord> intervals;
    std::map<std::pair<std::uint32_t, Second>, Series> late;  // label (0 = all), start
    std::vector<RunEvent> events;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(intervals, late, events);
    }
  };
  Uncollected& uncollected() { return uncollected_; }
  std::vector<LabelFigures>& label_figures() { return labels_; }
  TextMap<Worker>& workers() { return workers_; }
  TestTable& tests() { return tests_; }
  ErrorTable& errors() { return errors_; }
  TextMap<CounterFigures>& counters() { return counters_; }
  Sockets& sockets() { return sockets_; }

  // All that outlives the broker but the figures of labels (run_bytes.hpp). The limits and
  // since_summary() are those of the present one.
  template <class Archive>
  void serialize(Archive& archive) {
    archive(number_, run_id_, about_, state_, started_, last_message_, seen_, resumed_, silent_,
            stopped_, complete_since_, ended_at_, closed_at_, starters_, owing_, users_, users_max_,
            users_noted_, late_, skewed_, late_samples_not_placed_);
    archive(workers_, label_table_, label_clock_, seconds_, second_clock_, last_closed_, empty_,
            tests_, errors_, counters_, sockets_, status_, uncollected_);
    if (!Archive::is_loading::value) return;
    loaded_ = true;
    labels_.resize(label_table_.size());
  }

 private:
  friend class HitGroup;

  struct Context {
    const schema::Envelope& envelope;
    Worker& worker;
    schema::Timestamp now;
    schema::Timestamp at;  // when it happened: a trusted `time`, else now
    HitGroup& group;
  };

  void on(const schema::AddHit& hit, const Context& context);
  void on(const schema::StartTestRun& start, const Context& context);
  void on(const schema::StopTestRun& stop, const Context& context);
  void on(const schema::StartTest& start, const Context& context);
  void on(const schema::StopTest& stop, const Context& context);
  void on(const schema::AddSuccess& success, const Context& context);
  void on(const schema::AddFailure& failure, const Context& context);
  void on(const schema::AddError& error, const Context& context);
  void on(const schema::SocketOpen& open, const Context& context);
  void on(const schema::SocketClose& close, const Context& context);
  void on(const schema::SocketMessage& message, const Context& context);
  void on(const schema::Counter& counter, const Context& context);

  void touch(Worker& worker, schema::Timestamp now);
  void count_users(Worker& worker);
  schema::Timestamp place(const schema::Message& message, schema::Timestamp now);
  // The label of a hit, which is new if it is the first of it.
  std::uint32_t find_label(const HitTexts& texts, std::uint64_t hash);
  // What record() will touch, in three steps (Sketch::prefetch_body() says why inline).
  [[gnu::always_inline]] void prefetch_label(std::uint32_t label) const {
    const LabelFigures& figures = labels_[label - 1];
    __builtin_prefetch(&figures, 1);
    __builtin_prefetch(&figures.status, 1);
  }
  [[gnu::always_inline]] void prefetch_body(std::uint32_t label, int status,
                                            const Sample& sample) const {
    const LabelFigures& figures = labels_[label - 1];
    figures.windows.newest().elapsed.prefetch_body(sample.elapsed_us);
    figures.status.prefetch_others(status);
  }
  [[gnu::always_inline]] void prefetch_count(std::uint32_t label, int status,
                                             const Sample& sample) const {
    const LabelFigures& figures = labels_[label - 1];
    figures.windows.newest().elapsed.prefetch_count(sample.elapsed_us);
    figures.status.prefetch_count(status);
    seconds_.newest().elapsed.prefetch_count(sample.elapsed_us);
    since_summary_.elapsed.prefetch_count(sample.elapsed_us);
  }
  void record(std::uint32_t label, int status, Second second, const Sample& sample);
  void add_late(std::uint32_t label, Second start, const Sample& sample);
  void note_users(Second until);
  void close_intervals(Second until);
  void find_lost_workers(schema::Timestamp now);
  // `since`, or when the run went on after a pause if that was later.
  schema::Timestamp counted_from(schema::Timestamp since) const;
  void reopen_if_stopped(schema::Timestamp now);
  void add_event(RunEventKind kind, schema::Timestamp time, std::string_view worker_id = {});

  std::int64_t number_;
  std::string run_id_;
  About about_;
  LimitsConfig limits_;
  RunConfig config_;
  schema::RunState state_ = schema::RunState::running;
  schema::Timestamp started_;
  schema::Timestamp last_message_;
  schema::Timestamp seen_;                           // the latest time it was told, while open
  std::optional<schema::Timestamp> resumed_;         // the last time it went on after a pause
  bool silent_ = false;                              // no message since resume()
  bool stopped_ = false;                             // ended by stop()
  bool loaded_ = false;                              // began in an earlier life of the broker
  std::optional<schema::Timestamp> complete_since_;  // no worker owes a stopTestRun since then
  std::optional<schema::Timestamp> ended_at_, closed_at_;
  std::uint64_t starters_ = 0;  // workers that sent startTestRun
  std::uint64_t owing_ = 0;     // of them, those that owe a stopTestRun
  std::optional<std::int64_t> users_, users_max_;
  Second users_noted_;  // the last second that was told them
  std::uint64_t late_ = 0, skewed_ = 0, late_samples_not_placed_ = 0;
  bool changed_ = true;

  TextMap<Worker> workers_;
  LabelTable label_table_;
  std::vector<LabelFigures> labels_;  // by label - 1
  IntervalClock label_clock_{kLabelWindow};
  std::size_t close_next_ = 0;  // label - 1 of the next that may have something to be closed
  LabelWatch* watch_ = nullptr;
  Intervals seconds_;
  IntervalClock second_clock_{std::chrono::seconds{1}};
  std::optional<Second> last_closed_;
  std::vector<ClosedInterval> empty_;  // seconds without hits, kept until a later one has some
  TestTable tests_;
  ErrorTable errors_;
  TextMap<CounterFigures> counters_;
  Sockets sockets_;
  StatusTally status_;
  Series since_summary_;
  schema::Timestamp last_summary_;
  Uncollected uncollected_;
};

}  // namespace weir::aggregator
