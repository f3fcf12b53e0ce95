#include "http/native_changes.hpp"

#include <memory>
#include <utility>

#include <nlohmann/json.hpp>

#include "http/found_run.hpp"
#include "http/native_runs.hpp"
#include "http/outcome_reply.hpp"

namespace weir::http {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxNameBytes = 1'024;
constexpr std::size_t kMaxNoteBytes = std::size_t{16} << 10U;
constexpr std::size_t kMaxTags = 100;

tl::unexpected<HttpError> bad_key(const std::string& key, const std::string& must) {
  return refuse(400, "bad_value", key + ": must be " + must, key);
}

bool is_text(const Json& value, std::size_t bytes_max) {
  return value.is_string() && value.get_ref<const std::string&>().size() <= bytes_max;
}

tl::expected<std::vector<schema::TagRecord>, HttpError> tags_of(const Json& value) {
  if (!value.is_object() || value.size() > kMaxTags) {
    return bad_key("tags", "an object of at most 100 texts");
  }
  std::vector<schema::TagRecord> tags;
  for (const auto& [key, text] : value.items()) {
    if (!is_text(text, kMaxNameBytes) || key.size() > kMaxNameBytes) {
      return bad_key("tags." + key, "a text of at most 1024 bytes");
    }
    tags.push_back({key, text.get<std::string>()});
  }
  return tags;
}

tl::expected<ChangeRun, HttpError> change_of(const std::string& body) {
  const Json given = Json::parse(body, nullptr, /*allow_exceptions=*/false);
  if (!given.is_object() || given.empty()) {
    return refuse(400, "not_object",
                  "send a JSON object with one or more of name, note, baseline and tags");
  }
  ChangeRun change;
  for (const auto& [key, value] : given.items()) {
    if (key == "name") {
      if (!is_text(value, kMaxNameBytes)) return bad_key(key, "a text of at most 1024 bytes");
      change.name = value.get<std::string>();
    } else if (key == "note") {
      if (!is_text(value, kMaxNoteBytes)) return bad_key(key, "a text of at most 16384 bytes");
      change.note = value.get<std::string>();
    } else if (key == "baseline") {
      if (!value.is_boolean()) return bad_key(key, "true or false");
      change.baseline = value.get<bool>();
    } else if (key == "tags") {
      auto tags = tags_of(value);
      if (!tags) return tl::unexpected(tags.error());
      change.tags = *std::move(tags);
    } else {
      return refuse(400, "unknown_key", key + ": only name, note, baseline and tags can be changed",
                    key);
    }
  }
  return change;
}

// Gives the order; the answer is made by `finish` once it was carried out.
Handled order(const Services& services, Order order, std::function<Reply()> finish) {
  Later later;
  later.start = [&submitter = services.submitter,
                 order = std::move(order)](const std::function<void(Reply)>& reply) {
    const bool taken = submitter.submit(order, [reply](const Outcome& outcome) {
      const auto error = error_of(outcome);
      reply(error ? Reply{tl::unexpected(*error)} : Reply{Response{}});
    });
    if (!taken) reply(tl::unexpected(no_room()));
  };
  later.finish = std::move(finish);
  return later;
}

std::function<Reply()> detail_of(const Services& services, std::int64_t run) {
  // By its number: a run_id may look like another's.
  return [&services, run] { return run_detail(services, run); };
}

}  // namespace

Handled change_run(const Services& services, const Request& request) {
  if (auto problem = Parameters{request}.problem()) return tl::unexpected(*problem);
  auto change = change_of(request.body);
  if (!change) return tl::unexpected(change.error());
  const auto found = find_run(services.readers, request.run);
  if (!found) return tl::unexpected(found.error());
  change->run = found->row.run;
  return order(services, *std::move(change), detail_of(services, found->row.run));
}

Handled stop_run(const Services& services, const Request& request) {
  if (auto problem = Parameters{request}.problem()) return tl::unexpected(*problem);
  const auto found = find_run(services.readers, request.run);
  if (!found) return tl::unexpected(found.error());
  return order(services, StopRun{found->row.run}, detail_of(services, found->row.run));
}

Handled delete_run(const Services& services, const Request& request) {
  Parameters given{request};
  const bool force = given.flag("force").value_or(false);
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  const auto found = find_run(services.readers, request.run);
  if (!found) return tl::unexpected(found.error());
  if (found->row.baseline && !force) {
    return refuse(409, "baseline",
                  "the run is a baseline that others are compared with; force=true deletes it",
                  "force");
  }
  return order(services, DeleteRun{found->row.run}, [] {
    Response response;
    response.status = 204;
    return response;
  });
}

}  // namespace weir::http
