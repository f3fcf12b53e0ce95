#include "broker/journal_worker.hpp"

#include <algorithm>
#include <utility>

#include "broker/log.hpp"
#include "store/failpoint.hpp"

namespace weir::broker {

using schema::ErrorCode;

std::string_view to_string(JournalState state) {
  switch (state) {
    case JournalState::ok:
      return "ok";
    case JournalState::no_space:
      return "no_space";
    case JournalState::failed:
      return "failed";
  }
  return "failed";
}

JournalWorker::JournalWorker(store::JournalWriter writer, JournalConfig config, Bell& progressed)
    : writer_(std::move(writer)),
      config_(std::move(config)),
      progressed_(progressed),
      next_position_(writer_.next_position()) {
  stats_.written = stats_.durable = next_position_ - 1;
  stats_.files_bytes = writer_.bytes();
  thread_ = std::thread([this] { run(); });
}

JournalWorker::~JournalWorker() {
  if (thread_.joinable()) stop(std::chrono::milliseconds{0});
}

bool JournalWorker::takes(std::size_t bytes) const {
  if (bytes > store::kMaxJournalRecordBytes / 2) return false;
  const std::lock_guard lock(mutex_);
  return stats_.state == JournalState::ok && queued_bytes_ + bytes <= config_.queue_bytes &&
         stats_.files_bytes + queued_bytes_ + bytes <= config_.max_bytes;
}

void JournalWorker::note_tick(schema::Timestamp now) {
  {
    const std::lock_guard lock(mutex_);
    ticks_.push_back(now);
    if (ticks_.size() < kTicksHeld) return;
    add_ticks();
  }
  bell_.notify_one();
}

void JournalWorker::drop_ticks(schema::Timestamp until) {
  const std::lock_guard lock(mutex_);
  std::erase_if(ticks_, [until](schema::Timestamp tick) { return tick <= until; });
}

void JournalWorker::add_ticks() {
  for (const schema::Timestamp tick : ticks_) {
    add({tick, store::SourceKind::tick, Durability::os, {}, {}});
  }
  ticks_.clear();
}

void JournalWorker::add(Entry&& entry) {
  if (queue_.empty()) first_queued_ = Clock::now();
  queued_bytes_ += size_of(entry);
  queue_.push_back(std::move(entry));
  ++next_position_;
}

std::uint64_t JournalWorker::append(const Record& record, Durability durability) {
  bool wake = false;
  std::uint64_t position = 0;
  {
    const std::lock_guard lock(mutex_);
    const std::size_t before = queued_bytes_;
    wake = queue_.empty();
    add_ticks();
    position = next_position_;
    add({record.arrival, record.source, durability, record.key, std::string(record.bytes)});
    wake = wake || (before < config_.group_bytes && queued_bytes_ >= config_.group_bytes);
  }
  if (wake) bell_.notify_one();
  return position;
}

std::uint64_t JournalWorker::next_position() const {
  const std::lock_guard lock(mutex_);
  return next_position_;
}

JournalStats JournalWorker::stats() const {
  const std::lock_guard lock(mutex_);
  JournalStats stats = stats_;
  stats.queue_bytes = queued_bytes_;
  return stats;
}

void JournalWorker::remove_below(std::uint64_t position) {
  {
    const std::lock_guard lock(mutex_);
    remove_below_ = std::max(remove_below_, position);
  }
  bell_.notify_one();
}

bool JournalWorker::stop(std::chrono::milliseconds patience) {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    deadline_ = Clock::now() + patience;
  }
  bell_.notify_one();
  thread_.join();
  return stats_.state == JournalState::ok && queue_.empty() && queued_bytes_ == 0;
}

schema::Result<void> JournalWorker::remove_all() {
  if (auto finished = writer_.finish(); !finished) return finished;
  return writer_.remove_below(writer_.next_position());
}

void JournalWorker::run() {
  Group group;
  while (take_group(group)) {
    remove_old();
    if (group.empty()) {
      sync();
    } else {
      write_group(group);
      finish_group(group);
    }
    group.clear();
    report_failure();
  }
  remove_old();
}

// The writer may also fail where its call succeeds: in what it notes behind a sync.
void JournalWorker::report_failure() {
  if (writer_.failure() && !failure_reported_) fail(*writer_.failure());
}

// Waits for something to do; false when the thread is to end.
bool JournalWorker::take_group(Group& group) {
  std::unique_lock lock(mutex_);
  const auto has_work = [this] {
    return !queue_.empty() || stopping_ || remove_below_ > removed_below_;
  };
  if (stats_.state == JournalState::ok && stats_.written > stats_.durable) {
    bell_.wait_for(lock, kIdleSync, has_work);
  } else {
    bell_.wait(lock, has_work);
  }
  if (!queue_.empty() && !stopping_) {
    bell_.wait_until(lock, first_queued_ + config_.group,
                     [this] { return queued_bytes_ >= config_.group_bytes || stopping_; });
  }
  group.swap(queue_);
  return !group.empty() || !stopping_;
}

void JournalWorker::write_group(const Group& group) {
  bool wants_disk = false;
  for (const Entry& entry : group) {
    wants_disk = wants_disk || entry.durability == Durability::disk;
    const store::JournalRecord record{
        .arrival = entry.arrival, .source = entry.source, .key = entry.key, .bytes = entry.bytes};
    if (writer_.failure()) return;
    if (const auto appended = writer_.append(record); !appended) {
      // Room is made before it is needed, and what is larger was refused at the door.
      return fail(appended.error());
    }
    if (writer_.pending_bytes() >= config_.group_bytes && !write_until_done()) return;
  }
  if (!write_until_done()) return;
  if (wants_disk) sync();
}

// False if it is no use to go on.
bool JournalWorker::write_until_done() {
  for (;;) {
    const auto written = writer_.write();
    if (written) {
      report(JournalState::ok, {});
      return true;
    }
    if (written.error().code != ErrorCode::no_space) {
      fail(written.error());
      return false;
    }
    report(JournalState::no_space, written.error().detail);
    remove_old();  // which may make the space
    std::unique_lock lock(mutex_);
    bell_.wait_for(lock, kRetry, [this] { return stopping_ || remove_below_ > removed_below_; });
    if (stopping_ && Clock::now() >= deadline_) return false;
    if (stopping_) bell_.wait_for(lock, kRetry / 2, [] { return false; });
  }
}

void JournalWorker::sync() {
  if (writer_.failure()) return;
  const Clock::time_point begin = Clock::now();
  const auto synced = writer_.sync();
  if (!synced) return fail(synced.error());
  const std::lock_guard lock(mutex_);
  ++stats_.syncs;
  stats_.durable = writer_.durable();
  stats_.last_sync = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
}

void JournalWorker::fail(const schema::Error& error) {
  failure_reported_ = true;
  log_event(LogLevel::error, "journal_failed",
            {{"detail", error.detail},
             {"do", "nothing is acknowledged any more: see to the disk, then restart weir"}});
  report(JournalState::failed, error.detail);
}

void JournalWorker::report(JournalState state, const std::string& error) {
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    changed = std::exchange(stats_.state, state) != state;
    stats_.last_error = error;
    stats_.written = writer_.written();
    stats_.files_bytes = writer_.bytes();
  }
  if (!changed) return;
  if (state == JournalState::no_space) {
    log_event(LogLevel::warn, "journal_no_space", {{"detail", error}});
  } else if (state == JournalState::ok) {
    log_event(LogLevel::info, "journal_resumed", {});
  }
  progressed_.ring();
}

void JournalWorker::finish_group(const Group& group) {
  {
    const std::lock_guard lock(mutex_);
    for (const Entry& entry : group) queued_bytes_ -= size_of(entry);
    stats_.records += group.size();
    ++stats_.groups;
  }
  progressed_.ring();
}

void JournalWorker::remove_old() {
  std::uint64_t below = 0;
  {
    const std::lock_guard lock(mutex_);
    if (remove_below_ <= removed_below_) return;
    below = removed_below_ = remove_below_;
  }
  if (writer_.failure()) return;
  store::failpoint(store::Failpoint::checkpointed);
  if (const auto removed = writer_.remove_below(below); !removed) {
    log_event(LogLevel::warn, "journal_segments_not_removed", {{"detail", removed.error().detail}});
  }
  const std::lock_guard lock(mutex_);
  stats_.files_bytes = writer_.bytes();
}

}  // namespace weir::broker
