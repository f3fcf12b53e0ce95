#include "http/native_messages.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "http/json_writer.hpp"
#include "http/outcome_reply.hpp"
#include "http/parameters.hpp"
#include "http/text.hpp"
#include "schema/ids.hpp"

namespace weir::http {
namespace {

constexpr std::size_t kMaxKeyBytes = 255;

// What programs call JSON, and what curl and browsers send when nobody says.
bool is_known_type(std::string_view type) {
  constexpr std::array<std::string_view, 8> kTypes{"",
                                                   "application/json",
                                                   "application/x-ndjson",
                                                   "application/ndjson",
                                                   "application/jsonl",
                                                   "application/octet-stream",
                                                   "text/plain",
                                                   "application/x-www-form-urlencoded"};
  const std::string_view essence = trimmed(take_until(type, ';'));
  return std::ranges::any_of(
      kTypes, [essence](std::string_view known) { return same_ignoring_case(essence, known); });
}

std::string id_of(Parameters& given, std::string_view name) {
  const auto id = given.text(name);
  if (id && !schema::is_valid_id(*id)) {
    given.complain(name, "must be 1 to 128 bytes of UTF-8 without control characters and /");
  }
  return id.value_or("");
}

bool is_key(std::string_view key) {
  return key.size() <= kMaxKeyBytes &&
         std::ranges::all_of(key, [](char c) { return c > ' ' && c <= '~'; });
}

void write_reasons(JsonWriter& json, const Outcome& outcome) {
  json.key("reasons").object();
  for (std::size_t i = 0; i < outcome.reasons.size(); ++i) {
    if (outcome.reasons[i] == 0) continue;
    json.member(to_string(static_cast<schema::ErrorCode>(i)), outcome.reasons[i]);
  }
  json.end();
}

void write_refused(JsonWriter& json, const Outcome& outcome) {
  json.key("errors").array();
  for (const Outcome::Refused& refused : outcome.refused) {
    json.object().member("message", refused.message);
    json.member("reason", to_string(refused.reason)).member("detail", refused.detail).end();
  }
  json.end();
}

Response response_to(const Outcome& outcome) {
  // A client that sends the same again would be refused again, so it is told that it is at fault.
  const bool all_refused = outcome.accepted == 0 && outcome.duplicate == 0 && outcome.rejected > 0;
  JsonWriter json;
  json.object();
  if (all_refused) {
    const bool is_known = !outcome.refused.empty();
    json.key("error").object().member("code", is_known ? to_string(outcome.refused.front().reason)
                                                       : std::string_view{"rejected"});
    json.member("message",
                is_known ? outcome.refused.front().detail : std::string{"no message was accepted"});
    if (is_known) {
      json.member("field", "messages[" + std::to_string(outcome.refused.front().message) + "]");
    }
    json.end();
  }
  json.member("accepted", outcome.accepted).member("rejected", outcome.rejected);
  json.member("duplicate", outcome.duplicate);
  write_reasons(json, outcome);
  write_refused(json, outcome);
  json.member("replayed", outcome.replayed).end();
  return json_response(std::move(json).text(), all_refused ? 422 : 200);
}

}  // namespace

Handled post_messages(const Services& services, Request& request) {
  Parameters given{request};
  auto messages = std::make_shared<Messages>();
  messages->run_id = id_of(given, "run_id");
  messages->worker_id = id_of(given, "worker_id");
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  if (!is_known_type(request.field("content-type"))) {
    return refuse(415, "unsupported_type",
                  "send JSON: Content-Type: application/x-ndjson or application/json",
                  "Content-Type");
  }
  messages->idempotency_key = trimmed(request.field("idempotency-key"));
  if (!is_key(messages->idempotency_key)) {
    return refuse(400, "bad_value", "Idempotency-Key: must be at most 255 printable characters",
                  "Idempotency-Key");
  }
  if (request.body.find_first_not_of(" \t\r\n") == std::string::npos) {
    return refuse(400, "empty", "there are no messages in the body");
  }
  messages->body = std::move(request.body);
  return Later{
      [&submitter = services.submitter, messages](const std::function<void(Reply)>& reply) {
        const bool taken = submitter.submit(std::move(*messages), [reply](const Outcome& outcome) {
          const auto error = error_of(outcome);
          reply(error ? Reply{tl::unexpected(*error)} : Reply{response_to(outcome)});
        });
        if (!taken) reply(tl::unexpected(no_room()));
      }};
}

}  // namespace weir::http
