#include "http/embedded.hpp"

#include <algorithm>

#include "http/text.hpp"

namespace weir::http {
namespace {

bool accepts_gzip(std::string_view accepted) {
  while (!accepted.empty()) {
    std::string_view coding = trimmed(take_until(accepted, ','));
    const std::string_view name = trimmed(take_until(coding, ';'));
    if (!same_ignoring_case(name, "gzip") && name != "*") continue;
    const std::string_view weight = trimmed(coding);
    return weight != "q=0" && weight != "q=0.0";
  }
  return false;
}

bool has(std::string_view etags, std::string_view etag) {
  while (!etags.empty()) {
    std::string_view one = trimmed(take_until(etags, ','));
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == etag || one == "*") return true;
  }
  return false;
}

Handled answer_with(const EmbeddedFile& file, const Request& request) {
  Response response;
  response.type = file.type;
  response.fields = {
      {"ETag", std::string{file.etag}}, {"Cache-Control", "no-cache"}, {"Vary", "Accept-Encoding"}};
  if (has(request.field("if-none-match"), file.etag)) {
    response.status = 304;
    return response;
  }
  response.lasting_body = file.text;
  if (accepts_gzip(request.field("accept-encoding"))) {
    response.lasting_body = file.gzip;
    response.fields.emplace_back("Content-Encoding", "gzip");
  }
  return response;
}

Handled find(std::string_view path, const Request& request) {
  const auto files = embedded_files();
  const auto found = std::ranges::find(files, path, &EmbeddedFile::path);
  if (found == files.end()) return refuse(404, "not_found", "there is no such file");
  return answer_with(*found, request);
}

}  // namespace

Handled embedded_file(const Request& request) { return find(request.path, request); }

Handled embedded_page(const Request& request) { return find("/", request); }

}  // namespace weir::http
