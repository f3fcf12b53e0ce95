#include "broker/http_reception.hpp"

#include <utility>

#include "store/crc32c.hpp"

namespace weir::broker {
namespace {

using http::Outcome;
using schema::Timestamp;

constexpr std::string_view kSource = "http";

Outcome outcome_of(const schema::KeyRecord& record) {
  Outcome outcome;
  outcome.accepted = record.accepted;
  outcome.duplicate = record.duplicate;
  outcome.reasons = record.rejected;
  for (const std::uint64_t count : record.rejected) outcome.rejected += count;
  return outcome;
}

schema::KeyRecord record_of(const FrameReport& report, const HttpKey& key, Timestamp now) {
  return {.key = std::string{key.idempotency_key},
          .fingerprint = key.fingerprint,
          .accepted = report.accepted,
          .duplicate = report.duplicate,
          .rejected = report.rejected,
          .time = now};
}

HttpKey key_of(const http::Messages& messages) {
  // With its length it tells bodies apart that were not made to look alike.
  const std::uint64_t sum = store::crc32c(messages.body);
  return {(std::uint64_t{messages.body.size()} << 32U) | sum, messages.worker_id, messages.run_id,
          messages.idempotency_key};
}

}  // namespace

const char* HttpReception::why_not_now(std::size_t bytes) const {
  if (!began_) return "the results file cannot be written yet";
  if (held_) return "the results file does not keep up";
  if (journal_ != nullptr && !journal_->takes(bytes)) {
    return "the journal cannot be written at present";
  }
  return nullptr;
}

void HttpReception::refuse(const Done& done, std::string why) {
  ++counts_.retry_later;
  Outcome outcome;
  outcome.verdict = Outcome::Verdict::later;
  outcome.detail = std::move(why);
  done(std::move(outcome));
}

void HttpReception::take(const http::Messages& messages, Done done, Timestamp now) {
  if (const char* why = why_not_now(messages.body.size())) return refuse(done, why);
  const HttpKey key = key_of(messages);
  if (const KeyLedger::Known* known = keys_.find(key.idempotency_key);
      known != nullptr && !key.idempotency_key.empty()) {
    Outcome outcome = outcome_of(known->record);
    outcome.replayed = true;
    if (known->record.fingerprint != key.fingerprint) {
      outcome.verdict = Outcome::Verdict::key_is_used;
      outcome.detail = "this Idempotency-Key came with another body before; take a new one";
    }
    ++counts_.replayed;
    return answer_when_safe(known->position, std::move(outcome), std::move(done));
  }
  ++counts_.requests;
  std::uint64_t position = 0;
  if (journal_ != nullptr) {
    position = journal_->append({.arrival = now,
                                 .source = store::SourceKind::http_messages,
                                 .key = encode_http_key(key),
                                 .bytes = messages.body},
                                durability_);
  }
  FrameReport report;
  report.refused_max = Outcome::kRefusedMax;
  reception_.accept(messages.body, now,
                    {messages.worker_id, messages.run_id, kSource, false, &report});
  const schema::KeyRecord record = record_of(report, key, now);
  Outcome outcome = outcome_of(record);
  for (FrameReport::Refused& refused : report.refused) {
    outcome.refused.push_back({refused.message, refused.reason, std::move(refused.detail)});
  }
  if (!record.key.empty()) keys_.add(record, position);
  answer_when_safe(position, std::move(outcome), std::move(done));
}

void HttpReception::answer_when_safe(std::uint64_t position, Outcome outcome, Done done) {
  if (position == 0) return done(std::move(outcome));
  // By a key that is known it may be behind others.
  const std::uint64_t behind = waiting_.empty() ? 0 : waiting_.back().position;
  waiting_.push_back({std::max(position, behind), std::move(outcome), std::move(done)});
}

void HttpReception::answer() {
  if (waiting_.empty()) return;
  const JournalStats journal = journal_->stats();
  const std::uint64_t safe = durability_ == Durability::disk ? journal.durable : journal.written;
  while (!waiting_.empty() && waiting_.front().position <= safe) {
    waiting_.front().done(std::move(waiting_.front().outcome));
    waiting_.pop_front();
  }
  if (journal.state == JournalState::failed) give_up();
}

void HttpReception::give_up() {
  for (Waiting& waiting : std::exchange(waiting_, {})) {
    refuse(waiting.done, "the journal could not be written; send it again");
  }
}

// The fingerprint, little-endian; worker_id and run_id, each behind its length in a byte; the
// idempotency key.
std::string encode_http_key(const HttpKey& key) {
  std::string bytes;
  for (unsigned i = 0; i < 8; ++i) {
    bytes += static_cast<char>(static_cast<unsigned char>(key.fingerprint >> (8 * i)));
  }
  for (const std::string_view id : {key.worker_id, key.run_id}) {
    bytes += static_cast<char>(id.size());
    bytes += id;
  }
  bytes += key.idempotency_key;
  return bytes;
}

std::optional<HttpKey> decode_http_key(std::string_view bytes) {
  constexpr std::size_t kFingerprint = 8;
  if (bytes.size() < kFingerprint) return std::nullopt;
  HttpKey key;
  for (std::size_t i = kFingerprint; i-- > 0;) {
    key.fingerprint = key.fingerprint << 8U | static_cast<unsigned char>(bytes[i]);
  }
  bytes.remove_prefix(kFingerprint);
  for (std::string_view* id : {&key.worker_id, &key.run_id}) {
    if (bytes.empty()) return std::nullopt;
    const std::size_t size = static_cast<unsigned char>(bytes.front());
    if (bytes.size() - 1 < size) return std::nullopt;
    *id = bytes.substr(1, size);
    bytes.remove_prefix(1 + size);
  }
  key.idempotency_key = bytes;
  return key;
}

void replay_http(Reception& reception, KeyLedger& keys, const store::JournalRecord& record) {
  const auto key = decode_http_key(record.key);
  if (!key) return;
  const bool has_key = !key->idempotency_key.empty();
  // A checkpoint that was made later than it has it already.
  if (has_key && keys.find(key->idempotency_key) != nullptr) return;
  FrameReport report;
  reception.accept(record.bytes, record.arrival,
                   {key->worker_id, key->run_id, kSource, true, has_key ? &report : nullptr});
  if (has_key) keys.add(record_of(report, *key, record.arrival), 0);
}

}  // namespace weir::broker
