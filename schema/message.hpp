#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "schema/time.hpp"

namespace weir::schema {

// What a runner can say, one struct per data_type. Texts are views into memory of whoever made the
// message (the decoder: valid until it returns from the visitor; an encoder's caller: as long as
// the call). An empty text means that the field was not given.

// [hits, users, current_hit, current_user] as loads sends it; any of them may be unknown.
struct LoadsStatus {
  std::optional<std::int64_t> hits;
  std::optional<std::int64_t> users;
  std::optional<std::int64_t> current_hit;
  std::optional<std::int64_t> current_user;
  bool operator==(const LoadsStatus&) const = default;
};

// What any message may carry.
struct Envelope {
  std::string_view run_id;           // empty: not given
  std::string_view worker_id;        // empty: not given
  std::optional<std::uint64_t> seq;  // 1, 2, 3, ... per (worker, epoch)
  std::optional<std::uint64_t> epoch;
  std::optional<Timestamp> time;  // when the event happened, if the runner said so
  LoadsStatus status;
  bool batched = false;  // came in a loads batch: arrival time says nothing about the event
};

struct Tag {
  std::string_view key;
  std::string_view value;
  bool operator==(const Tag&) const = default;
};

// One criterion of `thresholds`, k6 form: {"<metric>": ["<expression>", ...]} where an entry may
// also be {"threshold": "<expression>", "abortOnFail": true, "delayAbortEval": "10s"}.
struct Criterion {
  std::string_view metric;
  std::string_view expression;
  bool abort_on_fail = false;
  std::string_view delay_abort_eval;
  bool operator==(const Criterion&) const = default;
};

// An exception as the runner reported it, put in order: see docs/protocol.md for the rule.
struct Exception {
  std::string_view class_name;
  std::string_view message;
  std::string_view traceback;
  bool operator==(const Exception&) const = default;
};

struct StartTestRun {
  std::string_view name;
  std::string_view project;
  std::string_view scenario;
  std::vector<Tag> tags;
  std::vector<Criterion> thresholds;
  bool operator==(const StartTestRun&) const = default;
};
struct StopTestRun {
  bool operator==(const StopTestRun&) const = default;
};
struct StartTest {
  std::string_view test;
  bool operator==(const StartTest&) const = default;
};
struct StopTest {
  std::string_view test;
  bool operator==(const StopTest&) const = default;
};
struct AddSuccess {
  std::string_view test;
  bool operator==(const AddSuccess&) const = default;
};
struct AddFailure {
  std::string_view test;
  Exception exception;
  bool operator==(const AddFailure&) const = default;
};
struct AddError {
  std::string_view test;
  Exception exception;
  bool operator==(const AddError&) const = default;
};

// One request. elapsed is 0 or more (negative input is read as 0); status is 0..999, 0 when there
// was no response. Without `success`, a hit succeeds if 200 <= status < 400.
struct AddHit {
  std::string_view url;
  std::string_view method;
  std::string_view label;
  int status = 0;
  std::optional<Timestamp> started;
  Elapsed elapsed{0};
  std::optional<bool> success;
  std::string_view error;
  std::optional<std::int64_t> bytes_sent;
  std::optional<std::int64_t> bytes_received;
  std::optional<Elapsed> dns;
  std::optional<Elapsed> connect;
  std::optional<Elapsed> tls;
  std::optional<Elapsed> first_byte;
  bool operator==(const AddHit&) const = default;
};

inline bool succeeded(const AddHit& hit) {
  return hit.success.value_or(hit.status >= 200 && hit.status < 400);
}

struct SocketOpen {
  bool operator==(const SocketOpen&) const = default;
};
struct SocketClose {
  bool operator==(const SocketClose&) const = default;
};
struct SocketMessage {
  std::int64_t size_bytes = 0;
  bool operator==(const SocketMessage&) const = default;
};

// Any other data_type that names a test: a custom counter, +1.
struct Counter {
  std::string_view name;
  std::string_view test;
  bool operator==(const Counter&) const = default;
};

using Body = std::variant<AddHit, StartTestRun, StopTestRun, StartTest, StopTest, AddSuccess,
                          AddFailure, AddError, SocketOpen, SocketClose, SocketMessage, Counter>;

struct Message {
  Envelope envelope;
  Body body;
};

// The data_type a body is sent as, for example "add_hit"; for a counter its name.
std::string_view data_type(const Body& body);

}  // namespace weir::schema
