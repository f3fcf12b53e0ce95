#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tools/bench_messages.hpp"

namespace weir::tools {

// What the sender of a benchmark is asked to do, one line each on its stdin.
struct BenchOpen {  // answered by `ready` when everything is rendered and connected
  std::string endpoint;
  bool acked = false;  // the endpoint is one for acknowledged batches
  std::size_t connections = 1;
  BenchTraffic traffic;
};
struct BenchGo {  // the next frames of the run; answered by a BenchSent
  std::uint64_t frames = 0;
  std::uint64_t rate_per_s = 0;  // hits; 0: as fast as it goes
};

// What it has done.
struct BenchSent {
  std::uint64_t frames = 0;  // with what begins and ends the run
  std::uint64_t hits = 0;
  std::uint64_t failed = 0;
  std::uint64_t bytes = 0;
  std::int64_t began_us = 0;     // since 1970: just before the first frame
  std::uint64_t elapsed_ns = 0;  // until the last was taken by libzmq, or acknowledged
};

std::string to_line(const BenchOpen& open);
std::string to_line(const BenchGo& go);
std::string to_line(const BenchSent& sent);
// Empty if the line says something else.
std::optional<BenchOpen> open_from_line(std::string_view line);
std::optional<BenchGo> go_from_line(std::string_view line);
std::optional<BenchSent> sent_from_line(std::string_view line);

// The process that sends: does what the lines of stdin ask for until they end.
int run_bench_sender();

}  // namespace weir::tools
