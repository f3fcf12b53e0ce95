#include <algorithm>
#include <array>
#include <cstddef>
#include <exception>
#include <iostream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/nearest.hpp"
#include "tools/command.hpp"
#include "tools/complaint.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {
namespace {

struct Entry {
  const char* name;
  const char* does;
  Run (*add)(CLI::App& command);
};

constexpr std::array kCommands{
    Entry{"serve", "run the broker: collect messages, publish summaries, store results", add_serve},
    Entry{"run", "load a URL and report to a broker", add_run},
    Entry{"send", "send JSON lines to a broker", add_send},
    Entry{"tail", "print the live feed as JSON lines", add_tail},
    Entry{"top", "watch runs on a full screen", add_top},
    Entry{"runs", "list the runs in a results file", add_runs},
    Entry{"report", "print the results of a run", add_report},
    Entry{"replay", "send recorded JSON lines again", add_replay},
    Entry{"bench", "measure ingest here beside a bare libzmq loop", add_bench},
    Entry{"keygen", "make the keys of encrypted connections", add_keygen},
    Entry{"token", "make, list and revoke API tokens", add_token},
    Entry{"delete", "delete a run from a results file", add_delete},
    Entry{"doctor", "look whether results file and journal are sound, and repair them", add_doctor},
};

int refuse_command(const std::string& typed) {
  std::vector<std::string> names;
  names.reserve(kCommands.size());
  for (const Entry& entry : kCommands) names.emplace_back(entry.name);
  const auto nearest = broker::nearest_name(typed, names);
  std::cerr << "weir: unknown command '" << printable(typed) << "'; "
            << (nearest ? "did you mean '" + std::string{*nearest} + "'?" : "see weir --help")
            << '\n';
  return kUsage;
}

bool is_command(std::string_view name) {
  return std::ranges::any_of(kCommands, [name](const Entry& entry) { return name == entry.name; });
}

int run_main(int argc, char** argv) {
  const std::span arguments{argv, static_cast<std::size_t>(argc)};
  if (argc > 1 && *arguments[1] != '-' && !is_command(arguments[1])) {
    return refuse_command(arguments[1]);
  }

  CLI::App app{"weir: where the numbers of any load test come together"};
  app.set_version_flag("--version", std::string{"weir "} + WEIR_VERSION);
  app.require_subcommand(1);
  app.footer("Start with: weir serve\nThen:       weir COMMAND --help");

  std::vector<std::pair<CLI::App*, Run>> runs;
  for (const Entry& entry : kCommands) {
    CLI::App* command = app.add_subcommand(entry.name, entry.does);
    runs.emplace_back(command, entry.add(*command));
  }

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);  // --help and --version
  } catch (const CLI::ParseError& error) {
    const auto& chosen = app.get_subcommands();
    const std::string what = chosen.empty() ? "usage" : chosen.front()->get_name();
    complain(what, std::string{error.what()} + "; see weir " + (chosen.empty() ? "" : what + " ") +
                       "--help");
    return kUsage;
  }

  for (const auto& [command, run] : runs) {
    if (!command->parsed()) continue;
    try {
      return run();
    } catch (const std::exception& error) {
      return complain(command->get_name(), error.what());
    }
  }
  return kUsage;
}

}  // namespace
}  // namespace weir::tools

int main(int argc, char** argv) { return weir::tools::run_main(argc, argv); }
