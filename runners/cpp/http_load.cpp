#include "runners/cpp/http_load.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <stdexcept>

#include <sys/resource.h>

#include "runners/cpp/acked_client.hpp"
#include "runners/cpp/http_user.hpp"
#include "runners/cpp/pace.hpp"
#include "runners/cpp/transfer_loop.hpp"

namespace weir::runners {
namespace {

using Clock = TransferLoop::Clock;

constexpr std::chrono::milliseconds kLookForStop{100};
constexpr std::chrono::milliseconds kPublish{500};
// Between so many new requests the loop looks for answers, which would seem late otherwise.
constexpr int kSendAtOnce = 8;

schema::Elapsed to_elapsed(Clock::duration duration) {
  return std::chrono::duration_cast<schema::Elapsed>(duration);
}

// A connection, and while its name is being resolved a pair of sockets, for each user.
void allow_descriptors(std::uint32_t users) {
  const rlim_t needed = rlim_t{users} * 3 + 100;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return;
  limit.rlim_cur = std::min(needed, limit.rlim_max);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur < needed) {
    throw std::runtime_error(std::to_string(users) + " users need " + std::to_string(needed) +
                             " open files, and the system allows " +
                             std::to_string(limit.rlim_max) + " (ulimit -n)");
  }
}

// Checked, and made possible, before anything begins.
HttpLoadOptions prepared(HttpLoadOptions options) {
  if (options.users < 1 || options.users > HttpLoadOptions::kUsersMax) {
    throw std::invalid_argument("users must be 1 to 10000");
  }
  if (!(options.rate_per_s >= 0 && options.rate_per_s <= HttpLoadOptions::kRateMax)) {
    throw std::invalid_argument("rate must be at most 1000000 per second");
  }
  options.users = options.users_needed();
  allow_descriptors(options.users);
  return options;
}

ReportedRun reported_run(const HttpLoadOptions& options) {
  ReportedRun run;
  run.url = public_url(options.request);
  run.method = options.request.method;
  run.label = options.label;
  run.test = options.label.empty() ? run.method + " " + url_path(options.request) : options.label;
  run.name =
      options.name.empty() ? run.method + " " + run.url.substr(0, run.url.find('?')) : options.name;
  run.project = options.project;
  run.scenario = options.scenario;
  run.tags = options.tags;
  run.hits_wanted = static_cast<std::int64_t>(options.hits);
  return run;
}

std::unique_ptr<ClientCalls> make_client(const HttpLoadOptions& options) {
  if (!options.acked) return std::make_unique<Client>(options.client);
  AckedOptions acked;
  acked.to = options.client.to;
  acked.run_id = options.client.run_id;
  acked.worker_id = options.client.worker_id;
  acked.curve = options.client.curve;
  return std::make_unique<AckedClient>(acked);
}

std::vector<std::unique_ptr<HttpUser>> make_users(const HttpLoadOptions& options) {
  std::vector<std::unique_ptr<HttpUser>> users;
  for (std::uint32_t i = 0; i < options.users; ++i) {
    users.push_back(std::make_unique<HttpUser>(options.request, i + 1));
  }
  return users;
}

}  // namespace

// One run(): who sends when. All of it in one thread.
class HttpLoad::Loop {
 public:
  explicit Loop(HttpLoad& load);
  HttpLoadResult run();

 private:
  bool may_send(Clock::time_point now) const;
  bool is_over(Clock::time_point now) const;
  void send_due();
  void send_closed();
  void send_at_rate();
  void send(Clock::time_point due);
  void take_finished();
  void cut_off();
  Clock::time_point next_wake() const;
  Clock::time_point next_due() const {
    return start_ + pace_.request_due(sent_, options_.rate_per_s);
  }
  void publish_progress(Clock::time_point now);

  HttpLoad& load_;
  const HttpLoadOptions& options_;
  const Pace pace_;
  TransferLoop transfers_;
  std::vector<std::unique_ptr<HttpUser>> users_;
  std::deque<HttpUser*> idle_;
  std::size_t begun_ = 0;  // users that the ramp has let in
  std::uint64_t sent_ = 0;
  std::uint64_t in_flight_ = 0;
  const Clock::time_point start_ = Clock::now();
  const schema::Timestamp start_time_ =
      std::chrono::time_point_cast<schema::Elapsed>(std::chrono::system_clock::now());
  const Clock::time_point end_;  // of sending
  std::optional<Clock::time_point> stopped_;
  Clock::time_point published_ = start_;
  HttpLoadResult result_;
};

HttpLoad::Loop::Loop(HttpLoad& load)
    : load_(load),
      options_(load.options_),
      pace_{options_.ramp},
      transfers_(options_.users),
      users_(make_users(options_)),
      end_(options_.duration ? start_ + *options_.duration : Clock::time_point::max()) {}

HttpLoadResult HttpLoad::Loop::run() {
  for (auto now = Clock::now(); !is_over(now); now = Clock::now()) {
    if (!stopped_ && load_.stop_) stopped_ = now;
    send_due();
    take_finished();  // a request can fail at once
    if (now - published_ >= kPublish) publish_progress(now);
    transfers_.wait(next_wake());
    take_finished();
  }
  const auto now = Clock::now();
  if (options_.rate_per_s > 0 && !stopped_ && options_.duration) {
    const std::uint64_t due = pace_.requests_due_before(*options_.duration, options_.rate_per_s);
    result_.due_not_sent = (options_.hits > 0 ? std::min(due, options_.hits) : due) - sent_;
  }
  cut_off();
  result_.stopped = stopped_.has_value();
  result_.elapsed = to_elapsed(now - start_);
  publish_progress(now);
  return std::move(result_);
}

bool HttpLoad::Loop::may_send(Clock::time_point now) const {
  return !stopped_ && (options_.hits == 0 || sent_ < options_.hits) && now < end_;
}

bool HttpLoad::Loop::is_over(Clock::time_point now) const {
  if (stopped_ && now - *stopped_ >= kStopGrace) return true;
  return in_flight_ == 0 && !may_send(now);
}

void HttpLoad::Loop::send_due() {
  if (options_.rate_per_s > 0) {
    send_at_rate();
  } else {
    send_closed();
  }
}

void HttpLoad::Loop::send_closed() {
  auto now = Clock::now();
  while (begun_ < users_.size() && start_ + pace_.user_begins(begun_, users_.size()) <= now) {
    idle_.push_back(users_[begun_++].get());
  }
  for (int i = 0; i < kSendAtOnce && !idle_.empty() && may_send(now); ++i) {
    send(now);
    now = Clock::now();
  }
}

void HttpLoad::Loop::send_at_rate() {
  while (begun_ < users_.size()) idle_.push_back(users_[begun_++].get());
  for (int i = 0; i < kSendAtOnce; ++i) {
    const auto now = Clock::now();
    const auto due = next_due();
    if (idle_.empty() || !may_send(now) || due > now || due >= end_) return;
    send(due);
  }
}

void HttpLoad::Loop::send(Clock::time_point due) {
  HttpUser& user = *idle_.front();
  idle_.pop_front();
  HttpHit& hit = user.hit();
  hit.number = ++sent_;
  hit.users = static_cast<std::uint32_t>(begun_);
  hit.started = start_time_ + to_elapsed(due - start_);
  ++in_flight_;
  hit.late = options_.rate_per_s > 0 ? to_elapsed(Clock::now() - due) : schema::Elapsed{0};
  transfers_.start(user.transfer());
}

void HttpLoad::Loop::take_finished() {
  while (const auto finished = transfers_.next_finished()) {
    HttpUser& user = HttpUser::of(finished->transfer);
    const HttpHit& hit = user.finish(finished->code);
    result_.figures.add(hit);
    load_.reporter_.add(hit);
    idle_.push_back(&user);
    --in_flight_;
  }
}

void HttpLoad::Loop::cut_off() {
  result_.cut_off = in_flight_;
  if (in_flight_ == 0) return;
  for (const auto& user : users_) transfers_.cancel(user->transfer());
}

Clock::time_point HttpLoad::Loop::next_wake() const {
  const auto now = Clock::now();
  auto wake = now + kLookForStop;
  if (now < end_) wake = std::min(wake, end_);
  if (!may_send(now)) return wake;
  if (options_.rate_per_s > 0) return idle_.empty() ? wake : std::min(wake, next_due());
  if (!idle_.empty()) return now;
  if (begun_ == users_.size()) return wake;
  return std::min(wake, start_ + pace_.user_begins(begun_, users_.size()));
}

void HttpLoad::Loop::publish_progress(Clock::time_point now) {
  published_ = now;
  const schema::Sketch& responses = result_.figures.response_us;
  HttpLoadProgress progress;
  progress.elapsed = to_elapsed(now - start_);
  progress.hits = responses.count();
  progress.failed = result_.figures.failed;
  progress.users = static_cast<std::uint32_t>(begun_);
  progress.p50_us = responses.value_at(500'000);
  progress.p95_us = responses.value_at(950'000);
  progress.p99_us = responses.value_at(990'000);
  const std::lock_guard lock{load_.mutex_};
  load_.progress_ = progress;
}

std::uint32_t HttpLoadOptions::users_needed() const {
  if (hits == 0) return users;
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(users, hits));
}

HttpLoad::HttpLoad(HttpLoadOptions options)
    : options_(prepared(std::move(options))),
      reporter_(make_client(options_), reported_run(options_)) {}

HttpLoad::~HttpLoad() = default;

HttpLoadResult HttpLoad::run() {
  HttpLoadResult result = Loop{*this}.run();
  result.report = reporter_.finish();
  return result;
}

HttpLoadProgress HttpLoad::progress() const {
  const std::lock_guard lock{mutex_};
  HttpLoadProgress progress = progress_;
  progress.broker_reached = reporter_.reached();
  progress.not_reported = reporter_.refused();
  return progress;
}

}  // namespace weir::runners
