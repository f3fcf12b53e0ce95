#include "tools/bench_bare.hpp"

#include <iostream>
#include <sstream>
#include <stdexcept>

#include "broker/config.hpp"
#include "tools/bench_pull_socket.hpp"

namespace weir::tools {

BenchBare::BenchBare(StopSignals& signals)
    : process_("bare loop", {"bench", "--part", "bare"}), endpoint_(process_.read_line(signals)) {}

BenchOpen BenchBare::open(BenchForm form) const {
  BenchOpen open;
  open.endpoint = endpoint_;
  open.traffic.form = form;
  return open;
}

void BenchBare::expect(const BenchCase& /*of*/, const std::string& /*run_id*/,
                       std::uint64_t frames) {
  process_.write_line(std::to_string(frames));
}

BenchReceiver::Received BenchBare::finish(const BenchSent& sent, StopSignals& signals) {
  std::istringstream words{process_.read_line(signals)};
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::int64_t elapsed_ns = 0;
  words >> frames >> bytes >> elapsed_ns;
  if (!words || frames != sent.frames || bytes != sent.bytes) {
    throw std::runtime_error("the bare loop received " + std::to_string(frames) + " frames and " +
                             std::to_string(bytes) + " bytes, sent were " +
                             std::to_string(sent.frames) + " and " + std::to_string(sent.bytes));
  }
  return {.elapsed = std::chrono::nanoseconds{elapsed_ns}, .longest_pause_us = {}};
}

int run_bench_bare() {
  // Where the broker gets them from too, so that both have the same.
  broker::Sources sources;
  sources.environment = broker::weir_environment();
  const auto loaded = broker::load_config(sources);
  if (!loaded) throw std::runtime_error(loaded.error().detail);
  BenchPullSocket socket{loaded->config.ingest};
  std::cout << socket.endpoint() << std::endl;
  for (std::uint64_t frames = 0; std::cin >> frames;) {
    const BenchPullSocket::Received received = socket.receive(frames);
    std::cout << received.frames << ' ' << received.bytes << ' ' << received.elapsed.count()
              << std::endl;
  }
  return 0;
}

}  // namespace weir::tools
