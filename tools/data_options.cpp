#include "tools/data_options.hpp"

#include <stdexcept>

#include "schema/role.hpp"

namespace weir::tools {

void add_data_options(CLI::App& command, DataOptions& options) {
  command.add_option("--config", options.config, "settings in TOML, as for weir serve")
      ->type_name("FILE");
  command.add_option("--db", options.db, "the results file; the data folder is beside it")
      ->type_name("FILE");
  command.add_option("--data", options.data, "the data folder")->type_name("DIR");
}

broker::Config load_config(const DataOptions& options) {
  broker::Sources sources;
  if (!options.config.empty()) sources.file = options.config;
  sources.environment = broker::weir_environment();
  if (!options.db.empty()) sources.overrides.push_back({"store.db", options.db, "--db"});
  if (!options.data.empty()) sources.overrides.push_back({"store.data", options.data, "--data"});
  auto loaded = broker::load_config(sources);
  if (!loaded) throw std::runtime_error(loaded.error().detail);
  return loaded->config;
}

std::string check_role(const std::string& text) {
  return schema::parse_role(text) ? "" : "a role is runner, viewer or admin";
}

}  // namespace weir::tools
