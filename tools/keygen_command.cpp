#include <filesystem>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include "broker/client_keys.hpp"
#include "broker/config.hpp"
#include "broker/private_file.hpp"
#include "broker/socket_guard.hpp"
#include "schema/curve_key.hpp"
#include "store/config.hpp"
#include "tools/command.hpp"
#include "tools/data_options.hpp"
#include "tools/ingest_options.hpp"
#include "tools/store_options.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {
namespace {

struct Options {
  DataOptions data;
  std::string client;
  std::string role;
  std::string out;
  bool force = false;
};

void write_key(const std::filesystem::path& path, const std::string& text, bool replace) {
  const auto written = broker::write_private_file(path, text, replace);
  if (written) return;
  const bool there = written.error().code == schema::ErrorCode::locked;
  throw std::runtime_error(written.error().detail + (there ? "; --force replaces it" : ""));
}

int make_server_key(const Options& options, const broker::Config& config) {
  value_of(store::make_data_folder(config.store));
  const auto path = broker::server_key_file(config);
  const schema::CurveKey key = broker::make_curve_key();
  write_key(path, format_key_file(key, "# The key pair of a weir broker. Keep it secret.\n"),
            options.force);
  print(key.public_key + "\n");
  std::cerr << "the key pair is in " << printable(path.string())
            << "; above is its public key, which clients need\n"
               "next: weir keygen --client NAME --role runner, then weir serve --set "
               "security.curve=true\n";
  return kOk;
}

std::string server_public_key(const broker::Config& config) {
  const auto path = broker::server_key_file(config);
  const auto text = broker::read_private_file(path, broker::KeptFrom::readers);
  if (!text && text.error().code == schema::ErrorCode::not_found) {
    throw std::runtime_error("the broker has no key yet (" + path.string() +
                             "): make it with weir keygen");
  }
  const schema::CurveKey key = value_of(schema::parse_key_file(value_of(text)));
  return key.public_key;
}

int make_client_key(const Options& options, const broker::Config& config) {
  schema::CurveKey key = broker::make_curve_key();
  key.server_key = server_public_key(config);
  const std::string out = options.out.empty() ? options.client + ".key" : options.out;
  value_of(store::make_data_folder(config.store));
  // The file first: a key that is allowed and that nobody has is worse than the other way round.
  write_key(out, format_key_file(key, "# A client's key pair for weir. Keep it secret.\n"),
            options.force);
  const auto added = broker::add_client_key(broker::clients_file(config), key.public_key,
                                            {options.client, *schema::parse_role(options.role)});
  if (!added) {
    std::filesystem::remove(out);
    throw std::runtime_error(added.error().detail);
  }
  print(key.public_key + "\n");
  std::cerr << "the client's key pair, with the broker's public key, is in " << printable(out)
            << "\nnext: weir " << (options.role == "viewer" ? "tail" : "send") << " --key "
            << printable(out) << '\n';
  return kOk;
}

int run(const Options& options) {
  const broker::Config config = load_config(options.data);
  return options.client.empty() ? make_server_key(options, config)
                                : make_client_key(options, config);
}

}  // namespace

Run add_keygen(CLI::App& command) {
  auto options = std::make_shared<Options>();
  CLI::Option* client =
      command.add_option("--client", options->client, "make a key pair for this client")
          ->type_name("NAME")
          ->check(check_id);
  CLI::Option* role =
      command.add_option("--role", options->role, "runner (sends), viewer (looks) or admin (both)")
          ->type_name("ROLE")
          ->needs(client)
          ->check(check_role);
  client->needs(role);
  command.add_option("--out", options->out, "the client's key file; default NAME.key")
      ->type_name("FILE")
      ->needs(client);
  command.add_flag("--force", options->force, "replace a key file that is there");
  add_data_options(command, options->data);
  command.footer(
      "Without --client: the broker's own key pair. Key files are readable by their owner alone;\n"
      "on stdout is the public key. A client's key is added to the list of those that may "
      "connect.\n"
      "Example:\n  weir keygen\n  weir keygen --client agent-1 --role runner\n"
      "  weir serve --set security.curve=true &\n  weir send messages.jsonl --key agent-1.key");
  return [options] { return run(*options); };
}

}  // namespace weir::tools
