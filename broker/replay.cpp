#include "broker/replay.hpp"

#include <utility>

#include "aggregator/collect.hpp"
#include "aggregator/run_bytes.hpp"
#include "broker/journal_key.hpp"
#include "broker/log.hpp"

namespace weir::broker {

using aggregator::Run;
using schema::Result;

void Replay::load(const store::StoredState& stored, const aggregator::Settings& settings,
                  Recovery& found) {
  std::vector<Run> runs;
  for (const schema::RunStateRecord& state : stored.states) {
    auto run = aggregator::load_run(state.bytes, settings);
    if (run) {
      runs.push_back(std::move(*run));
      continue;
    }
    found.runs_lost.push_back(state.run);
    log_event(LogLevel::error, "run_state_unreadable",
              {{"run", state.run}, {"detail", run.error().detail}});
  }
  found.runs = runs.size();
  books_.registry.restore(std::move(runs), stored.checkpoint.anonymous_run);
  books_.ledger.restore(stored.marks);
}

Result<void> Replay::accept(const store::JournalRecord& record) {
  switch (record.source) {
    case store::SourceKind::tick:
      books_.registry.tick(record.arrival, forget_);
      return {};
    case store::SourceKind::loads_frame:
      books_.reception.accept(record.bytes, record.arrival, {{}, {}, true});
      return {};
    case store::SourceKind::acked_batch: {
      const auto key = decode_journal_key(record.key);
      if (key && books_.ledger.replayed(key->worker_id, key->epoch, key->seq, record.arrival)) {
        books_.reception.accept(record.bytes, record.arrival, {key->worker_id, key->run_id, true});
      }
      return {};
    }
    default:
      return schema::fail(schema::ErrorCode::newer_schema,
                          "the journal was written by a newer weir: use that one");
  }
}

void collect_forgotten(const Books& books, Run& run, schema::StoreBatch& batch) {
  aggregator::collect(run, batch, true);
  batch.forgotten.push_back(run.number());
  books.hit_rows.forget(run.number());
}

void take_sidelines(const Books& books, schema::StoreBatch& batch) {
  books.reception.take_rejects(batch);
  books.hit_rows.take(batch);
  books.ledger.take_marks(batch);
}

void collect_with_state(Run& run, schema::StoreBatch& batch, bool all) {
  aggregator::collect(run, batch, all);
  batch.states.push_back({run.number(), aggregator::save_run(run)});
}

}  // namespace weir::broker
