#include <chrono>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include "broker/token_file.hpp"
#include "schema/role.hpp"
#include "schema/time.hpp"
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
  std::string name;
  std::string role;
  CLI::App* add = nullptr;
  CLI::App* list = nullptr;
};

schema::Timestamp now() {
  return std::chrono::time_point_cast<schema::Elapsed>(std::chrono::system_clock::now());
}

int add(const Options& options, const store::StoreConfig& config) {
  const auto file = broker::token_file(value_of(store::make_data_folder(config)));
  const schema::Grant grant{options.name, *schema::parse_role(options.role)};
  const std::string token = value_of(broker::add_token(file, grant, now()));
  print(token + "\n");
  std::cerr << "this is the only time that the token is shown; a broker that runs takes it within "
               "about a second\n";
  return kOk;
}

int list(const store::StoreConfig& config) {
  const auto file = broker::token_file(store::data_folder(config));
  const auto entries = value_of(broker::read_tokens(file));
  if (entries.empty()) std::cerr << "weir: token: there are no tokens\n";
  for (const broker::TokenEntry& entry : entries) {
    std::string line = pad_right(to_string(entry.grant.role), 8);
    line += schema::format_time(entry.created) + "  " + printable(entry.grant.name) + "\n";
    print(line);
  }
  return kOk;
}

int revoke(const Options& options, const store::StoreConfig& config) {
  const auto file = broker::token_file(store::data_folder(config));
  const auto revoked = broker::revoke_token(file, options.name);
  if (!revoked) throw std::runtime_error(revoked.error().detail);
  std::cerr << "revoked; a broker that runs refuses it within about a second\n";
  return kOk;
}

int run(const Options& options) {
  const store::StoreConfig config = load_config(options.data).store;
  if (options.add->parsed()) return add(options, config);
  return options.list->parsed() ? list(config) : revoke(options, config);
}

}  // namespace

Run add_token(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.require_subcommand(1);
  options->add = command.add_subcommand("add", "make a token and print it, this once");
  options->list = command.add_subcommand("list", "print role, time of making and name of each");
  CLI::App* revoke_command = command.add_subcommand("revoke", "make a token worthless");
  for (CLI::App* one : {options->add, revoke_command}) {
    one->add_option("NAME", options->name, "what the token is called")
        ->required()
        ->type_name("")
        ->check(check_id);
  }
  options->add
      ->add_option("--role", options->role, "runner (sends), viewer (looks) or admin (both)")
      ->required()
      ->type_name("ROLE")
      ->check(check_role);
  for (CLI::App* one : {options->add, options->list, revoke_command}) {
    add_data_options(*one, options->data);
  }
  command.footer(
      "Tokens are for acknowledged ingest: as soon as there is one, a runner has to show one. "
      "Only\n"
      "their SHA-256 is kept.\n"
      "Example:\n  TOKEN=$(weir token add nightly --role runner)\n"
      "  weir token list\n  weir token revoke nightly");
  return [options] { return run(*options); };
}

}  // namespace weir::tools
