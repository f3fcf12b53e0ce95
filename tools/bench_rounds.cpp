#include "tools/bench_rounds.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include <unistd.h>

#include "tools/bench_bare.hpp"
#include "tools/bench_broker.hpp"

namespace weir::tools {
namespace {

constexpr double kPaceSlack = 1.01;

double seconds(std::chrono::nanoseconds elapsed) {
  return std::chrono::duration<double>(elapsed).count();
}

double nanoseconds(std::chrono::nanoseconds elapsed) {
  return static_cast<double>(elapsed.count());
}

// Numbers of a worker count up through all its runs unless its epoch is another.
std::uint64_t fresh_epoch() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

std::string round_text(const BenchCase& of, std::size_t round, std::string_view who) {
  return std::string{to_string(of.form)} + ", " + std::to_string(of.connections) +
         (of.connections == 1 ? " connection" : " connections") + ": round " +
         std::to_string(round + 1) + " of " + std::to_string(of.rounds) + ", " + std::string{who};
}

}  // namespace

Spread spread_of(const std::vector<BenchMeasure>& rounds, double (BenchMeasure::*figure)() const) {
  std::vector<double> values;
  values.reserve(rounds.size());
  for (const BenchMeasure& round : rounds) values.push_back((round.*figure)());
  return spread_of(std::move(values));
}

Spread ratio_spread(const BenchResult& result) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < result.bare.size(); ++i) {
    ratios.push_back(result.weir[i].hits_per_s() / result.bare[i].hits_per_s());
  }
  return spread_of(std::move(ratios));
}

bool pace_kept(const BenchCase& of, const std::vector<BenchMeasure>& rounds) {
  const double due_s = static_cast<double>(of.hits()) / static_cast<double>(of.rate_per_s);
  return std::ranges::all_of(rounds, [due_s](const BenchMeasure& round) {
    return std::max(round.elapsed_s, round.sender_elapsed_s) <= due_s * kPaceSlack;
  });
}

BenchRounds::BenchRounds(const BenchOptions& options, Show show)
    : options_(options),
      show_(std::move(show)),
      progress_(options.quiet || isatty(STDERR_FILENO) == 0) {}

BenchResult BenchRounds::run(const BenchCase& of) {
  BenchResult result{.of = of, .bare = {}, .weir = {}};
  std::optional<BenchBare> bare;
  if (of.beside_bare) bare.emplace(signals_);
  BenchBroker broker{options_, signals_};
  broker_ = &broker.process();
  for (std::size_t i = 0; i < of.rounds; ++i) {
    if (bare) {
      doing_ = round_text(of, i, "bare loop");
      for (const BenchMeasure& part : round(of, *bare)) result.bare.push_back(part);
    }
    doing_ = round_text(of, i, "weir");
    for (const BenchMeasure& part : round(of, broker)) result.weir.push_back(part);
  }
  return result;
}

std::vector<BenchMeasure> BenchRounds::round(const BenchCase& of, BenchReceiver& receiver) {
  BenchOpen open = receiver.open(of.form);
  open.connections = of.connections;
  open.traffic.run_id = "bench-" + std::to_string(++rounds_);
  open.traffic.workers = of.workers;
  open.traffic.labels = options_.labels;
  open.traffic.epoch = fresh_epoch();
  sender_.write_line(to_line(open));
  if (sender_.read_line(signals_, {&receiver.process(), broker_}) != "ready") {
    throw std::runtime_error("the sender is not ready");
  }
  std::vector<BenchMeasure> parts;
  for (std::size_t step = 0; step < of.steps; ++step) {
    const std::uint64_t frames = of.frames * (step + 1) / of.steps - of.frames * step / of.steps;
    parts.push_back(part(of, receiver, open.traffic.run_id, frames));
    if (of.steps > 1 && show_) show_(of, parts);
  }
  return parts;
}

BenchMeasure BenchRounds::part(const BenchCase& of, BenchReceiver& receiver,
                               const std::string& run_id, std::uint64_t frames) {
  const BenchProcess& process = receiver.process();
  receiver.expect(of, run_id, frames + 2 * of.workers);
  const auto cpu = process.cpu();
  const auto sender_cpu = sender_.cpu();
  sender_.write_line(to_line(BenchGo{.frames = frames, .rate_per_s = of.rate_per_s}));
  const BenchSent sent = wait_sent(receiver);
  const BenchReceiver::Received received = receiver.finish(sent, signals_);
  const BenchMeasure measured{.frames = frames,
                              .hits = sent.hits,
                              .failed = sent.failed,
                              .bytes = sent.bytes,
                              .elapsed_s = seconds(received.elapsed),
                              .receiver_cpu_ns = nanoseconds(process.cpu() - cpu),
                              .sender_cpu_ns = nanoseconds(sender_.cpu() - sender_cpu),
                              .sender_elapsed_s = static_cast<double>(sent.elapsed_ns) / 1e9,
                              .memory_bytes = process.memory_bytes(),
                              .peak_memory_bytes = process.peak_memory_bytes(),
                              .longest_pause_us = received.longest_pause_us};
  if (measured.hits != frames * hits_per_frame(of.form) || measured.elapsed_s <= 0) {
    throw std::runtime_error("a round of " + std::to_string(frames) +
                             " frames is too short to be measured: more --hits");
  }
  return measured;
}

BenchSent BenchRounds::wait_sent(BenchReceiver& receiver) {
  const auto idle = [&] {
    receiver.look();
    if (progress_.due()) progress_.show(doing_);
  };
  const auto sent =
      sent_from_line(sender_.read_line(signals_, {&receiver.process(), broker_}, idle));
  if (!sent) throw std::runtime_error("the sender does not say what it sent");
  return *sent;
}

}  // namespace weir::tools
