#include "http/found_run.hpp"

#include <utility>

namespace weir::http {

tl::expected<FoundRun, HttpError> find_run(Readers& readers, const std::string& run) {
  auto reader = readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto number = (*reader)->find(run);
  if (!number) {
    if (number.error().code != schema::ErrorCode::not_found) return refused(number.error());
    return refuse(404, "not_found",
                  run == "last" ? "there are no runs yet"
                                : "there is no run '" + run + "'; /api/runs lists them",
                  "run");
  }
  store::RunFilter only_this;
  only_this.limit = 1;
  only_this.before = *number + 1;
  auto rows = (*reader)->runs(only_this);
  if (!rows) return refused(rows.error());
  if (rows->empty() || rows->front().run != *number) {
    return refuse(404, "not_found", "run '" + run + "' is being deleted", "run");
  }
  return FoundRun{*std::move(reader), std::move(rows->front())};
}

tl::unexpected<HttpError> refused(const schema::Error& error, const std::string& field) {
  HttpError http = http_error(error);
  if (http.status == 400) {
    http.field = field;
    if (!field.empty()) http.message = field + ": " + http.message;
  }
  return tl::unexpected(std::move(http));
}

Response json_response(std::string json, int status) {
  Response response;
  response.status = status;
  response.body = std::move(json);
  return response;
}

}  // namespace weir::http
