#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <zmq.hpp>

#include "runners/cpp/curve.hpp"

namespace weir::tools {

inline constexpr std::string_view kDefaultFeed = "tcp://127.0.0.1:7073";

struct FeedMessage {
  std::string topic;  // summary/<run_id>/, run/<run_id>/ or broker/; empty on the raw relay
  std::string body;
};

// A subscription to a live feed (two frames: topic, body) or to a raw relay (one frame). Connects
// whenever the broker is there, now or later. Memory is bounded: a reader that is too slow misses
// messages. Used by one thread.
class FeedReader {
 public:
  enum class Kind { feed, relay };

  // Subscribes to every topic that starts with one of `topics`.
  // Throws std::invalid_argument if the endpoint is none, std::runtime_error if the keys cannot be
  // read.
  FeedReader(const std::string& endpoint, std::span<const std::string> topics,
             Kind kind = Kind::feed, const runners::CurveOptions& curve = {});

  // Waits until a message may be there or one of the files is readable, at most `timeout`
  // (negative: no limit). False if one of the files is broken (its terminal has gone).
  bool wait(std::chrono::milliseconds timeout, std::span<const int> files);

  // The next message that is here already. Messages of another shape are skipped.
  std::optional<FeedMessage> receive();

 private:
  zmq::context_t context_;
  zmq::socket_t socket_;
  Kind kind_;
};

// The topic prefixes under which a run's messages of one kind ("summary", "run") may come; a number
// may be any run's, so that what comes has to be asked with is_of_run().
std::vector<std::string> topics_of_run(std::string_view kind, std::string_view run);

// Whether a message is about the run of this run_id or number.
bool is_of_run(const FeedMessage& message, std::string_view run);

}  // namespace weir::tools
