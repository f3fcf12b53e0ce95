#include "aggregator/run.hpp"

#include <algorithm>

#include "schema/ids.hpp"

namespace weir::aggregator {

using schema::Message;
using schema::Timestamp;
using schema::utf8_prefix;

namespace {

// How far from the run's own time a reported time may be: before its first message, after now.
constexpr std::chrono::seconds kOldest{60};
constexpr std::chrono::seconds kNewest{10};
// More users than this are not believed of one worker, so that their sum cannot overflow.
constexpr std::int64_t kMostUsers = 1'000'000'000'000;

std::uint64_t saturating_add(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? ~std::uint64_t{0} : sum;
}

}  // namespace

std::string_view to_string(RunEventKind kind) {
  switch (kind) {
    case RunEventKind::started:
      return "started";
    case RunEventKind::worker_joined:
      return "worker_joined";
    case RunEventKind::worker_lost:
      return "worker_lost";
    case RunEventKind::finished:
      return "finished";
    case RunEventKind::broker_away:
      return "broker_away";
    case RunEventKind::reopened:
      return "reopened";
  }
  return "unknown";
}

Run::Run(std::int64_t number, std::string run_id, Timestamp started, const Settings& settings)
    : number_(number),
      run_id_(std::move(run_id)),
      limits_(settings.limits),
      config_(settings.run),
      started_(started),
      last_message_(started),
      seen_(started),
      users_noted_(second_of(started) - std::chrono::seconds{1}),
      label_table_(settings.limits, settings.labels),
      tests_(settings.limits),
      errors_(settings.limits),
      last_summary_(started) {
  add_event(RunEventKind::started, started);
}

bool Run::has_room_for(std::string_view worker_id) const {
  return workers_.size() < limits_.workers_per_run || workers_.contains(worker_id);
}

Applied Run::apply(const Message& message, Timestamp now) {
  reopen_if_stopped(now);
  const std::string_view id = message.envelope.worker_id;
  const std::string_view worker_id = id.empty() ? schema::kUnknownWorker : id;
  HitGroup group;
  Applied applied = apply(message, seat(worker_id, now), now, group);
  group.settle();
  applied.group = nullptr;
  return applied;
}

Applied Run::apply(const Message& message, Worker& worker, Timestamp now, HitGroup& group) {
  reopen_if_stopped(now);
  const schema::Envelope& envelope = message.envelope;
  touch(worker, now);
  // Without an epoch a worker that starts again would look like one that repeats itself.
  std::int64_t missed_in = 0;
  if (envelope.seq && envelope.epoch) {
    if (!worker.sequence.observe(*envelope.epoch, *envelope.seq, limits_.sequence_gaps)) {
      count_users(worker);
      return {.duplicate = true};
    }
    missed_in = worker.sequence.missed_in();
  }
  worker.messages += 1;
  if (ended()) {
    ++late_;
    ++worker.late;
  }
  if (const auto users = envelope.status.users) {
    worker.users = std::clamp(*users, std::int64_t{0}, kMostUsers);
  }
  const Context context{envelope, worker, now, place(message, now), group};
  const auto* hit = std::get_if<schema::AddHit>(&message.body);
  if (hit != nullptr) {
    on(*hit, context);
  } else {
    std::visit([&](const auto& body) { on(body, context); }, message.body);
  }
  count_users(worker);
  return {.missed_in = missed_in, .group = hit != nullptr ? &group : nullptr};
}

Worker* Run::find_worker(std::string_view worker_id) {
  const auto found = workers_.find(worker_id);
  return found == workers_.end() ? nullptr : &found->second;
}

void Run::go_on(std::string_view worker_id, Run& before, Timestamp now) {
  const auto there = before.workers_.find(worker_id);
  if (there == before.workers_.end()) return;
  seat(worker_id, now).sequence.go_on_from(there->second.sequence);
}

void Run::found_missing(std::string_view worker_id) {
  const auto found = workers_.find(worker_id);
  if (found == workers_.end()) return;
  found->second.sequence.found();
  found->second.changed = changed_ = true;
}

Worker& Run::seat(std::string_view worker_id, Timestamp now) {
  if (Worker* known = find_worker(worker_id); known != nullptr) return *known;
  reopen_if_stopped(now);
  Worker& worker = workers_.try_emplace(std::string(worker_id)).first->second;
  worker.worker_id = worker_id;
  worker.first = now;
  worker.sequence = SequenceTracker{number_};
  if (!ended()) add_event(RunEventKind::worker_joined, now, worker_id);
  return worker;
}

void Run::touch(Worker& worker, Timestamp now) {
  if (worker.lost && !ended()) {
    worker.lost = false;
    add_event(RunEventKind::worker_joined, now, worker.worker_id);
  }
  worker.last = now;
  worker.changed = true;
  changed_ = true;
  if (!ended()) {
    last_message_ = seen_ = now;
    silent_ = false;
  }
}

// A reported time is believed if it lies near the run; otherwise the arrival stands for it.
Timestamp Run::place(const Message& message, Timestamp now) {
  std::optional<Timestamp> at = message.envelope.time;
  const auto* hit = std::get_if<schema::AddHit>(&message.body);
  if (!at && hit != nullptr && hit->started) at = *hit->started + hit->elapsed;
  if (!at) return now;
  if (*at >= started_ - kOldest && *at <= now + kNewest) return *at;
  skewed_ += hit != nullptr ? 1 : 0;
  return now;
}

void Run::on(const schema::AddHit& hit, const Context& context) {
  const bool failed = !schema::succeeded(hit);
  context.group.add(*this, {hit.method, hit.url, hit.label}, hit.status, second_of(context.at),
                    {hit.elapsed.count(), failed, hit.bytes_sent, hit.bytes_received});
  if (failed && !hit.error.empty()) {
    const std::string code = hit.status > 0 ? "HTTP " + std::to_string(hit.status) : "transport";
    ErrorGroup& group =
        errors_.add(ErrorKind::hit, {.class_name = code, .message = hit.error, .traceback = {}}, {},
                    context.at);
    if (group.count == 1) group.label = context.group.last_label();
  }
}

std::uint32_t Run::find_label(const HitTexts& texts, std::uint64_t hash) {
  const std::uint32_t label = label_table_.find(texts, hash);
  if (label > labels_.size()) labels_.emplace_back();
  return label;
}

void Run::record(std::uint32_t label, int status, Second second, const Sample& sample) {
  since_summary_.record(sample);
  status_.add(status);
  if (!seconds_.record(second_clock_, second, sample)) {
    add_late(schema::kAllLabels, second, sample);
  }
  if (watch_ != nullptr) watch_->before_change(label);
  LabelFigures& figures = labels_[label - 1];
  figures.changed = true;
  figures.status.add(status);
  if (!figures.windows.record(label_clock_, second, sample)) {
    add_late(label, label_clock_.start_of(second), sample);
  }
}

void Run::add_late(std::uint32_t label, Second start, const Sample& sample) {
  auto& late = uncollected_.late;
  const auto key = std::pair{label, start};
  if (late.size() >= limits_.late_intervals_per_run && !late.contains(key)) {
    ++late_samples_not_placed_;
    return;
  }
  late[key].record(sample);
}

void Run::on(const schema::StartTestRun& start, const Context& context) {
  const auto set_once = [&](std::string& own, std::string_view given) {
    if (own.empty()) own = utf8_prefix(given, limits_.text_bytes);
  };
  set_once(about_.name, start.name);
  set_once(about_.project, start.project);
  set_once(about_.scenario, start.scenario);
  for (const schema::Tag& tag : start.tags) {
    const std::string_view key = utf8_prefix(tag.key, limits_.text_bytes);
    const auto known = std::ranges::find(about_.tags, key, &schema::TagRecord::key);
    if (known != about_.tags.end()) {
      known->value = utf8_prefix(tag.value, limits_.text_bytes);
    } else if (about_.tags.size() < limits_.tags_per_run) {
      about_.tags.push_back(
          {std::string(key), std::string(utf8_prefix(tag.value, limits_.text_bytes))});
    }
  }
  Worker& worker = context.worker;
  const bool owed = worker.owes_stop();
  starters_ += worker.starts == 0 ? 1 : 0;
  worker.starts += 1;
  if (!owed && worker.owes_stop()) ++owing_;
  if (owing_ > 0) complete_since_.reset();
  if (owing_ == 0 && !complete_since_) complete_since_ = context.now;
}

void Run::on(const schema::StopTestRun&, const Context& context) {
  Worker& worker = context.worker;
  const bool owed = worker.owes_stop();
  worker.stops += 1;
  if (owed && !worker.owes_stop()) --owing_;
  if (starters_ > 0 && owing_ == 0 && !complete_since_) complete_since_ = context.now;
}

void Run::on(const schema::StartTest& start, const Context& context) {
  tests_.start(context.envelope, start.test, context.at);
}

void Run::on(const schema::StopTest& stop, const Context& context) {
  tests_.stop(context.envelope, stop.test, context.at);
}

void Run::on(const schema::AddSuccess& success, const Context&) { tests_.success(success.test); }

void Run::on(const schema::AddFailure& failure, const Context& context) {
  tests_.failure(failure.test);
  errors_.add(ErrorKind::failure, failure.exception, failure.test, context.at);
}

void Run::on(const schema::AddError& error, const Context& context) {
  tests_.error(error.test);
  errors_.add(ErrorKind::error, error.exception, error.test, context.at);
}

void Run::on(const schema::SocketOpen&, const Context&) {
  sockets_.opened += 1;
  sockets_.changed = true;
}

void Run::on(const schema::SocketClose&, const Context&) {
  sockets_.closed += 1;
  sockets_.changed = true;
}

void Run::on(const schema::SocketMessage& message, const Context&) {
  sockets_.messages += 1;
  sockets_.bytes_received =
      saturating_add(sockets_.bytes_received, static_cast<std::uint64_t>(message.size_bytes));
  sockets_.changed = true;
}

void Run::on(const schema::Counter& counter, const Context&) {
  CounterFigures& figures = at_or_other(counters_, utf8_prefix(counter.name, limits_.text_bytes),
                                        limits_.counters_per_run);
  figures.count += 1;
  figures.changed = true;
}

}  // namespace weir::aggregator
