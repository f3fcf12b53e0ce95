#include "broker/rebuild.hpp"

#include <algorithm>
#include <utility>

#include "broker/feed_json.hpp"
#include "broker/pending_rows.hpp"
#include "broker/replay.hpp"
#include "broker/utc_clock.hpp"
#include "store/journal_repair.hpp"

namespace weir::broker {
namespace {

using aggregator::Run;
using schema::Result;

// A checkpoint is written after so many records or bytes of the journal.
constexpr std::uint64_t kRecordsPerBatch = 10'000;
constexpr std::size_t kBytesPerBatch = std::size_t{16} << 20U;

// A broker without sockets, feed and threads.
class Rebuild {
 public:
  Rebuild(const Config& config, const Before& before, store::RunWriter& writer)
      : config_(config),
        before_(before),
        writer_(writer),
        registry_(settings(), before.next_run, before.closed),
        hit_rows_(config.store.hits_max_per_run, PendingRows::hits_max(config.store.queue_rows),
                  config.labels.keep_query, config.limits.text_bytes),
        reception_(config.limits, config.labels.keep_query, registry_, {&hit_rows_}, nullptr),
        ledger_(config.acked.senders),
        keys_(config.http.idempotency_keys),
        replay_(books(), [this](Run& run) { forget(run); }) {}

  Result<Recovery> run();

 private:
  aggregator::Settings settings() const { return {config_.limits, config_.run, config_.labels}; }
  Books books() { return {registry_, reception_, hit_rows_, ledger_, keys_}; }
  Result<void> accept(const store::JournalRecord& record);
  Result<void> checkpoint(std::uint64_t position, schema::Timestamp until, bool last);
  void take_events(Run& run);
  void forget(Run& run);

  const Config& config_;
  const Before& before_;
  store::RunWriter& writer_;
  aggregator::RunRegistry registry_;
  HitRows hit_rows_;
  Reception reception_;
  AckLedger ledger_;
  KeyLedger keys_;
  Replay replay_;
  Recovery recovery_;
  schema::StoreBatch batch_;
  std::uint64_t records_ = 0;  // since the last checkpoint
  std::size_t bytes_ = 0;
};

Result<Recovery> Rebuild::run() {
  const std::uint64_t from = before_.stored.checkpoint.position;
  if (auto loaded = replay_.load(before_.stored, settings(), recovery_); !loaded) {
    return tl::make_unexpected(loaded.error());
  }
  auto report =
      store::read_journal(store::data_folder(config_.store), before_.stored.store_id,
                          [&](const store::JournalRecord& record) -> Result<void> {
                            return record.position < from ? Result<void>{} : accept(record);
                          });
  if (!report) return tl::make_unexpected(report.error());
  note_journal(recovery_, std::move(*report), from);
  recovery_.messages = reception_.counts().decoded;
  batch_.events.push_back({.run = 0,
                           .time = utc_now(),
                           .kind = "store_rebuilt",
                           .detail = broker_started_json(before_.stored.checkpoint, recovery_)});
  const std::uint64_t next = std::max({from, recovery_.journal.next_position, std::uint64_t{1}});
  if (auto written = checkpoint(next, utc_now(), true); !written) {
    return tl::make_unexpected(written.error());
  }
  for (const std::int64_t run : recovery_.runs_lost) {
    if (auto dropped = writer_.drop_state(run); !dropped) {
      return tl::make_unexpected(dropped.error());
    }
  }
  return std::move(recovery_);
}

Result<void> Rebuild::accept(const store::JournalRecord& record) {
  ++recovery_.records;
  if (auto accepted = replay_.accept(record); !accepted) return accepted;
  bytes_ += record.bytes.size();
  if (++records_ < kRecordsPerBatch && bytes_ < kBytesPerBatch) return {};
  return checkpoint(record.position + 1, record.arrival, false);
}

Result<void> Rebuild::checkpoint(std::uint64_t position, schema::Timestamp until, bool last) {
  for (auto& [number, run] : registry_.runs()) {
    take_events(run);
    collect_with_state(run, batch_, last);
  }
  take_sidelines(books(), batch_);
  batch_.synced = last;
  batch_.checkpoint = {.position = position,
                       .next_run = registry_.next_run(),
                       .anonymous_run = registry_.anonymous_run(),
                       .time = until,
                       .stopped = false};
  records_ = bytes_ = 0;
  const schema::StoreBatch batch = std::exchange(batch_, {});
  auto written = writer_.write(batch);
  if (!written) return written;
  for (const std::int64_t run : batch.forgotten) writer_.forget_run(run);
  const auto copied = writer_.checkpoint();
  return copied || copied.error().code == schema::ErrorCode::locked ? Result<void>{} : copied;
}

void Rebuild::take_events(Run& run) {
  for (const aggregator::RunEvent& event : std::exchange(run.uncollected().events, {})) {
    batch_.events.push_back({.run = run.number(),
                             .time = event.time,
                             .kind = std::string(aggregator::to_string(event.kind)),
                             .detail = event_detail_json(run, event)});
  }
}

void Rebuild::forget(Run& run) {
  take_events(run);
  collect_forgotten(books(), run, batch_);
}

}  // namespace

Result<Recovery> rebuild_from_journal(const Config& config, store::StoreLock lock) {
  auto writer = store::RunWriter::open(config.store, WEIR_VERSION, std::move(lock));
  if (!writer) return tl::make_unexpected(writer.error());
  const auto before = read_before(*writer, config.limits);
  if (!before) return tl::make_unexpected(before.error());
  auto recovery = Rebuild{config, *before, *writer}.run();
  if (!recovery) return recovery;
  const std::filesystem::path folder = store::data_folder(config.store);
  if (recovery->journal.tail.empty()) return recovery;
  auto settled = store::truncate_torn(folder, recovery->journal);
  if (settled) settled = store::set_aside(folder, recovery->journal);
  if (!settled) return tl::make_unexpected(settled.error());
  return recovery;
}

}  // namespace weir::broker
