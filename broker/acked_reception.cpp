#include "broker/acked_reception.hpp"

#include <utility>

#include "broker/journal_key.hpp"
#include "broker/log.hpp"
#include "store/failpoint.hpp"

namespace weir::broker {

using schema::ErrorCode;
using schema::Timestamp;

namespace {

std::string_view text_of(Durability durability) {
  switch (durability) {
    case Durability::disk:
      return "disk";
    case Durability::os:
      return "os";
    case Durability::off:
      return "off";
  }
  return "off";
}

}  // namespace

AckedReception::AckedReception(AckedConfig config, Durability durability, AckedIntake& intake,
                               AckLedger& ledger, Reception& reception, JournalWorker* journal,
                               Authorize authorize)
    : config_(std::move(config)),
      durability_(durability),
      intake_(intake),
      ledger_(ledger),
      reception_(reception),
      journal_(durability == Durability::off ? nullptr : journal),
      authorize_(std::move(authorize)) {}

bool AckedReception::receive(Timestamp now, const Turn& turn) {
  AckedIntake::Request request;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < turn.requests_max && bytes < turn.bytes_max; ++i) {
    if (i > 0 && std::chrono::steady_clock::now() >= turn.until) return true;
    switch (intake_.receive(request)) {
      case AckedIntake::Received::request:
        accept(request, now);
        break;
      case AckedIntake::Received::malformed:
        ++counts_.bad_requests;
        refuse(request.connection, 0, AckRefusal::malformed, "a request has two frames");
        break;
      case AckedIntake::Received::nothing:
        return false;
    }
    bytes += request.fields.size();
  }
  return true;
}

void AckedReception::accept(const AckedIntake::Request& request, Timestamp now) {
  const auto decoded = decode_ack_request(request.kind, request.fields);
  if (!decoded) {
    ++counts_.bad_requests;
    // A hello that is no good now will be no good later.
    refuse(request.connection, 0, request.kind == "H" ? AckRefusal::denied : AckRefusal::malformed,
           decoded.error().detail);
    return;
  }
  std::visit([&](const auto& said) { on(said, request.connection, now); }, *decoded);
}

void AckedReception::on(const Hello& hello, std::string_view connection, Timestamp now) {
  std::optional<Sha256> token;
  if (!hello.token.empty()) token = sha256(hello.token);
  if (const std::string why = authorize_(token); !why.empty()) {
    return deny(connection, hello.worker_id, why);
  }
  const bool full =
      connections_.size() >= config_.connections && !connections_.contains(connection);
  if (full || !began_) {
    ++counts_.retry_later;
    refuse(connection, 0, AckRefusal::retry_later,
           full ? "there are acked.connections connections"
                : "the results file cannot be written yet");
    return;
  }
  const std::uint64_t lost = ledger_.lost();
  const auto sender = ledger_.hello(hello.worker_id, hello.epoch, hello.next_seq, now);
  if (!sender) return deny(connection, hello.worker_id, sender.error().detail);
  if (ledger_.lost() > lost) {
    log_event(LogLevel::error, "acknowledged_batches_lost",
              {{"worker", hello.worker_id}, {"batches", ledger_.lost() - lost}});
  }
  // A sender has one connection: that of its last hello.
  if (const auto before = connections_.find(connection); before != connections_.end()) {
    forget(before);
  }
  if (const auto at = at_.find(hello.worker_id); at != at_.end()) {
    if (const auto elsewhere = connections_.find(at->second); elsewhere != connections_.end()) {
      forget(elsewhere);
    }
  }
  connections_.insert_or_assign(std::string(connection),
                                Connection{hello.worker_id, hello.run_id, hello.epoch, now, token});
  at_.insert_or_assign(hello.worker_id, std::string(connection));
  answer(connection, "W",
         encode_welcome({.next_seq = (*sender)->acked,
                         .credit = static_cast<std::uint32_t>(config_.credit),
                         .max_batch_bytes = config_.max_batch_bytes,
                         .durability = text_of(durability_)}));
}

AckedReception::Connections::iterator AckedReception::connected(std::string_view connection,
                                                                Timestamp now) {
  const auto known = connections_.find(connection);
  if (known == connections_.end()) return known;
  const AckLedger::Sender* sender = ledger_.find(known->second.worker_id);
  if (sender == nullptr || sender->epoch != known->second.epoch) {
    forget(known);
    return connections_.end();
  }
  known->second.last = now;
  return known;
}

bool AckedReception::has_room_for(const AckedBatch& batch) const {
  // Of a batch that is too large only the key is journaled.
  const std::size_t bytes =
      batch.payload.size() > config_.max_batch_bytes ? 0 : batch.payload.size();
  return !held_ && (journal_ == nullptr || journal_->takes(bytes));
}

void AckedReception::on(const AckedBatch& batch, std::string_view connection, Timestamp now) {
  const auto from = connected(connection, now);
  if (from == connections_.end()) {
    ++counts_.out_of_order;
    refuse(connection, batch.seq, AckRefusal::out_of_order, "say hello first");
    return;
  }
  AckLedger::Sender& sender = *ledger_.find(from->second.worker_id);
  const AckLedger::Verdict verdict = AckLedger::judge(sender, batch.seq);
  if (verdict == AckLedger::Verdict::duplicate) {
    ++counts_.duplicate;
    owed_.insert(from->first);
  } else if (!has_room_for(batch)) {
    ++counts_.retry_later;
    refuse(
        connection, batch.seq, AckRefusal::retry_later,
        held_ ? "the results file does not keep up" : "the journal cannot be written at present");
  } else if (verdict == AckLedger::Verdict::out_of_order) {
    ++counts_.out_of_order;
    refuse(connection, batch.seq, AckRefusal::out_of_order,
           "batch " + std::to_string(sender.next_seq) + " is expected");
  } else {
    take(batch, sender, from, now);
  }
}

// A batch that is no good is journaled too: that it had its turn must be remembered.
void AckedReception::take(const AckedBatch& batch, AckLedger::Sender& sender,
                          Connections::iterator from, Timestamp now) {
  const Connection& connection = from->second;
  const bool too_large = batch.payload.size() > config_.max_batch_bytes;
  std::uint64_t position = 0;
  if (journal_ != nullptr) {
    position = journal_->append(
        {.arrival = now,
         .source = too_large ? store::SourceKind::refused_batch : store::SourceKind::acked_batch,
         .key =
             encode_journal_key({sender.epoch, batch.seq, connection.worker_id, connection.run_id}),
         .bytes = too_large ? std::string_view{} : batch.payload},
        durability_);
  }
  ++counts_.batches;
  if (too_large) {
    ++counts_.too_large;
    reception_.refuse_frame(ErrorCode::too_large, kBatchTooLarge, batch.payload, now);
    refuse(from->first, batch.seq, AckRefusal::too_large, "over acked.max_batch_bytes; set aside");
  } else if (const auto read = reception_.accept(
                 batch.payload, now,
                 {.worker_id = connection.worker_id, .run_id = connection.run_id});
             read.messages == 0 && read.refused) {
    ++counts_.malformed;
    refuse(from->first, batch.seq, AckRefusal::malformed,
           "no message in it could be read; set aside");
  }
  ledger_.taken(sender, position, now);
  if (sender.acked > batch.seq) owed_.insert(from->first);
}

void AckedReception::on(const Ping& ping, std::string_view connection, Timestamp now) {
  connected(connection, now);
  answer(connection, "p", encode_pong(ping.cookie, now));
}

void AckedReception::on(const EndOfBatches& end, std::string_view connection, Timestamp now) {
  const auto from = connected(connection, now);
  const AckLedger::Sender* sender =
      from == connections_.end() ? nullptr : ledger_.find(from->second.worker_id);
  if (sender == nullptr || sender->next_seq <= end.last_seq) {
    ++counts_.out_of_order;
    refuse(connection, end.last_seq, AckRefusal::out_of_order,
           sender == nullptr ? "say hello first"
                             : "batch " + std::to_string(sender->next_seq) + " is expected");
    return;
  }
  // What is not safe yet is acknowledged when it is.
  if (sender->acked > end.last_seq) owed_.insert(from->first);
}

void AckedReception::acknowledge() {
  if (journal_ != nullptr) {
    const JournalStats journal = journal_->stats();
    ledger_.safe_until(durability_ == Durability::disk ? journal.durable : journal.written,
                       [this](const AckLedger::Sender& sender) {
                         const auto at = at_.find(sender.worker_id);
                         if (at != at_.end()) owed_.insert(at->second);
                       });
  }
  for (auto next = owed_.begin(); next != owed_.end();) {
    const auto owed = next++;
    const auto to = connections_.find(*owed);
    const AckLedger::Sender* sender =
        to == connections_.end() ? nullptr : ledger_.find(to->second.worker_id);
    if (sender == nullptr) {
      owed_.erase(owed);
      continue;
    }
    store::failpoint(store::Failpoint::ack);
    const auto sent =
        answer(*owed, "A",
               encode_acknowledgement(sender->acked, static_cast<std::uint32_t>(config_.credit)));
    if (sent == AckedIntake::Sent::gone) forget(to);
    if (sent != AckedIntake::Sent::later) owed_.erase(owed);
  }
}

void AckedReception::authorize_again() {
  for (auto next = connections_.begin(); next != connections_.end();) {
    const auto connection = next++;
    const std::string why = authorize_(connection->second.token);
    if (why.empty()) continue;
    deny(connection->first, connection->second.worker_id, why);
    forget(connection);
  }
}

void AckedReception::tick(Timestamp now) {
  for (auto next = connections_.begin(); next != connections_.end();) {
    const auto connection = next++;
    if (now - connection->second.last >= config_.idle_timeout) forget(connection);
  }
}

void AckedReception::deny(std::string_view connection, std::string_view worker_id,
                          std::string_view why) {
  ++counts_.denied;
  log_event(LogLevel::warn, "sender_denied", {{"worker", worker_id}, {"detail", why}});
  refuse(connection, 0, AckRefusal::denied, why);
}

void AckedReception::refuse(std::string_view connection, std::uint64_t seq, AckRefusal code,
                            std::string_view message) {
  answer(connection, "N", encode_refusal(seq, code, message));
}

AckedIntake::Sent AckedReception::answer(std::string_view connection, std::string_view kind,
                                         std::string_view fields) {
  return intake_.send(connection, kind, fields);
}

void AckedReception::forget(Connections::iterator connection) {
  const auto at = at_.find(connection->second.worker_id);
  if (at != at_.end() && at->second == connection->first) at_.erase(at);
  connections_.erase(connection);
}

}  // namespace weir::broker
