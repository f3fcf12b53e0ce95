#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "broker/bell.hpp"
#include "broker/config.hpp"
#include "broker/durability.hpp"
#include "store/journal_writer.hpp"

namespace weir::broker {

enum class JournalState : std::uint8_t { ok, no_space, failed };
std::string_view to_string(JournalState state);

struct JournalStats {
  JournalState state = JournalState::ok;
  std::uint64_t written = 0;  // positions up to here survive the end of this process ...
  std::uint64_t durable = 0;  // ... and up to here a power cut
  std::size_t queue_bytes = 0;
  std::uint64_t files_bytes = 0;
  std::uint64_t records = 0, groups = 0, syncs = 0;
  std::chrono::milliseconds last_sync{0};
  std::string last_error;  // empty while all is well
};

// The thread that writes the journal. Records are written and synced in groups. While there is no
// space the group at hand is tried again every kRetry; any other failure is final: nothing is safe
// any more from then on.
class JournalWorker {
 public:
  static constexpr std::chrono::milliseconds kRetry{100};
  // Without anybody waiting for it the disk is synced so often, so that damage found later can be
  // told from what was being written at the end.
  static constexpr std::chrono::milliseconds kIdleSync{1'000};
  // Ticks that are kept in memory while no record comes.
  static constexpr std::size_t kTicksHeld = 256;

  struct Record {
    schema::Timestamp arrival;
    store::SourceKind source = store::SourceKind::loads_frame;
    std::string key;
    std::string_view bytes;
  };

  // Rings the bell when more is safe or the state has changed.
  JournalWorker(store::JournalWriter writer, JournalConfig config, Bell& progressed);
  ~JournalWorker();
  JournalWorker(const JournalWorker&) = delete;
  JournalWorker& operator=(const JournalWorker&) = delete;

  // Any thread. Whether a record of so many bytes would be written soon: there is space, no
  // failure, room in the queue, and it is at most half of what a record may have.
  bool takes(std::size_t bytes) const;
  // Time passed in the runs: before the next record is written so is this, so that reading them
  // back goes the same way.
  void note_tick(schema::Timestamp now);
  // The ticks until then are in a checkpoint that survives whatever happens.
  void drop_ticks(schema::Timestamp until);
  // Copies the record and returns its position. Never waits for the disk.
  std::uint64_t append(const Record& record, Durability durability);
  // The position of the next record.
  std::uint64_t next_position() const;
  JournalStats stats() const;
  // Records below are not needed any more: their segments are deleted.
  void remove_below(std::uint64_t position);

  // Writes what is left and ends the thread; gives up after `patience`. Returns whether all was
  // written.
  bool stop(std::chrono::milliseconds patience);
  // After stop(): the results file has everything, so no segment is needed any more.
  schema::Result<void> remove_all();

 private:
  using Clock = std::chrono::steady_clock;
  struct Entry {
    schema::Timestamp arrival;
    store::SourceKind source;
    Durability durability;
    std::string key, bytes;
  };
  using Group = std::deque<Entry>;
  static std::size_t size_of(const Entry& entry) {
    return sizeof entry + entry.key.size() + entry.bytes.size();
  }

  void run();
  void add(Entry&& entry);
  void add_ticks();
  bool take_group(Group& group);
  void write_group(const Group& group);
  bool write_until_done();
  void sync();
  void fail(const schema::Error& error);
  void report_failure();
  void report(JournalState state, const std::string& error);
  void remove_old();
  void finish_group(const Group& group);

  store::JournalWriter writer_;  // of the thread, as is
  bool failure_reported_ = false;
  const JournalConfig config_;
  Bell& progressed_;
  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable bell_;
  Group queue_;
  std::vector<schema::Timestamp> ticks_;  // not written yet
  std::size_t queued_bytes_ = 0;          // of the group that is being written, too
  Clock::time_point first_queued_;
  std::uint64_t next_position_;
  std::uint64_t remove_below_ = 0, removed_below_ = 0;
  JournalStats stats_;
  bool stopping_ = false;
  Clock::time_point deadline_;
  std::thread thread_;
};

}  // namespace weir::broker
