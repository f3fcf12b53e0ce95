#include "runners/cpp/acked_window.hpp"

#include <algorithm>
#include <utility>

namespace weir::runners {

void AckedWindow::add(Batch batch, std::uint64_t messages) {
  held_bytes_ += batch->size();
  unacknowledged_ += messages;
  batches_.push_back({std::move(batch), messages, {}});
}

AckedWindow::Step AckedWindow::next(TimePoint now) {
  if (!failure_.empty()) return {};
  if (state_ == State::greeting && now - waiting_since_ >= kHelloWait) state_ = State::lost;
  switch (state_) {
    case State::lost:
      state_ = State::opened;
      return {Step::Kind::open, {}, {}};
    case State::paused:
      if (now < resume_) return {Step::Kind::wait, {}, resume_};
      [[fallthrough]];
    case State::opened:
      state_ = State::greeting;
      waiting_since_ = now;
      return {Step::Kind::hello, {}, {}};
    case State::greeting:
      return {Step::Kind::wait, {}, waiting_since_ + kHelloWait};
    case State::open:
      break;
  }
  return next_when_open(now);
}

AckedWindow::Step AckedWindow::next_when_open(TimePoint now) {
  if (std::exchange(idle_, batches_.empty())) waiting_since_ = now;
  if (to_send_ < end_seq() && to_send_ - base_ < credit_) {
    const Batch& batch = batches_[to_send_ - base_].batch;
    beyond_sent_ = std::max(beyond_sent_, ++to_send_);
    return {Step::Kind::batch, batch, {}};
  }
  if (finishing_ && !end_sent_ && to_send_ == end_seq()) {
    end_sent_ = true;
    return {Step::Kind::end, {}, {}};
  }
  if (batches_.empty()) return {};
  if (now - waiting_since_ < kProgressWait) {
    return {Step::Kind::wait, {}, waiting_since_ + kProgressWait};
  }
  state_ = State::opened;
  return {Step::Kind::open, {}, {}};
}

void AckedWindow::on_welcome(const AckedWelcome& welcome, TimePoint now) {
  if (!failure_.empty() || state_ != State::greeting) return;
  if (welcome.next_seq < base_) {
    failure_ = "the broker has lost batches " + std::to_string(welcome.next_seq) + " to " +
               std::to_string(base_ - 1) + ", which it had acknowledged";
    return;
  }
  if (welcome.next_seq > beyond_sent_) {
    failure_ = "the broker has batches of this worker_id and epoch that this client did not send";
    return;
  }
  release_below(welcome.next_seq, now);
  to_send_ = base_;
  credit_ = welcome.credit;
  max_batch_bytes_ = welcome.max_batch_bytes;
  waiting_since_ = now;
  end_sent_ = false;
  welcomed_ = true;
  state_ = State::open;
}

void AckedWindow::on_ack(const AckedAck& ack, TimePoint now) {
  if (!failure_.empty() || ack.next_seq > beyond_sent_) return;
  release_below(ack.next_seq, now);
  credit_ = ack.credit;
}

void AckedWindow::on_refusal(const AckedRefusal& refusal, TimePoint now) {
  if (!failure_.empty()) return;
  const std::string why =
      refusal.message.empty() ? refusal.code : refusal.code + ": " + refusal.message;
  if (refusal.code == "denied") {
    failure_ = why;
  } else if (refusal.code == "malformed" || refusal.code == "too_large") {
    if (refusal.seq >= base_ && refusal.seq < to_send_) {
      batches_[refusal.seq - base_].refusal = why;
    }
  } else if (refusal.code == "out_of_order") {
    // Those behind the first come before the answer to the hello, and are the same news.
    if (state_ == State::open) pause(next_pause() - kPauseFirst, now);
  } else if (state_ == State::open || (state_ == State::greeting && refusal.seq == 0)) {
    pause(next_pause(), now);  // retry_later, or a code of a later version: nothing is dropped
  }
}

void AckedWindow::release_below(std::uint64_t seq, TimePoint now) {
  if (seq <= base_) return;
  for (; base_ < seq; ++base_) {
    Kept& kept = batches_.front();
    held_bytes_ -= kept.batch->size();
    unacknowledged_ -= kept.messages;
    (kept.refusal.empty() ? acknowledged_ : refused_) += kept.messages;
    if (!kept.refusal.empty() && refused_batches_.size() < kRefusedKept) {
      refused_batches_.push_back({base_, kept.messages, std::move(kept.refusal)});
    }
    batches_.pop_front();
  }
  to_send_ = std::max(to_send_, base_);
  waiting_since_ = state_ == State::greeting ? waiting_since_ : now;
  pauses_ = 0;
}

void AckedWindow::pause(std::chrono::milliseconds pause, TimePoint now) {
  state_ = State::paused;
  resume_ = now + pause;
}

std::chrono::milliseconds AckedWindow::next_pause() {
  const std::chrono::milliseconds pause = kPauseFirst * (1 << std::min(pauses_, 10));
  ++pauses_;
  return std::min(pause, kPauseMost);
}

}  // namespace weir::runners
