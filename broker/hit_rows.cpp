#include "broker/hit_rows.hpp"

#include <algorithm>
#include <utility>

#include "aggregator/label_template.hpp"
#include "schema/ids.hpp"

namespace weir::broker {

using schema::AddHit;

namespace {

// Room that is made at once: growing moves what is there.
constexpr std::size_t kFirstRows = 8'192;

}  // namespace

HitRows::HitRows(std::size_t hits_max_per_run, std::size_t rows_max, bool keep_query,
                 std::size_t text_bytes)
    : hits_max_(hits_max_per_run),
      rows_max_(rows_max),
      keep_query_(keep_query),
      text_bytes_(text_bytes) {}

void HitRows::accept(const aggregator::Run& run, const schema::Message& message,
                     const aggregator::Applied& applied, schema::Timestamp now) {
  const auto* hit = std::get_if<AddHit>(&message.body);
  if (hit == nullptr) return;
  Kept& kept = kept_[run.number()];
  const bool success = schema::succeeded(*hit);
  std::size_t& of_kind = success ? kept.successes : kept.failures;
  if (of_kind >= hits_max_ || rows_.size() >= rows_max_) {
    ++kept.not_kept;
    return;
  }
  ++of_kind;
  if (rows_.empty()) rows_.reserve(std::min(rows_max_, kFirstRows));
  const schema::Timestamp ended = message.envelope.time.value_or(now);
  std::string url = aggregator::stored_url(hit->url, keep_query_);
  url.resize(schema::utf8_prefix(url, text_bytes_).size());
  const std::string_view worker = message.envelope.worker_id;
  rows_.push_back({.run = run.number(),
                   .label = applied.find_label(),
                   .worker_id = std::string(worker.empty() ? schema::kUnknownWorker : worker),
                   .started = hit->started.value_or(ended - hit->elapsed),
                   .elapsed = hit->elapsed,
                   .status = hit->status,
                   .success = success,
                   .url = std::move(url),
                   .bytes_sent = hit->bytes_sent,
                   .bytes_received = hit->bytes_received,
                   .dns = hit->dns,
                   .connect = hit->connect,
                   .tls = hit->tls,
                   .first_byte = hit->first_byte,
                   .error = std::string(schema::utf8_prefix(hit->error, text_bytes_))});
}

void HitRows::take(schema::StoreBatch& batch) {
  // The batch may have those of a run that left memory.
  schema::append(batch.hits, std::exchange(rows_, {}));
  for (auto& [run, kept] : kept_) {
    if (kept.not_kept == 0) continue;
    batch.hits_not_kept.push_back({run, std::exchange(kept.not_kept, 0)});
  }
}

}  // namespace weir::broker
