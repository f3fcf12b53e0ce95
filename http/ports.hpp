#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "schema/error.hpp"
#include "schema/record.hpp"
#include "schema/role.hpp"
#include "schema/summary.hpp"

namespace weir::http {

// What HTTP needs of the broker, and nothing else of it.

// Messages as they came. Those that name no worker or run are of these.
struct Messages {
  std::string body;
  std::string worker_id, run_id;
  std::string idempotency_key;  // empty: none
};
struct StopRun {
  std::int64_t run = 0;
};
// What is empty stays.
struct ChangeRun {
  std::int64_t run = 0;
  std::optional<std::string> name, note;
  std::optional<bool> baseline;
  std::optional<std::vector<schema::TagRecord>> tags;
};
struct DeleteRun {
  std::int64_t run = 0;
};
using Order = std::variant<Messages, StopRun, ChangeRun, DeleteRun>;

// What became of an order.
struct Outcome {
  enum class Verdict : std::uint8_t {
    done,
    later,        // there is no room, or the disk is in trouble
    not_found,    // no such run
    conflict,     // the run is in another state
    key_is_used,  // the idempotency key came with another body
  };
  struct Refused {
    std::size_t message = 0;  // which one of the body
    schema::ErrorCode reason{};
    std::string detail;
  };

  Verdict verdict = Verdict::done;
  std::string detail{};  // of any other than done: what is wrong

  // Of Messages.
  std::uint64_t accepted = 0, duplicate = 0, rejected = 0;
  std::array<std::uint64_t, schema::kRejectReasons> reasons{};
  std::vector<Refused> refused{};  // the first kRefusedMax
  bool replayed = false;           // counted before, by its idempotency key
  static constexpr std::size_t kRefusedMax = 20;
};

// Takes orders for the core. Any thread.
class Submitter {
 public:
  virtual ~Submitter() = default;
  // `done` is called once, by another thread, when what was ordered is safe. False: there is no
  // room, and it is not called.
  virtual bool submit(Order order, std::function<void(Outcome)> done) = 0;
};

// A message of the live feed.
struct LiveMessage {
  std::string topic;
  std::shared_ptr<const std::string> json;         // null: the topic is over
  std::shared_ptr<const schema::Summary> summary;  // of summary/ topics
};

// What the core publishes. Any thread.
class SummarySource {
 public:
  virtual ~SummarySource() = default;
  // What was published since the last call, the newest of each topic.
  virtual std::vector<LiveMessage> take() = 0;
};

// Who may come in. Used by the loop of the server only.
class TokenSource {
 public:
  virtual ~TokenSource() = default;
  // Whether one has to show a token.
  virtual bool required() = 0;
  // Whose token it is.
  virtual std::optional<schema::Grant> find(std::string_view token) = 0;
};

}  // namespace weir::http
