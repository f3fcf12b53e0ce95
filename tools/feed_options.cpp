#include "tools/feed_options.hpp"

#include "schema/duration.hpp"
#include "tools/feed_reader.hpp"

namespace weir::tools {

std::string check_endpoint(const std::string& endpoint) {
  const bool known = endpoint.starts_with("tcp://") || endpoint.starts_with("ipc://");
  if (known && endpoint.size() > 6) return {};
  return endpoint + " is no endpoint such as " + std::string{kDefaultFeed};
}

std::string check_duration(const std::string& text) {
  const schema::Result<schema::Elapsed> duration = schema::parse_duration(text);
  return duration ? std::string{} : duration.error().detail;
}

CLI::Option* add_feed_option(CLI::App& command, std::string& endpoint) {
  endpoint = kDefaultFeed;
  return command.add_option("--feed", endpoint, "the broker's feed")
      ->capture_default_str()
      ->type_name("EP")
      ->check(check_endpoint);
}

}  // namespace weir::tools
