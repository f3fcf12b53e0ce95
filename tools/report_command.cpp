#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

#include <unistd.h>

#include "schema/duration.hpp"
#include "schema/run_state.hpp"
#include "schema/time.hpp"
#include "store/run_json.hpp"
#include "store/run_reader.hpp"
#include "tools/command.hpp"
#include "tools/feed_options.hpp"
#include "tools/report_text.hpp"
#include "tools/store_options.hpp"

namespace weir::tools {
namespace {

struct Options {
  std::string run;
  std::string db;
  std::string format;
  bool wait = false;
  std::string timeout = "90s";
};

constexpr std::chrono::milliseconds kLookAgain{100};

bool has_ended(store::RunReader& reader, std::int64_t number) {
  store::RunFilter only_this;
  only_this.limit = 1;
  only_this.before = number + 1;
  const auto rows = value_of(reader.runs(only_this));
  return !rows.empty() && rows.front().run == number && schema::has_ended(rows.front().state);
}

// The number of the run, once it is there and has ended. Throws std::runtime_error if that takes
// longer than the timeout.
std::int64_t wait_for_end(store::RunReader& reader, const Options& options) {
  using Clock = std::chrono::steady_clock;
  const auto give_up = Clock::now() + *schema::parse_duration(options.timeout);
  std::optional<std::int64_t> number;  // a later run is no longer `last`
  for (;;) {
    if (!number) {
      const schema::Result<std::int64_t> found = reader.find(options.run);
      if (found) {
        number = *found;
      } else if (found.error().code != schema::ErrorCode::not_found || Clock::now() >= give_up) {
        return value_of(found);
      }
    }
    if (number && has_ended(reader, *number)) return *number;
    if (Clock::now() >= give_up) {
      throw std::runtime_error("the run has not ended within " + options.timeout +
                               "; without --wait its figures so far are printed");
    }
    std::this_thread::sleep_for(kLookAgain);
  }
}

int print_report(const Options& options) {
  store::RunReader reader = open_store(options.db);
  const std::int64_t number =
      options.wait ? wait_for_end(reader, options) : value_of(reader.find(options.run));
  const store::RunReport report = value_of(reader.report(number));
  if (!schema::has_ended(report.row.state)) {
    std::cerr << "weir: report: the run goes on, these are its figures up to "
              << schema::format_time(report.row.latest) << "; --wait waits for its end\n";
  }
  if (options.format == "json") {
    print_json(store::report_to_json(report));
  } else {
    const TextForm form = text_form(STDOUT_FILENO);
    print(to_text(report_text(report, form), form.colour));
  }
  return report.summary.hits.count == 0 ? kNoData : kOk;
}

}  // namespace

Run add_report(CLI::App& command) {
  auto options = std::make_shared<Options>();
  command.add_option("RUN", options->run, "run_id, number, or last")->required()->type_name("");
  add_db_option(command, options->db);
  add_format_option(command, options->format);
  auto* wait = command.add_flag("--wait", options->wait,
                                "wait until the run is in the file and has ended, then print");
  command.add_option("--timeout", options->timeout, "how long --wait waits; then exit 1")
      ->type_name("DURATION")
      ->capture_default_str()
      ->check(check_duration)
      ->needs(wait);
  command.footer(
      "Reads the results file, while a broker writes it or after. A run ends seconds after its\n"
      "last runner did (run.end_grace_s); until then its figures are those so far, and a line on\n"
      "stderr says so. last is the newest run in the file. Exit code 98: the run has no hits.\n"
      "Example:\n  weir report last --wait\n  weir report checkout-7 --format json | jq "
      ".response_ms");
  return [options] { return print_report(*options); };
}

}  // namespace weir::tools
