#include "tools/bench_table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tools/figure_text.hpp"
#include "tools/table.hpp"

namespace weir::tools {
namespace {

constexpr std::size_t kWidth = 100;
constexpr double kMiB = 1 << 20U;

std::string rounded(double value) {
  return count_text(static_cast<std::uint64_t>(std::llround(std::max(0.0, value))));
}

// 1,234k: as much as rounds agree on.
std::string thousands(double value) { return rounded(value / 1'000) + "k"; }

std::string two_digits(double value) {
  const auto hundredths = static_cast<std::uint64_t>(std::llround(std::max(0.0, value) * 100));
  const std::string fraction = std::to_string(hundredths % 100);
  return count_text(hundredths / 100) + "." + (fraction.size() < 2 ? "0" : "") + fraction;
}

std::string percent(double share) { return decimal_text(share * 100); }

std::string text_of(const Spread& spread, std::string (*text)(double)) {
  return text(spread.median) + " [" + text(spread.min) + " .. " + text(spread.max) + "]";
}

std::string mib(const std::vector<BenchMeasure>& rounds) {
  std::uint64_t peak = 0;
  for (const BenchMeasure& round : rounds) peak = std::max(peak, round.peak_memory_bytes);
  return rounded(static_cast<double>(peak) / kMiB);
}

std::string text_of(const Table& table) {
  std::string text;
  for (const StyledLine& line : table.uncut_lines(kWidth)) {
    std::string one = to_text(line, false);
    one.erase(one.find_last_not_of(' ') + 1);
    text += one + "\n";
  }
  return text;
}

std::string connections_text(const BenchCase& of) {
  return std::to_string(of.connections) + (of.connections == 1 ? " connection" : " connections");
}

std::vector<Span> row_start(const BenchCase& of, const std::string& who) {
  return {{std::string{to_string(of.form)}}, {std::to_string(of.connections)}, {who}};
}

void add_receiver(Table& table, const BenchCase& of, const std::string& who,
                  const std::vector<BenchMeasure>& rounds) {
  if (rounds.empty()) return;
  std::vector<Span> row = row_start(of, who);
  row.push_back({text_of(spread_of(rounds, &BenchMeasure::hits_per_s), thousands)});
  row.push_back({thousands(spread_of(rounds, &BenchMeasure::frames_per_s).median)});
  row.push_back({text_of(spread_of(rounds, &BenchMeasure::receiver_ns_per_hit), rounded)});
  row.push_back({rounded(spread_of(rounds, &BenchMeasure::sender_ns_per_hit).median)});
  row.push_back({mib(rounds)});
  table.add_row(std::move(row));
}

void add_paced(Table& table, const BenchCase& of, const std::string& who,
               const std::vector<BenchMeasure>& rounds) {
  std::vector<Span> row = row_start(of, who);
  row.push_back({rounded(static_cast<double>(of.rate_per_s))});
  row.push_back({rounded(spread_of(rounds, &BenchMeasure::hits_per_s).median)});
  row.push_back({pace_kept(of, rounds) ? "yes" : "no"});
  row.push_back({text_of(spread_of(rounds, &BenchMeasure::receiver_cores), percent)});
  row.push_back({rounded(spread_of(rounds, &BenchMeasure::receiver_ns_per_hit).median)});
  row.push_back({mib(rounds)});
  table.add_row(std::move(row));
}

bool is_too_short(const BenchResult& result) {
  constexpr double kShortestSeconds = 0.2;
  return std::ranges::any_of(
      result.weir, [](const BenchMeasure& round) { return round.elapsed_s < kShortestSeconds; });
}

const Column kForm{"form", Align::left, 9};
const Column kConnections{"conns"};
const Column kReceiver{"", Align::left, 5};

}  // namespace

std::string bench_heading(const BenchMachine& machine) {
  std::string text = "weir " + machine.weir + ", libzmq " + machine.libzmq + ", " +
                     std::to_string(machine.cores) + " cores of " + machine.cpu + ", " +
                     machine.kernel + "\n";
  if (machine.build != "optimised") {
    text += "warning: this build is " + machine.build + ": its figures say nothing about weir\n";
  }
  return text;
}

std::string bench_table(const std::vector<BenchResult>& results) {
  Table table{{kForm,
               kConnections,
               kReceiver,
               {"hits/s [min .. max]"},
               {"frames/s"},
               {"CPU ns/hit [min .. max]"},
               {"sender"},
               {"MiB"}}};
  for (const BenchResult& result : results) {
    if (result.of.rate_per_s > 0 || result.of.steps > 1) continue;
    add_receiver(table, result.of, "bare", result.bare);
    add_receiver(table, result.of, "weir", result.weir);
    std::vector<Span> row = row_start(result.of, "ratio");
    row.push_back({text_of(ratio_spread(result), two_digits)});
    row.resize(8);
    table.add_row(std::move(row));
  }
  return table.rows() == 0 ? "" : text_of(table);
}

std::string paced_table(const std::vector<BenchResult>& results) {
  Table table{{kForm,
               kConnections,
               kReceiver,
               {"hits/s due"},
               {"received"},
               {"kept"},
               {"% of a core [min .. max]"},
               {"CPU ns/hit"},
               {"MiB"}}};
  for (const BenchResult& result : results) {
    if (result.of.rate_per_s == 0) continue;
    add_paced(table, result.of, "bare", result.bare);
    add_paced(table, result.of, "weir", result.weir);
  }
  return table.rows() == 0 ? "" : text_of(table);
}

std::string longest_pause_text(const std::vector<BenchResult>& results) {
  std::string text;
  for (const BenchResult& result : results) {
    std::optional<double> longest_us;
    for (const BenchMeasure& round : result.weir) {
      if (round.longest_pause_us) {
        longest_us = std::max(longest_us.value_or(0), *round.longest_pause_us);
      }
    }
    if (!longest_us) continue;
    text +=
        "longest time in which nothing was received: " + std::string{to_string(result.of.form)} +
        ", " + connections_text(result.of) + (result.of.rate_per_s > 0 ? ", paced" : "") + ": " +
        ms_text(longest_us) + " ms\n";
  }
  return text;
}

std::string bench_footnotes(const std::vector<BenchResult>& results, const BenchMachine& machine) {
  const auto any = [&results](auto is_so) {
    return std::ranges::any_of(results, [&](const BenchResult& r) { return is_so(r.of); });
  };
  std::string text =
      "Counted and compared in every round: hits, failed hits, missing, duplicate, rejected.\n"
      "CPU is of the whole process, all threads.\n";
  if (any([](const BenchCase& of) { return of.steps == 1; })) {
    text += "MiB: peak resident memory.\n";
  }
  if (any([](const BenchCase& of) { return of.beside_bare && of.rate_per_s == 0; })) {
    text +=
        "sender: its CPU ns/hit.\n"
        "The bare loop does nothing but count. On a machine with idle cores it wakes for nearly\n"
        "every read, so a ratio of rates alone says little: look at CPU ns/hit, and see --rate.\n"
        "weir's time is from the arrival of the first message to that of the last, each known to\n"
        "one turn of its loop (1,000 frames, 256 KiB or 5 ms); it includes no start and no stop.\n";
  }
  if (std::ranges::any_of(results, is_too_short)) {
    text +=
        "warning: rounds of less than 0.2 s show the broker's turns more than its speed: ask for\n"
        "longer ones\n";
  }
  if (any([](const BenchCase& of) { return of.form == BenchForm::acked_50; })) {
    text +=
        "acked-50: until the last batch is acknowledged, that is after fdatasync; the bare loop\n"
        "gets the same frames by plain PUSH and acknowledges nothing.\n";
    if (machine.folder_in_memory) {
      text += "warning: " + machine.folder + " is in memory: set TMPDIR to a folder on a disk\n";
    }
  }
  return text;
}

std::string flat_heading(const BenchCase& of) {
  return "one run, " + std::string{to_string(of.form)} + ", " + connections_text(of) + ", " +
         count_text(of.hits()) + " hits\n" + "          hits     hits/s   CPU ns/hit   MiB\n";
}

std::string flat_line(const BenchCase& /*of*/, const std::vector<BenchMeasure>& steps) {
  std::uint64_t hits = 0;
  for (const BenchMeasure& step : steps) hits += step.hits;
  const BenchMeasure& last = steps.back();
  return pad_left(count_text(hits), 14) + pad_left(thousands(last.hits_per_s()), 11) +
         pad_left(rounded(last.receiver_ns_per_hit()), 13) +
         pad_left(rounded(static_cast<double>(last.memory_bytes) / kMiB), 6) + "\n";
}

}  // namespace weir::tools
