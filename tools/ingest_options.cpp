#include "tools/ingest_options.hpp"

#include "schema/ids.hpp"
#include "tools/feed_options.hpp"

namespace weir::tools {

void add_to_option(CLI::App& command, std::string& endpoint) {
  command
      .add_option("--to", endpoint,
                  "the broker's ingest; default LOADS_ZMQ_RECEIVER, else tcp://127.0.0.1:7071")
      ->type_name("EP")
      ->check(check_endpoint);
}

std::string check_id(const std::string& id) {
  return schema::is_valid_id(id) ? "" : "1 to 128 bytes of UTF-8 without '/' or control characters";
}

}  // namespace weir::tools
