// What the core does before its first turn: it goes on where the last broker was.
#include <algorithm>
#include <stdexcept>
#include <utility>

#include "broker/core.hpp"
#include "broker/feed_json.hpp"
#include "broker/log.hpp"
#include "broker/replay.hpp"
#include "broker/utc_clock.hpp"
#include "store/config.hpp"
#include "store/journal_repair.hpp"

namespace weir::broker {
namespace {

// Once a line each, whatever the extent: the summary says how much there is.
constexpr std::size_t kDamagesLogged = 20;

void report_damage(const store::JournalReport& journal, std::uint64_t checkpoint) {
  const auto lost_after = [&](const store::PositionRange& range) {
    return range.last < checkpoint
               ? std::string{"nothing: it is in the results file"}
               : "records " + std::to_string(range.first) + " to " + std::to_string(range.last);
  };
  for (std::size_t i = 0; i < std::min(journal.damages.size(), kDamagesLogged); ++i) {
    const store::JournalDamage& damage = journal.damages[i];
    log_event(LogLevel::error, "journal_damaged",
              {{"segment", damage.segment.string()},
               {"offset", damage.offset},
               {"detail", damage.what},
               {"lost", damage.lost ? lost_after(*damage.lost) : std::string{"nothing"}}});
  }
  for (const store::PositionRange& range : journal.missing) {
    log_event(LogLevel::error, "journal_incomplete", {{"lost", lost_after(range)}});
  }
  if (journal.torn_bytes > 0) {
    log_event(LogLevel::warn, "journal_torn",
              {{"segment", journal.tail.string()},
               {"bytes", journal.torn_bytes},
               {"detail",
                "the last write was cut off; after a crash nothing in it had been acknowledged"}});
  }
}

}  // namespace

void Core::start_journal(const store::StoredState& stored, Replay& replay, bool journals) {
  const std::filesystem::path folder = store::data_folder(config_.store);
  const std::uint64_t from = stored.checkpoint.position;
  auto report = store::read_journal(
      folder, stored.store_id, [&](const store::JournalRecord& record) -> schema::Result<void> {
        if (record.position < from) return {};
        ++recovery_.records;
        return replay.accept(record);
      });
  if (!report) throw std::runtime_error(report.error().detail);
  note_journal(recovery_, std::move(*report), from);
  if (!recovery_.journal.foreign.empty()) {
    const store::ForeignSegment& foreign = recovery_.journal.foreign.front();
    throw std::runtime_error(foreign.segment.string() +
                             " is the journal of another results file (" + foreign.store_name +
                             "), which may not have everything of it yet; start weir with that " +
                             "file, or if it is gone rebuild it with weir doctor --repair, or give "
                             "another folder with --data");
  }
  report_damage(recovery_.journal, from);
  damage_pending_ = !recovery_.journal.damaged_segments.empty();
  next_after_recovery_ = std::max({from, recovery_.journal.next_position, std::uint64_t{1}});
  if (!journals && recovery_.journal.tail.empty()) return;
  if (auto cut = store::truncate_torn(folder, recovery_.journal); !cut) {
    throw std::runtime_error(cut.error().detail);
  }
  auto writer = store::JournalWriter::open({.folder = folder,
                                            .segment_bytes = config_.journal.segment_bytes,
                                            .pending_bytes_max = 2 * config_.journal.queue_bytes,
                                            .calls = {}},
                                           stored.store_id, config_.store.db.filename().string(),
                                           next_after_recovery_);
  if (!writer) throw std::runtime_error(writer.error().detail);
  journal_.emplace(std::move(*writer), config_.journal, progress_);
}

void Core::set_aside() {
  const auto done = store::set_aside(store::data_folder(config_.store), recovery_.journal);
  damage_pending_ = !done;
  if (!done) log_event(LogLevel::error, "damage_not_set_aside", {{"detail", done.error().detail}});
}

const Recovery& Core::recover(const store::StoredState& stored) {
  Replay replay{books(), [this](aggregator::Run& run) { forget(run); }};
  const auto loaded = replay.load(stored, {config_.limits, config_.run, config_.labels}, recovery_);
  if (!loaded) throw std::runtime_error(loaded.error().detail);
  checkpoint_position_ = stored.checkpoint.position;
  const bool journals =
      (acked_ && durability_of(config_.journal.acked) != Durability::off) ||
      durability_of(config_.journal.plain) != Durability::off ||
      (!config_.http.endpoint.empty() && durability_of(config_.journal.http) != Durability::off);
  start_journal(stored, replay, journals);
  recovery_.messages = reception_.counts().decoded;
  reception_.forget_counts();
  stop_notice_.take();
  if (stored.checkpoint.position > 0 && !stored.checkpoint.stopped) registry_.resume(utc_now());
  batch_.events.push_back({.run = 0,
                           .time = utc_now(),
                           .kind = "broker_started",
                           .detail = broker_started_json(stored.checkpoint, recovery_)});
  // All rows are written anew, and safely: only then is the journal of before not needed.
  collect_all_ = true;
  if (acked_) {
    acked_reception_.emplace(
        config_.acked, durability_of(config_.journal.acked), *acked_, ledger_, reception_,
        journal_ ? &*journal_ : nullptr,
        [this](const std::optional<Sha256>& token) { return why_denied(token); });
  }
  if (!config_.http.endpoint.empty()) {
    http_reception_.emplace(durability_of(config_.journal.http), reception_, keys_,
                            journal_ ? &*journal_ : nullptr);
  }
  return recovery_;
}

}  // namespace weir::broker
