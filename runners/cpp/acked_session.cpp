#include "runners/cpp/acked_session.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <utility>

namespace weir::runners {
namespace {

constexpr int kAnswersAtOnce = 100;
constexpr std::chrono::milliseconds kGoodbye{100};  // for E to leave
constexpr std::chrono::milliseconds kLongestWait{60'000};

AckedSessionOptions checked(AckedSessionOptions options) {
  if (options.batch_messages == 0 || options.batch_bytes == 0 || options.max_unacked_bytes == 0 ||
      options.batch_time.count() <= 0) {
    throw std::invalid_argument("the limits of acked batches must be positive");
  }
  return options;
}

std::uint64_t now_us() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

}  // namespace

AckedSession::AckedSession(AckedSessionOptions options)
    : options_(checked(std::move(options))),
      hello_{options_.worker_id, now_us(), options_.run_id, options_.token},
      socket_(options_.to, options_.curve),
      batch_(kAckedBatchHeader, '\0'),
      thread_([this] { run_thread(); }) {}

template <class Condition>
bool AckedSession::wait_for(std::chrono::milliseconds timeout, Condition condition) const {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, timeout,
                    [&] { return condition() || stopping_ || !window_.failure().empty(); });
  return condition();
}

AckedSession::Put AckedSession::put(std::string_view message, std::chrono::milliseconds wait) {
  std::unique_lock lock{mutex_};
  const std::size_t bytes = message.size() + 1;
  const auto over = [this] { return finished_ || !window_.failure().empty(); };
  if (message.size() > most_bytes()) return Put::too_large;
  if (!over() && !room_for(bytes)) {
    changed_.wait_for(lock, wait, [&] { return over() || room_for(bytes); });
  }
  if (over()) return Put::ended;
  if (!room_for(bytes)) return Put::full;
  const bool was_empty = batch_messages_ == 0;
  const std::uint64_t sealed = window_.end_seq();
  append(message);
  const bool ready = window_.end_seq() != sealed;
  lock.unlock();
  if (was_empty || ready) socket_.ring();  // the thread has something to send, or to wait for
  return Put::taken;
}

// One message, its header and its line end have to fit into what may be held.
std::size_t AckedSession::most_bytes() const {
  const std::size_t room =
      options_.max_unacked_bytes - std::min(options_.max_unacked_bytes, kAckedBatchHeader + 1);
  return static_cast<std::size_t>(std::min<std::uint64_t>(window_.max_batch_bytes(), room));
}

std::size_t AckedSession::max_message_bytes() const {
  const std::lock_guard lock{mutex_};
  return most_bytes();
}

bool AckedSession::room_for(std::size_t bytes) const {
  return window_.held_bytes() + batch_.size() + bytes <= options_.max_unacked_bytes;
}

void AckedSession::append(std::string_view message) {
  const std::size_t most = static_cast<std::size_t>(
      std::min<std::uint64_t>(options_.batch_bytes, window_.max_batch_bytes()));
  const bool alone = message.find('\n') != std::string_view::npos;
  const std::size_t held = batch_.size() - kAckedBatchHeader;
  if (batch_messages_ > 0 && (alone || held + 1 + message.size() > most)) seal();
  if (batch_messages_ == 0) batch_due_ = Clock::now() + options_.batch_time;
  if (batch_messages_ > 0) batch_ += '\n';
  batch_ += message;
  last_batch_ = window_.end_seq();
  if (++batch_messages_ >= options_.batch_messages || alone ||
      batch_.size() - kAckedBatchHeader + 1 >= most) {
    seal();
  }
}

void AckedSession::seal() {
  if (batch_messages_ == 0) return;
  write_acked_header(batch_, window_.end_seq());
  window_.add(std::make_shared<const std::string>(std::move(batch_)), batch_messages_);
  batch_.assign(kAckedBatchHeader, '\0');
  batch_messages_ = 0;
  batch_due_ = Clock::time_point::max();
}

std::uint64_t AckedSession::last_batch() const {
  const std::lock_guard lock{mutex_};
  return last_batch_;
}

void AckedSession::finish() {
  const std::lock_guard lock{mutex_};
  if (std::exchange(finished_, true)) return;
  seal();
  window_.finish();
  socket_.ring();
}

bool AckedSession::wait_welcome(std::chrono::milliseconds timeout) const {
  return wait_for(timeout, [this] { return window_.welcomed(); });
}

bool AckedSession::wait_room(std::chrono::milliseconds timeout) const {
  const std::size_t bytes = std::min(options_.batch_bytes, options_.max_unacked_bytes / 2);
  return wait_for(timeout, [this, bytes] { return window_.welcomed() && room_for(bytes); });
}

bool AckedSession::wait_settled(std::chrono::milliseconds timeout) const {
  return wait_for(timeout, [this] { return window_.settled() && batch_messages_ == 0; });
}

AckedFigures AckedSession::figures() const {
  const std::lock_guard lock{mutex_};
  return {window_.acknowledged(), window_.refused(), window_.unacknowledged() + batch_messages_,
          window_.next_seq(), window_.failure()};
}

std::vector<RefusedBatch> AckedSession::take_refused() {
  const std::lock_guard lock{mutex_};
  return window_.take_refused();
}

void AckedSession::close() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock{mutex_};
    finished_ = true;
    stopping_ = true;
    socket_.ring();
  }
  changed_.notify_all();
  thread_.join();
}

void AckedSession::run_thread() {
  while (true) {
    AckedWindow::Step step;
    {
      const std::lock_guard lock{mutex_};
      const auto now = Clock::now();
      if (now >= batch_due_) seal();
      step = window_.next(now);
      if (step.kind == AckedWindow::Step::Kind::wait && stopping_) break;
      step.until = std::min(step.until, batch_due_);
    }
    carry_out(step);
    if (step.kind == AckedWindow::Step::Kind::wait) take_answers();
  }
  const bool settled = wait_settled(std::chrono::milliseconds{0});
  socket_.close(settled ? kGoodbye : std::chrono::milliseconds{0});
}

// A frame that finds no room counts as lost on its way: it is sent again in time.
void AckedSession::carry_out(const AckedWindow::Step& step) {
  switch (step.kind) {
    case AckedWindow::Step::Kind::open:
      return socket_.reopen();
    case AckedWindow::Step::Kind::batch:
      socket_.send('B', *step.batch);
      return;
    case AckedWindow::Step::Kind::wait: {
      const auto now = Clock::now();
      const auto longest = now + kLongestWait;
      const auto left = std::max(std::min(step.until, longest) - now, Clock::duration{0});
      return socket_.wait(std::chrono::ceil<std::chrono::milliseconds>(left));
    }
    case AckedWindow::Step::Kind::hello:
    case AckedWindow::Step::Kind::end:
      break;
  }
  std::uint64_t next_seq = 0;
  std::uint64_t last_seq = 0;
  {
    const std::lock_guard lock{mutex_};
    next_seq = window_.next_seq();
    last_seq = window_.last_seq();
  }
  if (step.kind == AckedWindow::Step::Kind::hello) {
    socket_.send('H', acked_hello(hello_, next_seq));
  } else {
    socket_.send('E', acked_end(last_seq));
  }
}

void AckedSession::take_answers() {
  bool any = false;
  for (int i = 0; i < kAnswersAtOnce; ++i) {
    const std::optional<AckedFrame> frame = socket_.receive();
    if (!frame) break;
    const std::lock_guard lock{mutex_};
    take_answer(*frame);
    any = true;
  }
  if (any) changed_.notify_all();
}

// What cannot be read is as if it had not come: the window's time limits see to the rest.
void AckedSession::take_answer(const AckedFrame& frame) {
  const auto now = Clock::now();
  if (frame.kind == 'W') {
    if (const auto welcome = read_acked_welcome(frame.fields)) window_.on_welcome(*welcome, now);
  } else if (frame.kind == 'A') {
    if (const auto ack = read_acked_ack(frame.fields)) window_.on_ack(*ack, now);
  } else if (frame.kind == 'N') {
    if (const auto refusal = read_acked_refusal(frame.fields)) window_.on_refusal(*refusal, now);
  }
}

}  // namespace weir::runners
