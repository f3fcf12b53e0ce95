#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aggregator/run_registry.hpp"
#include "broker/message_sink.hpp"
#include "broker/relay.hpp"
#include "schema/loads_decode.hpp"
#include "schema/record.hpp"

namespace weir::broker {

// What became of the messages of a frame, one by one, for who wants to tell its sender.
struct FrameReport {
  struct Refused {
    std::size_t message = 0;  // which one of the frame
    schema::ErrorCode reason{};
    std::string detail;
  };
  std::uint64_t accepted = 0, duplicate = 0;
  std::array<std::uint64_t, schema::kRejectReasons> rejected{};
  std::vector<Refused> refused;  // the first refused_max
  std::size_t refused_max = 0;
};

// Whose messages a frame holds, for those that do not say it; and whether it was received before
// the broker was started and is only read again from the journal.
struct Origin {
  std::string_view worker_id{}, run_id{};
  std::string_view source = "loads";  // of runs that it opens; a literal
  bool replayed = false;
  FrameReport* report = nullptr;  // is filled in
};

// Why a batch over acked.max_batch_bytes is refused.
inline constexpr std::string_view kBatchTooLarge = "a batch over acked.max_batch_bytes";

// Takes frames in: decodes them, finds the run of every message, applies it and passes it on.
// What is refused is counted by reason, a sample kept, and ends here. Used by the core thread only.
class Reception : private schema::MessageVisitor {
 public:
  using Rejected = std::array<std::uint64_t, schema::kRejectReasons>;
  struct Counts {
    std::uint64_t frames = 0;
    std::uint64_t bytes = 0;
    std::uint64_t decoded = 0;  // applied to a run; duplicates are not
    std::uint64_t repaired = 0;
    Rejected rejected{};
  };

  // With `keep_query` samples keep the queries of URLs. `relay` may be null. The references must
  // outlive this.
  Reception(const aggregator::LimitsConfig& limits, bool keep_query,
            aggregator::RunRegistry& registry, std::vector<MessageSink*> sinks, Relay* relay);

  struct Read {
    std::size_t messages = 0;  // that could be read, whatever then became of them
    bool refused = false;      // something was
  };
  Read accept(std::string_view frame, schema::Timestamp now, const Origin& origin = {});
  // A frame that is not read at all, such as one of several parts.
  void refuse_frame(schema::ErrorCode reason, std::string_view detail, std::string_view frame,
                    schema::Timestamp now);

  const Counts& counts() const { return counts_; }
  // What was replayed has not been received by this broker.
  void forget_counts() { counts_ = {}; }
  // Moves what was refused since the last call into the batch.
  void take_rejects(schema::StoreBatch& batch);

 private:
  void on_message(const schema::Message& message) override;
  void apply(const schema::Message& message);
  bool relays() const { return relay_ != nullptr && !origin_.replayed; }
  void on_rejection(const schema::Rejection& rejection) override;
  void report(schema::ErrorCode reason, std::string_view detail);
  void refuse(schema::ErrorCode reason, std::string_view detail, std::string_view sample,
              std::int64_t run = 0);
  bool wants_sample(schema::ErrorCode reason) const {
    return sampled_[static_cast<std::size_t>(reason)] < samples_max_;
  }
  void pass_on(std::string_view frame);

  schema::LoadsDecoder decoder_;
  aggregator::RunRegistry& registry_;
  std::vector<MessageSink*> sinks_;
  Relay* relay_;
  bool keep_query_;
  std::size_t samples_max_;
  Counts counts_;
  std::map<std::pair<std::int64_t, schema::ErrorCode>, std::uint64_t> untaken_;  // by run, reason
  std::vector<schema::RejectSample> samples_;
  Rejected sampled_{};

  // Of the frame at hand.
  schema::Timestamp now_;
  Origin origin_;
  Read read_;
  std::vector<bool> applied_;
  bool all_applied_ = true;
};

}  // namespace weir::broker
