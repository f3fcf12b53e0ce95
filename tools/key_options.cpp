#include "tools/key_options.hpp"

namespace weir::tools {

void add_key_options(CLI::App& command, runners::CurveOptions& options) {
  command
      .add_option("--key", options.key_file,
                  "key file of this client, from weir keygen; default WEIR_CLIENT_KEY")
      ->type_name("FILE");
  command
      .add_option("--server-key", options.server_key,
                  "public key of the broker, or a file with it; default WEIR_SERVER_KEY,\n"
                  "else the one in the key file")
      ->type_name("KEY|FILE");
}

}  // namespace weir::tools
