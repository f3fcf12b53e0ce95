#include <memory>
#include <stdexcept>
#include <string>

#include "broker/config.hpp"
#include "tools/command.hpp"
#include "tools/diagnosis.hpp"
#include "tools/findings.hpp"
#include "tools/repair.hpp"
#include "tools/store_options.hpp"

namespace weir::tools {
namespace {

struct Options {
  std::string config, db, data;
  bool repair = false;
};

// As weir serve would read them: a rebuilt run has the limits of one that was received.
broker::Config config_of(const Options& options) {
  broker::Sources sources;
  if (!options.config.empty()) sources.file = options.config;
  sources.environment = broker::weir_environment();
  if (!options.db.empty()) sources.overrides.push_back({"store.db", options.db, "--db"});
  if (!options.data.empty()) sources.overrides.push_back({"store.data", options.data, "--data"});
  auto loaded = broker::load_config(sources);
  if (!loaded) throw std::runtime_error(loaded.error().detail);
  return loaded->config;
}

int look(const Options& options) {
  const broker::Config config = config_of(options);
  Findings findings;
  const Diagnosis diagnosis = diagnose(config, findings);
  if (!options.repair) return findings.has_problems() ? kFailed : kOk;
  if (diagnosis.broker_runs) {
    throw std::runtime_error("a broker is running, nothing was repaired; stop it first");
  }
  repair(config, diagnosis, findings);
  Findings after;
  print("after the repair:\n");
  diagnose(config, after);
  return after.has_problems() ? kFailed : kOk;
}

}  // namespace

Run add_doctor(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("--config", options->config, "settings in TOML, as for weir serve")
      ->type_name("FILE");
  command.add_option("--db", options->db, "the results file (default weir.db)")->type_name("F");
  command
      .add_option("--data", options->data,
                  "the folder of the journal (default weir-data beside the results file)")
      ->type_name("DIR");
  command.add_flag("--repair", options->repair,
                   "mend what can be mended; nothing is deleted, the old files are renamed");
  command.footer(
      "A line for each thing that was looked at: ok, problem, or repaired. Reads all of the "
      "results\n"
      "file, about a second for each GB. While a broker runs only what is safe is looked at.\n"
      "Exit code: 0 all is well, 1 there are problems.\n"
      "Example:\n  weir doctor\n  weir doctor --db results/weir.db --repair");
  return [options] { return look(*options); };
}

}  // namespace weir::tools
