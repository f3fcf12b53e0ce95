#include "runners/cpp/hit_reporter.hpp"

#include <algorithm>

namespace weir::runners {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMessagesPerHit = 4;
constexpr std::chrono::milliseconds kLook{10};        // how often the queue is looked into
constexpr std::chrono::milliseconds kBrokerLook{50};  // how often a missing broker is looked for

schema::Timestamp now() {
  return std::chrono::time_point_cast<schema::Elapsed>(std::chrono::system_clock::now());
}

schema::AddHit to_message(const HttpHit& hit, const ReportedRun& run) {
  schema::AddHit message;
  message.url = run.url;
  message.method = run.method;
  message.label = run.label;
  message.status = hit.status;
  message.started = hit.started;
  message.elapsed = hit.elapsed;
  message.success = hit.succeeded();
  message.error = hit.error;
  message.bytes_sent = hit.bytes_sent;
  message.bytes_received = hit.bytes_received;
  message.dns = hit.phases.dns;
  message.connect = hit.phases.connect;
  message.tls = hit.phases.tls;
  message.first_byte = hit.phases.first_byte;
  return message;
}

}  // namespace

HitReporter::HitReporter(std::unique_ptr<ClientCalls> client, ReportedRun run,
                         std::size_t queue_hits)
    : run_(std::move(run)),
      client_(std::move(client)),
      queue_(queue_hits),
      started_(now()),
      thread_([this] { run_thread(); }) {}

HitReporter::~HitReporter() {
  if (thread_.joinable()) finish();
}

ReportOutcome HitReporter::finish() {
  asked_to_finish_ = Clock::now();
  finishing_ = true;
  queue_.close();
  thread_.join();
  outcome_.messages = client_->close();
  outcome_.complete = framed_ && outcome_.messages.complete();
  return outcome_;
}

void HitReporter::run_thread() {
  std::vector<schema::Tag> tags;
  for (const auto& [key, value] : run_.tags) tags.push_back({key, value});
  framed_ =
      report_body(schema::StartTestRun{run_.name, run_.project, run_.scenario, tags, {}}, started_);

  std::vector<HttpHit> hits;
  std::uint64_t refused = 0;
  while (queue_.take(hits, kLook)) {
    for (const HttpHit& hit : hits) {
      ++(report_hit(hit) ? outcome_.hits_reported : outcome_.hits_not_reported);
    }
    const std::uint64_t refused_now = queue_.refused();
    client_->skip(kMessagesPerHit * (refused_now - refused));
    outcome_.hits_not_reported += refused_now - refused;
    refused = refused_now;
  }

  client_->set_status({run_.hits_wanted, 0, {}, {}});
  framed_ = report_body(schema::StopTestRun{}, now()) && framed_;
}

// Waits until the broker takes a message: for as long as the test runs, then as finish() says.
bool HitReporter::wait_for_room() {
  while (!gave_up_) {
    const bool room = client_->wait_ready(kBrokerLook);
    if (room) reached_.store(true, std::memory_order_relaxed);
    if (finishing_) {
      const auto now = Clock::now();
      gave_up_ = now - asked_to_finish_ > kDrain ||
                 (!room && now - std::max(asked_to_finish_, last_taken_) > kGiveUp);
    }
    if (room) return !gave_up_;
  }
  return false;
}

bool HitReporter::report_body(const schema::Body& body, schema::Timestamp time) {
  if (!wait_for_room()) {
    client_->skip(1);
    return false;
  }
  last_taken_ = Clock::now();
  return client_->report(body, time);
}

bool HitReporter::report_hit(const HttpHit& hit) {
  const schema::Timestamp ended = hit.started + hit.elapsed;
  client_->set_status(
      {run_.hits_wanted, hit.users, static_cast<std::int64_t>(hit.number), hit.user});
  bool sent = report_body(schema::StartTest{run_.test}, hit.started);
  sent = report_body(to_message(hit, run_), ended) && sent;
  if (hit.succeeded()) {
    sent = report_body(schema::AddSuccess{run_.test}, ended) && sent;
  } else {
    const std::string status = "status " + std::to_string(hit.status);
    const bool answered = hit.error.empty();
    const schema::Exception exception{
        answered ? "HttpError" : "TransportError", answered ? status : hit.error, {}};
    sent = report_body(schema::AddFailure{run_.test, exception}, ended) && sent;
  }
  return report_body(schema::StopTest{run_.test}, ended) && sent;
}

}  // namespace weir::runners
