#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "schema/loads_decode.hpp"
#include "schema/message.hpp"

namespace weir::tests {

// Everything that decoding a frame gave, as one text: two decoders agree if theirs are equal.
class Transcript : public schema::MessageVisitor {
 public:
  const std::string& of(schema::LoadsDecoder& decoder, std::string_view frame) {
    text_.clear();
    const schema::FrameCounts counts = decoder.decode(frame, *this);
    put('C');
    put(counts.messages);
    put(counts.rejections);
    put(counts.repaired);
    messages += counts.messages;
    return text_;
  }

  void on_message(const schema::Message& message) override {
    put('M');
    put(message.envelope);
    put(message.body.index());
    std::visit([this](const auto& body) { put(body); }, message.body);
  }
  void on_rejection(const schema::Rejection& rejection) override {
    put('R');
    put(rejection.reason);
    put(rejection.detail);
    put(rejection.sample);
  }

  std::size_t messages = 0;  // in all frames so far

 private:
  template <class T>
  requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void put(T value) { text_.append(reinterpret_cast<const char*>(&value), sizeof value); }
  void put(std::string_view text) {
    put(text.size());
    text_.append(text);
  }
  void put(schema::Elapsed elapsed) { put(elapsed.count()); }
  void put(schema::Timestamp time) { put(time.time_since_epoch().count()); }
  template <class T>
  void put(const std::optional<T>& value) {
    put(value.has_value());
    if (value) put(*value);
  }
  void put(const schema::LoadsStatus& status) {
    put(status.hits);
    put(status.users);
    put(status.current_hit);
    put(status.current_user);
  }
  void put(const schema::Envelope& envelope) {
    put(envelope.run_id);
    put(envelope.worker_id);
    put(envelope.seq);
    put(envelope.epoch);
    put(envelope.time);
    put(envelope.status);
    put(envelope.batched);
  }
  void put(const schema::AddHit& hit) {
    for (std::string_view text : {hit.url, hit.method, hit.label, hit.error}) put(text);
    put(hit.status);
    put(hit.started);
    put(hit.elapsed);
    put(hit.success);
    put(hit.bytes_sent);
    put(hit.bytes_received);
    for (const auto& phase : {hit.dns, hit.connect, hit.tls, hit.first_byte}) put(phase);
  }
  void put(const schema::StartTestRun& run) {
    for (std::string_view text : {run.name, run.project, run.scenario}) put(text);
    for (const schema::Tag& tag : run.tags) {
      put(tag.key);
      put(tag.value);
    }
    for (const schema::Criterion& criterion : run.thresholds) {
      put(criterion.metric);
      put(criterion.expression);
      put(criterion.abort_on_fail);
      put(criterion.delay_abort_eval);
    }
  }
  void put(const schema::Exception& exception) {
    put(exception.class_name);
    put(exception.message);
    put(exception.traceback);
  }
  void put(const schema::SocketMessage& message) { put(message.size_bytes); }
  void put(const schema::Counter& counter) {
    put(counter.name);
    put(counter.test);
  }
  template <class T>
  requires std::is_class_v<T>
  void put(const T& body) {
    if constexpr (requires { body.test; }) put(body.test);
    if constexpr (requires { body.exception; }) put(body.exception);
  }

  std::string text_;
};

}  // namespace weir::tests
