#include <array>
#include <cstddef>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "broker/config.hpp"
#include "broker/config_print.hpp"
#include "broker/serve.hpp"
#include "broker/setting_value.hpp"
#include "broker/settings.hpp"
#include "tools/command.hpp"
#include "tools/complaint.hpp"
#include "tools/report_text.hpp"
#include "tools/styled_text.hpp"

namespace weir::tools {
namespace {

// A setting that has its own flag; all others are reached with --set.
struct SettingFlag {
  const char* flag;
  const char* setting;
  const char* value;
  const char* help;
};

constexpr std::array kFlags{
    SettingFlag{"--db", "store.db", "FILE", "results file (default weir.db)"},
    SettingFlag{
        "--data", "store.data", "DIR",
        "folder of tokens, keys and the journal (default weir-data beside the results file)"},
    SettingFlag{"--http", "http.endpoint", "ADDRESS",
                "where HTTP is spoken: API and dashboard (default 127.0.0.1:7070)"},
    SettingFlag{"--ingest", "ingest.endpoints", "ENDPOINT",
                "where runners send to, repeatable (default tcp://127.0.0.1:7071)"},
    SettingFlag{"--acked", "acked.endpoint", "ENDPOINT",
                "where senders of acknowledged batches connect (default tcp://127.0.0.1:7072)"},
    SettingFlag{"--feed", "feed.endpoint", "ENDPOINT",
                "where live summaries are published (default tcp://127.0.0.1:7073)"},
    SettingFlag{"--relay", "relay.endpoint", "ENDPOINT",
                "where accepted raw messages are published (default: nowhere)"},
    SettingFlag{"--tick-ms", "feed.tick_ms", "MS", "time between two summaries (default 1000)"},
    SettingFlag{"--log-level", "log.level", "LEVEL",
                "off, error, warn, info or debug (default info)"},
};

struct Options {
  std::string config;
  std::array<std::vector<std::string>, kFlags.size()> values;  // as given, by flag
  std::vector<std::string> sets;
  bool insecure_bind = false;
  bool print_config = false;
};

// What is wrong with a value, for CLI11: empty when nothing is.
std::string refusal(std::string_view name, std::string_view value) {
  const broker::Setting* setting = broker::find_setting(name);
  if (setting == nullptr) return broker::unknown_setting(name);
  broker::Config scratch;
  return broker::assign_text(*setting, value, scratch).value_or("");
}

std::string refusal_of_set(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) return text + " is not of the form section.key=value";
  const std::string_view view{text};
  const std::string why = refusal(view.substr(0, equals), view.substr(equals + 1));
  return why.starts_with("must") ? text.substr(0, equals) + " " + why : why;
}

broker::Sources sources(const Options& options) {
  broker::Sources all;
  if (!options.config.empty()) all.file = options.config;
  all.environment = broker::weir_environment();
  for (const std::string& set : options.sets) {
    const auto equals = set.find('=');
    const std::string name = set.substr(0, equals);
    all.overrides.push_back({name, set.substr(equals + 1), "--set " + name});
  }
  for (std::size_t i = 0; i < kFlags.size(); ++i) {
    for (const std::string& value : options.values.at(i)) {
      all.overrides.push_back({kFlags.at(i).setting, value, kFlags.at(i).flag});
    }
  }
  if (options.insecure_bind) {
    all.overrides.push_back({"security.insecure_bind", "true", "--insecure-bind"});
  }
  return all;
}

int run(const Options& options) {
  const auto loaded = broker::load_config(sources(options));
  if (!loaded) {
    std::istringstream problems{loaded.error().detail};
    for (std::string problem; std::getline(problems, problem);) {
      complain("serve", problem);
    }
    return kFailed;
  }
  if (options.print_config) {
    std::cout << broker::print_config(*loaded);
    return kOk;
  }
  return broker::serve(loaded->config, [](const store::RunReport& report) {
    return to_text(report_text(report, TextForm{}), false);
  });
}

}  // namespace

Run add_serve(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("--config", options->config, "settings in TOML")->type_name("FILE");
  for (std::size_t i = 0; i < kFlags.size(); ++i) {
    const SettingFlag& flag = kFlags.at(i);
    CLI::Option* option = command.add_option(flag.flag, options->values.at(i), flag.help);
    option->type_name(flag.value)->check([name = flag.setting](const std::string& value) {
      return refusal(name, value);
    });
    const broker::Setting* setting = broker::find_setting(flag.setting);
    option->expected(1)->multi_option_policy(setting != nullptr && broker::is_list(*setting)
                                                 ? CLI::MultiOptionPolicy::TakeAll
                                                 : CLI::MultiOptionPolicy::Throw);
  }
  command.add_option("--set", options->sets, "any other setting, repeatable")
      ->type_name("SECTION.KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(refusal_of_set);
  command.add_flag("--insecure-bind", options->insecure_bind,
                   "listen beyond this machine although nobody has to authenticate");
  command.add_flag("--print-config", options->print_config,
                   "print the settings in effect and where each comes from, and stop");
  command.footer(
      "Examples:\n"
      "  weir serve\n"
      "  weir serve --db results.db --ingest tcp://127.0.0.1:7071 --tick-ms 500\n"
      "  weir serve --config weir.toml --set run.end_grace_s=2 --print-config\n"
      "Settings also come from the environment, as WEIR_<SECTION>_<KEY>. Stop with Ctrl-C.");
  return [options] { return run(*options); };
}

}  // namespace weir::tools
