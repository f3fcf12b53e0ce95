#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <unistd.h>

#include "store/run_json.hpp"
#include "store/run_reader.hpp"
#include "tools/command.hpp"
#include "tools/complaint.hpp"
#include "tools/run_list.hpp"
#include "tools/store_options.hpp"

namespace weir::tools {
namespace {

struct Options {
  std::string db;
  std::string format;
  std::size_t limit = 20;
};

int print_runs(const Options& options) {
  store::RunReader reader = open_store(options.db);
  store::RunFilter filter;
  filter.limit = options.limit;
  const auto runs = value_of(reader.runs(filter));
  if (options.format == "json") {
    print_json(store::runs_to_json(runs));
    return kOk;
  }
  if (runs.empty()) {
    complain("runs", options.db + " has no runs yet");
    return kOk;
  }
  const TextForm form = text_form(STDOUT_FILENO);
  print(to_text(run_list(runs, form), form.colour));
  return kOk;
}

}  // namespace

Run add_runs(CLI::App& command) {
  auto options = std::make_shared<Options>();
  add_db_option(command, options->db);
  add_format_option(command, options->format);
  command.add_option("--limit", options->limit, "how many runs at most")
      ->capture_default_str()
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000));
  command.footer(
      "Newest first. Times are UTC; p95 is the 95th percentile of the response times.\n"
      "Example:\n  weir runs\n  weir runs --db results/weir.db --limit 100 --format json");
  return [options] { return print_runs(*options); };
}

}  // namespace weir::tools
