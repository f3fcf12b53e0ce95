#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "schema/duration.hpp"
#include "tools/bench_bare.hpp"
#include "tools/bench_broker.hpp"
#include "tools/bench_machine.hpp"
#include "tools/bench_plan.hpp"
#include "tools/bench_report_json.hpp"
#include "tools/bench_rounds.hpp"
#include "tools/bench_sender.hpp"
#include "tools/bench_table.hpp"
#include "tools/command.hpp"
#include "tools/complaint.hpp"
#include "tools/feed_options.hpp"
#include "tools/store_options.hpp"

namespace weir::tools {
namespace {

constexpr std::size_t kConnectionsMax = 1'000;
constexpr std::size_t kWorkersMax = 10'000;
constexpr std::size_t kLabelsMax = 100'000;
constexpr std::size_t kRoundsMax = 1'000;
constexpr std::uint64_t kHitsMax = 100'000'000'000;
constexpr std::uint64_t kRateMax = 100'000'000;
constexpr std::size_t kSubscribersMax = 500;

struct Options {
  BenchOptions bench;
  std::string duration = "10s";
  std::string part;  // which process of a benchmark this is; empty: the one that the user started
};

// The processes that a benchmark starts besides `weir serve`.
const std::map<std::string, int (*)()>& parts() {
  static const std::map<std::string, int (*)()> all{{"sender", run_bench_sender},
                                                    {"bare", run_bench_bare},
                                                    {"subscribers", run_bench_subscribers}};
  return all;
}

void show_step(const BenchCase& of, const std::vector<BenchMeasure>& steps) {
  if (steps.size() == 1) print(flat_heading(of));
  print(flat_line(of, steps));
}

void print_tables(const BenchOptions& options, const BenchMachine& machine,
                  const std::vector<BenchResult>& results) {
  std::string text = bench_table(results);
  const std::string paced = paced_table(results);
  if (!text.empty() && !paced.empty()) text += "\n";
  text += paced + "\n";
  if (options.longest_pause) text += longest_pause_text(results);
  print(text + bench_footnotes(results, machine));
}

int measure(BenchOptions options, const std::string& duration) {
  options.duration_s = schema::to_seconds(*schema::parse_duration(duration));
  std::vector<BenchCase> cases;
  try {
    cases = bench_cases(options);
  } catch (const std::invalid_argument& error) {
    complain("bench", error.what());
    return kUsage;
  }
  const BenchMachine machine = this_machine();
  if (!options.json) print(bench_heading(machine));
  std::vector<BenchResult> results;
  try {
    BenchRounds rounds{options, options.json ? BenchRounds::Show{} : show_step};
    for (const BenchCase& one : cases) results.push_back(rounds.run(one));
  } catch (const BenchStopped&) {
    complain("bench", "stopped before its end");
    return kAborted;
  }
  if (options.json) {
    print_json(bench_to_json(machine, options, results));
  } else {
    print_tables(options, machine, results);
  }
  return kOk;
}

template <class Number>
CLI::Option* add_number(CLI::App& command, const std::string& name, Number& value, Number most,
                        const std::string& help) {
  return command.add_option(name, value, help)->type_name("N")->check(CLI::Range(Number{1}, most));
}

void add_what(CLI::App& command, Options& options) {
  BenchOptions& bench = options.bench;
  command.add_option("--forms", bench.forms, "single, ndjson-10, ndjson-50, batch-50, acked-50")
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::IsMember(bench_form_names()));
  command.add_option("--connections", bench.connections, "default 4; for single also 1 and 16")
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(CLI::Range(std::size_t{1}, kConnectionsMax));
  add_number(command, "--rounds", bench.rounds, kRoundsMax,
             "of each row (default 5; with a pace 1); what is shown are medians");
  add_number(command, "--hits", bench.hits, kHitsMax,
             "of each round (default 3,000,000 or more, about two seconds)");
  add_number(command, "--workers", bench.workers, kWorkersMax, "default one a connection");
  add_number(command, "--labels", bench.labels, kLabelsMax, "different URLs")
      ->capture_default_str();
  command.add_flag("--quick", bench.quick, "few rows, three rounds, no pace: half a minute");
}

void add_how(CLI::App& command, Options& options) {
  BenchOptions& bench = options.bench;
  add_number(command, "--rate", bench.rate_per_s, kRateMax,
             "hits a second in all, sent by the clock: how much CPU does that take?");
  command.add_option("--duration", options.duration, "of each round with a pace")
      ->type_name("DURATION")
      ->capture_default_str()
      ->needs("--rate")
      ->check(check_duration);
  command.add_flag("--flat", bench.flat,
                   "one run of --hits hits (default 10,000,000), a line for each tenth:\n"
                   "does the cost of a hit grow?");
  add_number(command, "--subscribers", bench.subscribers, kSubscribersMax,
             "to the live feed, that read everything");
  add_number(command, "--stalled-subscribers", bench.stalled_subscribers, kSubscribersMax,
             "to the live feed, that read nothing");
  add_number(command, "--tick-ms", bench.tick_ms, std::uint32_t{10'000},
             "time between two summaries of the broker")
      ->capture_default_str();
  command.add_flag("--longest-pause", bench.longest_pause,
                   "also the longest time in which the broker received nothing, if it\n"
                   "says so");
  command.add_flag("--json", bench.json, "everything, each round too");
  command.add_flag("-q,--quiet", bench.quiet, "no progress");
  command.add_option("--part", options.part)
      ->group("")
      ->check(CLI::IsMember(std::vector<std::string>{"sender", "bare", "subscribers"}));
}

}  // namespace

Run add_bench(CLI::App& command) {
  auto options = std::make_shared<Options>();
  add_what(command, *options);
  add_how(command, *options);
  command.footer(
      "Measures what a broker with its default settings takes in, beside a bare libzmq loop that\n"
      "only counts frames: same sender, same messages, taking turns. Every count is checked;\n"
      "exit 1 and no figures if one is wrong. Broker, loop and sender are processes of their own\n"
      "with free ports; results file and journal are in a folder under TMPDIR until the end.\n"
      "A ratio alone misleads: see docs/benchmarks.md.\n"
      "Examples:\n"
      "  weir bench\n"
      "  weir bench --quick\n"
      "  weir bench --forms single,batch-50 --connections 1,4,16 --rounds 9 --json\n"
      "  weir bench --rate 200000 --duration 30s --subscribers 10\n"
      "  weir bench --flat --forms batch-50 --hits 100000000");
  return [options] {
    if (!options->part.empty()) return parts().at(options->part)();
    return measure(options->bench, options->duration);
  };
}

}  // namespace weir::tools
