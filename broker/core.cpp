#include "broker/core.hpp"

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

#include "broker/log.hpp"

namespace weir::broker {

using schema::Timestamp;

namespace {

// After stop(): how long frames may go on arriving, and how long a silence means that no more do.
constexpr std::chrono::milliseconds kDrainAtMost{2'000};
constexpr std::chrono::milliseconds kDrainSilence{100};
// And how long the journal may take for what it holds.
constexpr std::chrono::milliseconds kJournalPatience{1'000};

// A turn ends after this many bytes too, so that large frames delay neither a tick nor a stop.
constexpr std::size_t kBytesPerTurn = std::size_t{256} << 10;
// Or after this time, looked at every so many frames.
constexpr std::chrono::milliseconds kTurnAtMost{5};
constexpr std::size_t kFramesPerLook = 32;

// A tick that comes early because a runner is done keeps this distance from the one before.
constexpr std::chrono::milliseconds kShortestTick{100};

// How often the doorkeeper is told how many connections are open.
constexpr std::chrono::milliseconds kCountConnectionsEvery{50};

TokenList open_tokens(const Config& config) {
  auto tokens = TokenList::open(token_file(store::data_folder(config.store)));
  if (!tokens) throw std::runtime_error(tokens.error().detail);
  return *std::move(tokens);
}

// Returns whether anything is ready. A signal that interrupts the wait is as good as its end.
bool wait_for(std::span<zmq::pollitem_t> items, std::chrono::milliseconds at_most) {
  try {
    return zmq::poll(items.data(), items.size(), at_most) > 0;
  } catch (const zmq::error_t& error) {
    if (error.num() != EINTR) throw;
    return false;
  }
}

// Frames of one read of libzmq lie one behind the other, written by another core: what comes next
// is fetched while this one is decoded. Always inline: see Sketch::prefetch_body().
[[gnu::always_inline]] inline void prefetch_behind(std::string_view frame) {
  constexpr std::size_t kUsualFrame = 320;
  constexpr std::size_t kCacheLine = 64;
  for (std::size_t offset = 0; offset < kUsualFrame; offset += kCacheLine) {
    __builtin_prefetch(frame.data() + frame.size() + offset);
  }
}

}  // namespace

Core::Core(const Config& config, zmq::context_t& context, Doorkeeper& doorkeeper,
           StoreWorker& store, Inbox& inbox, SummaryBoard& board, const Before& before)
    : config_(config),
      doorkeeper_(doorkeeper),
      tokens_(open_tokens(config)),
      store_(store),
      inbox_(inbox),
      board_(board),
      registry_({config.limits, config.run, config.labels}, before.next_run, before.closed),
      intake_(context, config.ingest, doorkeeper.guard()),
      feed_(context, config.feed, doorkeeper.guard()),
      ingest_connections_(context, intake_.socket(), "ingest", config.ingest.handshake_ivl),
      feed_connections_(context, feed_.socket(), "feed"),
      hit_rows_(config.store.hits_max_per_run, PendingRows::hits_max(config.store.queue_rows),
                config.labels.keep_query, config.limits.text_bytes),
      reception_(config.limits, config.labels.keep_query, registry_, {&hit_rows_, &stop_notice_},
                 config.relay.endpoint.empty()
                     ? nullptr
                     : &relay_.emplace(context, config.relay, doorkeeper.guard())),
      ledger_(config.acked.senders),
      keys_(config.http.idempotency_keys) {
  store_.ring_when_written(&progress_);
  if (relay_) relay_connections_.emplace(context, relay_->socket(), "relay");
  if (config.acked.endpoint.empty()) return;
  acked_.emplace(context, config.acked, config.ingest.max_msg_bytes, doorkeeper.guard());
  acked_connections_.emplace(context, acked_->socket(), "acked");
}

Core::~Core() { store_.ring_when_written(nullptr); }

std::optional<std::string> Core::acked_endpoint() const {
  if (!acked_) return std::nullopt;
  return acked_->endpoint();
}

std::optional<std::string> Core::relay_endpoint() const {
  if (!relay_) return std::nullopt;
  return relay_->endpoint();
}

void Core::run() {
  std::vector<zmq::pollitem_t> items{{intake_.socket().handle(), 0, ZMQ_POLLIN, 0},
                                     {feed_.socket().handle(), 0, ZMQ_POLLIN, 0},
                                     {ingest_connections_.socket().handle(), 0, ZMQ_POLLIN, 0},
                                     {feed_connections_.socket().handle(), 0, ZMQ_POLLIN, 0},
                                     {nullptr, stop_.fd(), ZMQ_POLLIN, 0},
                                     {nullptr, progress_.fd(), ZMQ_POLLIN, 0},
                                     {nullptr, inbox_.bell().fd(), ZMQ_POLLIN, 0}};
  if (acked_) {
    items.push_back({acked_->socket().handle(), 0, ZMQ_POLLIN, 0});
    items.push_back({acked_connections_->socket().handle(), 0, ZMQ_POLLIN, 0});
  }
  if (relay_connections_) {
    items.push_back({relay_connections_->socket().handle(), 0, ZMQ_POLLIN, 0});
  }
  tick(read_clock(), false);  // makes safe what was recovered
  Clock::time_point last_tick = Clock::now();
  Clock::time_point next_tick = last_tick + kShortestTick;
  bool more = false;
  received_ = last_tick;
  longest_pause_ = {};
  while (!stop_.was_rung()) {
    const Clock::time_point wake = std::min(next_tick, feed_.next_answer().value_or(next_tick));
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(wake - Clock::now());
    const auto wait =
        more ? std::chrono::milliseconds{0} : std::max(left, std::chrono::milliseconds{0});
    longest_pause_ = std::max(longest_pause_, Clock::now() - received_);
    wait_for(items, wait);
    const Timestamp now = read_clock();
    more = receive(now);
    more = receive_acked(now) || more;
    more = receive_orders(now) || more;
    received_ = Clock::now();
    more = sweep() || more;
    feed_.answer_subscriptions(Clock::now());
    look_at_connections(Clock::now());
    if (stop_notice_.take()) {
      runner_done_ = true;
      next_tick = std::min(next_tick, last_tick + kShortestTick);
    }
    // Somebody waits for it.
    if (!orders_.empty()) next_tick = std::min(next_tick, last_tick + kShortestTick);
    if (Clock::now() >= next_tick) {
      const Clock::time_point begin = Clock::now();
      tick(read_clock(), false);
      last_tick = Clock::now();
      // A tick that came late does not make the following ones early, and one that takes longer than
      // the time between two leaves as much for everything else.
      next_tick = std::max(next_tick + config_.feed.tick, last_tick + (last_tick - begin));
    }
  }
  drain();
}

// Runs that go on keep their time when somebody sets the machine's clock.
Timestamp Core::read_clock() {
  const auto apart_before = clock_.apart();
  const Timestamp now = clock_.now();
  if (clock_.apart() != apart_before) {
    const auto set_by = std::chrono::duration<double>(clock_.apart() - apart_before).count();
    log_event(LogLevel::info, "clock_set", {{"by_s", set_by}});
  }
  if (clock_.apart() == std::chrono::microseconds{0} || registry_.active() > 0) return now;
  clock_.follow();
  return clock_.now();
}

// Returns whether there may be more frames.
bool Core::receive(Timestamp now) {
  std::string_view frame;
  std::size_t bytes = 0;
  const Clock::time_point until = Clock::now() + kTurnAtMost;
  for (std::size_t taken = 0; taken < config_.ingest.frames_per_turn && bytes < kBytesPerTurn;
       ++taken) {
    if (taken % kFramesPerLook == kFramesPerLook - 1 && Clock::now() >= until) return true;
    switch (intake_.receive(frame)) {
      case Intake::Received::frame:
        prefetch_behind(frame);
        take_frame(frame, now);
        break;
      case Intake::Received::multipart:
        reception_.refuse_frame(schema::ErrorCode::multipart, "a message must be one frame", frame,
                                now);
        break;
      case Intake::Received::nothing:
        return false;
    }
    bytes += frame.size();
  }
  return true;
}

void Core::take_frame(std::string_view frame, Timestamp now) {
  const std::size_t read = reception_.accept(frame, now).messages;
  const Durability durability = durability_of(config_.journal.plain);
  if (durability == Durability::off || read == 0) return;
  if (journal_->takes(frame.size())) {
    journal_->append(
        {.arrival = now, .source = store::SourceKind::loads_frame, .key = {}, .bytes = frame},
        durability);
  } else {
    ++not_journaled_;
  }
}

bool Core::receive_acked(Timestamp now) {
  progress_.was_rung();
  if (!acked_reception_) return false;
  if (!acked_reception_->began() && store_.stats().synced_position > 0) acked_reception_->begin();
  const bool more = acked_reception_->receive(
      now, {config_.ingest.frames_per_turn, kBytesPerTurn, Clock::now() + kTurnAtMost});
  acked_reception_->acknowledge();
  return more;
}

void Core::look_at_connections(Clock::time_point now) {
  const bool count = now >= connections_counted_ + kCountConnectionsEvery;
  OpenConnections open;
  for (Connections* connections : {&ingest_connections_, &feed_connections_,
                                   acked_connections_ ? &*acked_connections_ : nullptr,
                                   relay_connections_ ? &*relay_connections_ : nullptr}) {
    if (connections == nullptr) continue;
    connections->update();
    if (count) open = open + connections->count_open(now);
  }
  if (!count) return;
  connections_counted_ = now;
  open_connections_ = open;
  doorkeeper_.seen(open);
}

// The doorkeeper has seen to it that a connection with CURVE is that of a runner or an admin.
std::string Core::why_denied(const std::optional<Sha256>& token) const {
  if (config_.security.curve || !tokens_.required()) return {};
  if (!token) return "a token is needed: weir token add";
  const auto grant = tokens_.find(*token);
  if (!grant) return "the token is not known";
  return may(grant->role, schema::Purpose::report) ? "" : "the token is for looking only";
}

void Core::drain() {
  intake_.stop_listening();
  inbox_.close();
  receive_acked(read_clock());
  while (receive_orders(read_clock())) {
  }
  const Clock::time_point give_up = Clock::now() + kDrainAtMost;
  std::array<zmq::pollitem_t, 1> items{{{intake_.socket().handle(), 0, ZMQ_POLLIN, 0}}};
  while (wait_for(items, kDrainSilence)) {
    frames_left_ = Clock::now() >= give_up;
    if (frames_left_) break;
    receive(read_clock());
  }
  stop_journal();
  const Timestamp now = read_clock();
  registry_.end_all(now);
  tick(now, true);
  if (http_reception_) http_reception_->give_up();
}

// What is not acknowledged by then is sent again, to whoever is next.
void Core::stop_journal() {
  if (!journal_) return;
  journal_->stop(kJournalPatience);
  if (acked_reception_) acked_reception_->acknowledge();
  if (http_reception_) http_reception_->answer();
}

schema::Result<void> Core::remove_journal() {
  if (!journal_ || journal_->stats().state != JournalState::ok) return {};
  // What the results file was told to hold may not be on the disk.
  if (store_.stats().sync_failed) return {};
  if (damage_pending_) set_aside();
  if (damage_pending_) return {};
  return journal_->remove_all();
}

}  // namespace weir::broker
