#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "schema/loads_decode.hpp"
#include "schema/message.hpp"

namespace weir::tests {

// Keeps messages beyond the visitor's call: a copy of each whose texts this object owns.
class MessageKeeper {
 public:
  schema::Message copy(const schema::Message& message) {
    schema::Message kept = message;
    own(kept.envelope.run_id);
    own(kept.envelope.worker_id);
    std::visit([this](auto& body) { own_texts(body); }, kept.body);
    return kept;
  }

 private:
  void own(std::string_view& text) { text = texts_.emplace_back(text); }
  void own(schema::Exception& exception) {
    own(exception.class_name);
    own(exception.message);
    own(exception.traceback);
  }
  void own_texts(schema::AddHit& hit) {
    for (auto* text : {&hit.url, &hit.method, &hit.label, &hit.error}) own(*text);
  }
  void own_texts(schema::StartTestRun& run) {
    for (auto* text : {&run.name, &run.project, &run.scenario}) own(*text);
    for (schema::Tag& tag : run.tags) {
      own(tag.key);
      own(tag.value);
    }
    for (schema::Criterion& criterion : run.thresholds) {
      own(criterion.metric);
      own(criterion.expression);
      own(criterion.delay_abort_eval);
    }
  }
  void own_texts(schema::Counter& counter) {
    own(counter.name);
    own(counter.test);
  }
  template <class Body>
  void own_texts(Body& body) {
    if constexpr (requires { body.test; }) own(body.test);
    if constexpr (requires { body.exception; }) own(body.exception);
  }

  std::deque<std::string> texts_;
};

// Everything that decoding a frame gave.
class Decoded : public schema::MessageVisitor {
 public:
  struct Refused {
    schema::ErrorCode reason;
    std::string detail;
    std::string sample;
  };

  explicit Decoded(std::string_view frame, schema::DecodeLimits limits = {}) {
    schema::LoadsDecoder decoder(limits);
    counts = decoder.decode(frame, *this);
  }
  Decoded(schema::LoadsDecoder& decoder, std::string_view frame) {
    counts = decoder.decode(frame, *this);
  }

  void on_message(const schema::Message& message) override {
    messages.push_back(keeper_.copy(message));
  }
  void on_rejection(const schema::Rejection& rejection) override {
    refused.push_back(
        {rejection.reason, std::string(rejection.detail), std::string(rejection.sample)});
  }

  schema::FrameCounts counts;
  std::vector<schema::Message> messages;
  std::vector<Refused> refused;

 private:
  MessageKeeper keeper_;
};

// Equal in everything that is sent: whether it came in a batch is not.
inline bool says_the_same(const schema::Message& a, const schema::Message& b) {
  const schema::Envelope& left = a.envelope;
  const schema::Envelope& right = b.envelope;
  return left.run_id == right.run_id && left.worker_id == right.worker_id &&
         left.seq == right.seq && left.epoch == right.epoch && left.time == right.time &&
         left.status == right.status && a.body == b.body;
}

}  // namespace weir::tests
