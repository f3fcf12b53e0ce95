#include "broker/reception.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "broker/log.hpp"
#include "broker/redact.hpp"
#include "schema/ids.hpp"
#include "schema/loads_encode.hpp"

namespace weir::broker {

using schema::ErrorCode;
using schema::Message;
using schema::Rejection;
using schema::Timestamp;

namespace {

constexpr std::size_t kSampleBytes = schema::DecodeLimits{}.sample_bytes;
// A secret is looked for beyond the end of a sample too, where it may be cut in two.
constexpr std::size_t kRedactAhead = std::size_t{4} << 10;

// Encodes the accepted messages of a frame for the relay, one by one.
class Reencoder : public schema::MessageVisitor {
 public:
  Reencoder(Relay& relay, const std::vector<bool>& applied, const Origin& origin)
      : relay_(relay), applied_(applied), origin_(origin) {}

  void on_message(const Message& message) override {
    if (!applied_[next_++]) return;
    Message completed = message;
    if (message.envelope.worker_id.empty()) completed.envelope.worker_id = origin_.worker_id;
    if (message.envelope.run_id.empty()) completed.envelope.run_id = origin_.run_id;
    relay_.send(schema::loads_encode(completed));
  }
  void on_rejection(const Rejection&) override {}

 private:
  Relay& relay_;
  const std::vector<bool>& applied_;
  const Origin& origin_;
  std::size_t next_ = 0;
};

// The run_id that a refused message names, as far as one can see: it may be no JSON at all.
std::string_view run_id_in(std::string_view message) {
  constexpr std::string_view kKey = "\"run_id\"";
  constexpr std::string_view kBlank = " \t\r\n";
  const auto key = message.find(kKey);
  if (key == std::string_view::npos) return {};
  const auto skip_blank = [&] {
    message.remove_prefix(std::min(message.find_first_not_of(kBlank), message.size()));
  };
  message.remove_prefix(key + kKey.size());
  skip_blank();
  if (!message.starts_with(':')) return {};
  message.remove_prefix(1);
  skip_blank();
  if (!message.starts_with('"')) return {};
  message.remove_prefix(1);
  const auto end = message.find_first_of("\"\\");
  return end == std::string_view::npos || message[end] == '\\' ? std::string_view{}
                                                               : message.substr(0, end);
}

// Whether a frame is a single object as loads sends it.
bool is_one_object(std::string_view frame) {
  return frame.starts_with('{') && frame.find('\n') == std::string_view::npos;
}

}  // namespace

Reception::Reception(const aggregator::LimitsConfig& limits, bool keep_query,
                     aggregator::RunRegistry& registry, std::vector<MessageSink*> sinks,
                     Relay* relay)
    : decoder_({.frame_bytes = limits.frame_bytes,
                .depth = limits.depth,
                .sample_bytes = kSampleBytes + kRedactAhead}),
      registry_(registry),
      sinks_(std::move(sinks)),
      relay_(relay),
      keep_query_(keep_query),
      samples_max_(limits.reject_samples_per_reason) {}

Reception::Read Reception::accept(std::string_view frame, Timestamp now, const Origin& origin) {
  ++counts_.frames;
  counts_.bytes += frame.size();
  now_ = now;
  origin_ = origin;
  registry_.set_source(origin.source);
  read_ = {};
  applied_.clear();
  all_applied_ = true;
  counts_.repaired += decoder_.decode(frame, *this).repaired;
  if (relays()) pass_on(frame);
  return read_;
}

void Reception::on_message(const Message& message) {
  ++read_.messages;
  const schema::Envelope& envelope = message.envelope;
  if ((!envelope.worker_id.empty() || origin_.worker_id.empty()) &&
      (!envelope.run_id.empty() || origin_.run_id.empty())) {
    return apply(message);
  }
  Message completed = message;
  if (envelope.worker_id.empty()) completed.envelope.worker_id = origin_.worker_id;
  if (envelope.run_id.empty()) completed.envelope.run_id = origin_.run_id;
  all_applied_ = false;  // as it came it would say less to others
  apply(completed);
}

void Reception::apply(const Message& message) {
  const auto taken = registry_.apply(message, now_);
  if (!taken) {
    const ErrorCode reason = taken.error().code;
    refuse(reason, taken.error().detail,
           wants_sample(reason) ? schema::loads_encode(message) : std::string{},
           registry_.number_of(message.envelope.run_id).value_or(0));
    if (relays()) applied_.push_back(false);
    return;
  }
  const aggregator::Applied& applied = taken->applied;
  if (relays()) applied_.push_back(!applied.duplicate);
  if (origin_.report != nullptr) {
    ++(applied.duplicate ? origin_.report->duplicate : origin_.report->accepted);
  }
  if (applied.duplicate) {
    all_applied_ = false;
    return;
  }
  ++counts_.decoded;
  for (MessageSink* sink : sinks_) sink->accept(*taken->run, message, applied, now_);
}

void Reception::on_rejection(const Rejection& rejection) {
  std::string_view run_id = origin_.run_id;
  if (run_id.empty()) run_id = run_id_in(rejection.sample);
  refuse(rejection.reason, rejection.detail, rejection.sample,
         registry_.number_of(run_id).value_or(0));
}

void Reception::refuse_frame(ErrorCode reason, std::string_view detail, std::string_view frame,
                             Timestamp now) {
  ++counts_.frames;
  counts_.bytes += frame.size();
  now_ = now;
  origin_ = {};
  refuse(reason, detail, frame);
}

void Reception::refuse(ErrorCode reason, std::string_view detail, std::string_view sample,
                       std::int64_t run) {
  all_applied_ = false;
  read_.refused = true;
  const auto index = static_cast<std::size_t>(reason);
  ++counts_.rejected[index];
  if (origin_.report != nullptr) report(reason, detail);
  ++untaken_[{run, reason}];
  log_event(LogLevel::warn, "message_rejected",
            {{"reason", schema::to_string(reason)}, {"detail", detail}});
  if (!wants_sample(reason)) return;
  ++sampled_[index];
  const std::string_view piece = schema::utf8_prefix(sample, kSampleBytes + kRedactAhead);
  const std::string redacted =
      without_tokens(keep_query_ ? std::string(piece) : without_secrets(piece));
  samples_.push_back({.run = run,
                      .reason = std::string(schema::to_string(reason)),
                      .time = now_,
                      .detail = std::string(detail),
                      .sample = std::string(schema::utf8_prefix(redacted, kSampleBytes))});
}

void Reception::report(ErrorCode reason, std::string_view detail) {
  FrameReport& report = *origin_.report;
  // Messages are told of in their order, each once.
  std::uint64_t before = report.accepted + report.duplicate;
  for (const std::uint64_t count : report.rejected) before += count;
  ++report.rejected[static_cast<std::size_t>(reason)];
  if (report.refused.size() < report.refused_max) {
    report.refused.push_back({before, reason, std::string(detail)});
  }
}

void Reception::pass_on(std::string_view frame) {
  if (all_applied_ && is_one_object(frame)) {
    relay_->send(frame);
    return;
  }
  if (std::ranges::find(applied_, true) == applied_.end()) return;
  Reencoder reencoder(*relay_, applied_, origin_);
  decoder_.decode(frame, reencoder);
}

void Reception::take_rejects(schema::StoreBatch& batch) {
  for (const auto& [key, count] : std::exchange(untaken_, {})) {
    const auto& [run, reason] = key;
    batch.rejects.push_back(
        {.run = run, .reason = std::string(schema::to_string(reason)), .count = count});
  }
  std::ranges::move(std::exchange(samples_, {}), std::back_inserter(batch.reject_samples));
}

}  // namespace weir::broker
