#include "store/checkpoint_writer.hpp"

#include <array>
#include <bit>
#include <optional>
#include <string>
#include <utility>

#include "store/rejects_json.hpp"
#include "store/tags_json.hpp"
#include "store/upsert.hpp"

namespace weir::store {

using schema::Result;

namespace {

std::string join(const std::vector<std::string>& parts) {
  std::size_t size = 0;
  for (const std::string& part : parts) size += part.size();
  std::string bytes;
  bytes.reserve(size);
  for (const std::string& part : parts) bytes += part;
  return bytes;
}

}  // namespace

Result<CheckpointWriter> CheckpointWriter::prepare(Database& database) {
  CheckpointWriter writer;
  const std::array<std::pair<Statement*, std::string>, 9> all{{
      {&writer.state_,
       "INSERT INTO run_states (run, state) SELECT id, ?2 FROM runs WHERE id = ?1 "
       "ON CONFLICT DO UPDATE SET state = excluded.state"},
      {&writer.forget_, "DELETE FROM run_states WHERE run = ?"},
      {&writer.forget_mark_, "DELETE FROM marks WHERE worker_id = ?"},
      {&writer.mark_, upsert_sql("marks", "worker_id", "epoch, next_seq, last_us")},
      {&writer.forget_key_, "DELETE FROM idempotency_keys WHERE key = ?"},
      {&writer.key_, upsert_sql("idempotency_keys", "key",
                                "fingerprint, accepted, duplicate, rejected, time_us")},
      {&writer.edit_,
       "UPDATE runs SET name = coalesce(?2, name), note = coalesce(?3, note), "
       "baseline = coalesce(?4, baseline), tags = coalesce(?5, tags) WHERE id = ?1"},
      {&writer.delete_,
       "INSERT OR IGNORE INTO deletions (run, reason) SELECT id, 'asked' FROM runs WHERE id = ?"},
      {&writer.checkpoint_,
       "UPDATE checkpoint SET (position, next_run, anonymous_run, time_us, stopped) = "
       "(?, ?, ?, ?, ?)"},
  }};
  for (const auto& [statement, sql] : all) {
    auto prepared = database.prepare(sql);
    if (!prepared) return tl::make_unexpected(prepared.error());
    *statement = std::move(*prepared);
  }
  return writer;
}

Result<void> CheckpointWriter::write(const schema::StoreBatch& batch) {
  for (const auto& [run, parts] : batch.states) {
    const std::string bytes = join(parts);
    if (auto written = state_.add(run).add_blob(bytes).run(); !written) return written;
  }
  for (const std::int64_t run : batch.forgotten) {
    if (auto gone = forget_.add(run).run(); !gone) return gone;
  }
  for (const std::string& worker_id : batch.forgotten_senders) {
    if (auto gone = forget_mark_.add(worker_id).run(); !gone) return gone;
  }
  for (const schema::MarkRecord& mark : batch.marks) {
    auto written =
        mark_.add(mark.worker_id).add(mark.epoch).add(mark.next_seq).add(mark.last).run();
    if (!written) return written;
  }
  if (auto written = write_keys(batch); !written) return written;
  if (auto written = write_orders(batch); !written) return written;
  if (!batch.checkpoint) return {};
  const schema::Checkpoint& checkpoint = *batch.checkpoint;
  checkpoint_.add(checkpoint.position).add(checkpoint.next_run).add(checkpoint.anonymous_run);
  return checkpoint_.add(checkpoint.time).add(checkpoint.stopped ? 1 : 0).run();
}

Result<void> CheckpointWriter::write_keys(const schema::StoreBatch& batch) {
  for (const std::string& key : batch.forgotten_keys) {
    if (auto gone = forget_key_.add(key).run(); !gone) return gone;
  }
  for (const schema::KeyRecord& key : batch.keys) {
    // SQLite's integers are signed: the bits are kept.
    key_.add(key.key).add(std::bit_cast<std::int64_t>(key.fingerprint));
    key_.add(key.accepted).add(key.duplicate).add(rejects_to_json(key.rejected)).add(key.time);
    if (auto written = key_.run(); !written) return written;
  }
  return {};
}

// What people asked for.
Result<void> CheckpointWriter::write_orders(const schema::StoreBatch& batch) {
  for (const schema::RunEdit& edit : batch.edits) {
    std::optional<std::string> tags;
    if (edit.tags) tags = tags_to_json(*edit.tags);
    edit_.add(edit.run).add(edit.name).add(edit.note).add(edit.baseline).add(tags);
    if (auto written = edit_.run(); !written) return written;
  }
  for (const std::int64_t run : batch.deletions) {
    if (auto written = delete_.add(run).run(); !written) return written;
  }
  return {};
}

}  // namespace weir::store
