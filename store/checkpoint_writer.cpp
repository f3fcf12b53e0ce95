#include "store/checkpoint_writer.hpp"

#include <array>
#include <string>
#include <utility>

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
  const std::array<std::pair<Statement*, std::string>, 5> all{{
      {&writer.state_,
       "INSERT INTO run_states (run, state) SELECT id, ?2 FROM runs WHERE id = ?1 "
       "ON CONFLICT DO UPDATE SET state = excluded.state"},
      {&writer.forget_, "DELETE FROM run_states WHERE run = ?"},
      {&writer.forget_mark_, "DELETE FROM marks WHERE worker_id = ?"},
      {&writer.mark_, upsert_sql("marks", "worker_id", "epoch, next_seq, last_us")},
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
  if (!batch.checkpoint) return {};
  const schema::Checkpoint& checkpoint = *batch.checkpoint;
  checkpoint_.add(checkpoint.position).add(checkpoint.next_run).add(checkpoint.anonymous_run);
  return checkpoint_.add(checkpoint.time).add(checkpoint.stopped ? 1 : 0).run();
}

}  // namespace weir::store
