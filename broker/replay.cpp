#include "broker/replay.hpp"

#include <limits>
#include <utility>

#include "aggregator/collect.hpp"
#include "aggregator/run_bytes.hpp"
#include "aggregator/run_checkpoint.hpp"
#include "broker/http_reception.hpp"
#include "broker/journal_key.hpp"
#include "broker/log.hpp"

namespace weir::broker {

using aggregator::Run;
using schema::Result;

Result<void> Replay::load(const store::StoredState& stored, const aggregator::Settings& settings,
                          Recovery& found) {
  loaded_until_ = stored.checkpoint.time;
  std::vector<Run> runs;
  for (const schema::RunStateRecord& state : stored.states) {
    auto run = aggregator::load_run(state.parts.front(), settings);
    if (run) {
      runs.push_back(std::move(*run));
      continue;
    }
    if (run.error().code == schema::ErrorCode::newer_schema) {
      return schema::fail(run.error().code, "run " + std::to_string(state.run) +
                                                " is open and was saved by another version of "
                                                "weir: start that one once and stop it");
    }
    found.runs_lost.push_back(state.run);
    log_event(LogLevel::error, "run_state_unreadable",
              {{"run", state.run}, {"detail", run.error().detail}});
  }
  found.runs = runs.size();
  books_.registry.restore(std::move(runs), stored.checkpoint.anonymous_run);
  books_.ledger.restore(stored.marks);
  books_.keys.restore(stored.keys);
  return {};
}

Result<void> Replay::accept(const store::JournalRecord& record) {
  switch (record.source) {
    case store::SourceKind::tick:
      // It may have been written behind a checkpoint that was made later than it.
      if (record.arrival > loaded_until_) {
        books_.registry.tick(record.arrival, forget_);
        books_.registry.close_some(std::numeric_limits<std::size_t>::max());
      }
      return {};
    case store::SourceKind::loads_frame:
      books_.reception.accept(record.bytes, record.arrival, {.replayed = true});
      return {};
    case store::SourceKind::acked_batch: {
      const auto key = decode_journal_key(record.key);
      if (key && books_.ledger.replayed(key->worker_id, key->epoch, key->seq, record.arrival)) {
        books_.reception.accept(
            record.bytes, record.arrival,
            {.worker_id = key->worker_id, .run_id = key->run_id, .replayed = true});
      }
      return {};
    }
    case store::SourceKind::refused_batch: {
      const auto key = decode_journal_key(record.key);
      if (key && books_.ledger.replayed(key->worker_id, key->epoch, key->seq, record.arrival)) {
        books_.reception.refuse_frame(schema::ErrorCode::too_large, kBatchTooLarge, {},
                                      record.arrival);
      }
      return {};
    }
    case store::SourceKind::http_messages:
      replay_http(books_.reception, books_.keys, record);
      return {};
    default:
      return schema::fail(schema::ErrorCode::newer_schema,
                          "the journal was written by a newer weir: use that one");
  }
}

void collect_forgotten(const Books& books, Run& run, schema::StoreBatch& batch) {
  aggregator::collect(run, batch, true);
  batch.forgotten.push_back(run.number());
  books.hit_rows.take(batch);
  books.hit_rows.forget(run.number());
}

void take_sidelines(const Books& books, schema::StoreBatch& batch) {
  books.reception.take_rejects(batch);
  books.hit_rows.take(batch);
  books.ledger.take_marks(batch);
  books.keys.take_keys(batch);
}

void collect_with_state(Run& run, schema::StoreBatch& batch, bool all) {
  run.close_rest();
  aggregator::RunCheckpoint checkpoint{run, all};
  checkpoint.step(std::numeric_limits<std::size_t>::max());
  checkpoint.move_into(batch);
}

}  // namespace weir::broker
