#include "store/hit_writer.hpp"

#include "store/upsert.hpp"

namespace weir::store {

using schema::Result;

Result<HitWriter> HitWriter::prepare(Database& database, std::size_t max_per_run) {
  auto insert = database.prepare(
      insert_sql("hits",
                 "run, label, worker, started_us, elapsed_us, status, success, url, bytes_sent, "
                 "bytes_received, dns_us, connect_us, tls_us, first_byte_us, error"));
  if (!insert) return tl::make_unexpected(insert.error());
  auto count = database.prepare("SELECT sum(success), sum(NOT success) FROM hits WHERE run = ?");
  if (!count) return tl::make_unexpected(count.error());
  HitWriter writer;
  writer.insert_ = std::move(*insert);
  writer.count_ = std::move(*count);
  writer.max_per_run_ = max_per_run;
  return writer;
}

Result<bool> HitWriter::write(const schema::HitRecord& hit, std::int64_t label_id,
                              std::optional<RunCache::Kept>& kept) {
  if (!kept) {
    const auto counted = count(hit.run);
    if (!counted) return tl::make_unexpected(counted.error());
    kept = *counted;
  }
  std::uint64_t& of_its_kind = hit.success ? kept->successes : kept->failures;
  if (of_its_kind >= max_per_run_) return false;
  insert_.add(hit.run).add(label_id).add(hit.worker_id).add(hit.started).add(hit.elapsed);
  insert_.add(hit.status).add(hit.success).add(hit.url);
  insert_.add(hit.bytes_sent).add(hit.bytes_received);
  insert_.add(hit.dns).add(hit.connect).add(hit.tls).add(hit.first_byte).add(hit.error);
  if (const auto inserted = insert_.run(); !inserted) {
    return tl::make_unexpected(inserted.error());
  }
  ++of_its_kind;
  return true;
}

Result<RunCache::Kept> HitWriter::count(std::int64_t run) {
  const auto row = count_.add(run).step();
  if (!row) return tl::make_unexpected(row.error());
  Columns columns{count_};
  const RunCache::Kept kept{.successes = columns.count(), .failures = columns.count()};
  count_.reset();
  return kept;
}

}  // namespace weir::store
