#include "broker/ack_ledger.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace weir::broker {
namespace {

// Far from where numbers end, and more than anyone sends.
constexpr std::uint64_t kMaxSeq = std::uint64_t{1} << 62U;

}  // namespace

using schema::Timestamp;

void AckLedger::restore(const std::vector<schema::MarkRecord>& marks) {
  for (const schema::MarkRecord& mark : marks) {
    Sender& sender = add(mark.worker_id, mark.epoch);
    sender.next_seq = sender.acked = mark.next_seq;
    sender.last = mark.last;
    sender.restored = sender.from_mark = true;
  }
}

AckLedger::Sender& AckLedger::add(std::string_view worker_id, std::uint64_t epoch) {
  Sender& sender = senders_[std::string(worker_id)];
  sender = {.worker_id = std::string(worker_id), .epoch = epoch, .last = {}};
  return sender;
}

AckLedger::Sender* AckLedger::find(std::string_view worker_id) {
  const auto found = senders_.find(worker_id);
  return found == senders_.end() ? nullptr : &found->second;
}

bool AckLedger::make_room(Timestamp now) {
  if (senders_.size() < senders_max_) return true;
  if (now < full_until_) return false;
  const auto oldest =
      std::ranges::min_element(senders_, {}, [](const auto& entry) { return entry.second.last; });
  const Timestamp leaves = oldest->second.last + kForgetAfter;
  if (now < leaves) {
    full_until_ = leaves;
    return false;
  }
  forgotten_.push_back(oldest->first);
  senders_.erase(oldest);
  return true;
}

schema::Result<AckLedger::Sender*> AckLedger::hello(std::string_view worker_id, std::uint64_t epoch,
                                                    std::uint64_t oldest, Timestamp now) {
  Sender* const known = find(worker_id);
  const bool goes_on = known != nullptr && known->epoch == epoch;
  if (known != nullptr && epoch < known->epoch) {
    return schema::fail(schema::ErrorCode::out_of_range,
                        "this worker_id was seen with a later epoch: another process uses it, or "
                        "the clock of its machine was set back");
  }
  if (oldest > kMaxSeq || (goes_on && !known->restored && oldest > known->next_seq)) {
    return schema::fail(schema::ErrorCode::out_of_range,
                        "next_seq is beyond what this worker_id has sent");
  }
  if (known == nullptr && !make_room(now)) {
    return schema::fail(schema::ErrorCode::limit_workers, "there are acked.senders senders");
  }
  Sender& sender = goes_on ? *known : add(worker_id, epoch);
  if (oldest > sender.next_seq) {
    // What a sender that is new here had acknowledged elsewhere is none of this store's.
    if (known != nullptr && (!goes_on || sender.next_seq > 1)) lost_ += oldest - sender.next_seq;
    sender.next_seq = sender.acked = oldest;
  }
  sender.restored = false;
  sender.last = now;
  sender.changed = true;
  return &sender;
}

AckLedger::Verdict AckLedger::judge(const Sender& sender, std::uint64_t seq) {
  if (seq == sender.next_seq) return Verdict::take;
  return seq < sender.next_seq ? Verdict::duplicate : Verdict::out_of_order;
}

void AckLedger::taken(Sender& sender, std::uint64_t position, Timestamp now) {
  const std::uint64_t seq = sender.next_seq++;
  sender.last = now;
  sender.changed = true;
  if (position <= safe_ && sender.acked == seq) {
    sender.acked = sender.next_seq;
  } else {
    waiting_.push_back({position, sender.worker_id, sender.epoch, seq});
  }
}

bool AckLedger::replayed(std::string_view worker_id, std::uint64_t epoch, std::uint64_t seq,
                         Timestamp now) {
  Sender* sender = find(worker_id);
  // An earlier epoch than that of the mark was only let in because the sender had been forgotten.
  const bool came_back = sender != nullptr && sender->from_mark && epoch < sender->epoch;
  if (sender == nullptr || sender->epoch < epoch || came_back) {
    sender = &add(worker_id, epoch);
    sender->next_seq = seq;
  }
  sender->from_mark = false;
  if (sender->epoch > epoch || seq < sender->next_seq) return false;
  lost_ += seq - sender->next_seq;
  sender->next_seq = sender->acked = seq + 1;
  sender->restored = true;
  sender->last = now;
  sender->changed = true;
  return true;
}

void AckLedger::take_marks(schema::StoreBatch& batch) {
  std::ranges::move(std::exchange(forgotten_, {}), std::back_inserter(batch.forgotten_senders));
  for (auto& [worker_id, sender] : senders_) {
    if (!std::exchange(sender.changed, false)) continue;
    batch.marks.push_back({worker_id, sender.epoch, sender.next_seq, sender.last});
  }
}

}  // namespace weir::broker
