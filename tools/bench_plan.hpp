#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tools {

// How the hits of a benchmark are packed and sent.
enum class BenchForm : std::uint8_t {
  single,     // one message a frame
  ndjson_10,  // 10 messages a frame, one a line
  ndjson_50,
  batch_50,  // a loads batch of 50 events
  acked_50,  // acknowledged batches of 50 messages, one a line
};

std::string_view to_string(BenchForm form);
std::optional<BenchForm> bench_form(std::string_view name);
const std::vector<std::string>& bench_form_names();

std::size_t hits_per_frame(BenchForm form);

// What a user asked for; empty or 0 is the default.
struct BenchOptions {
  std::vector<std::string> forms;
  std::vector<std::size_t> connections;
  std::size_t rounds = 0;
  std::uint64_t hits = 0;
  std::size_t workers = 0;
  std::size_t labels = 500;
  std::uint64_t rate_per_s = 0;  // hits
  double duration_s = 10;
  bool quick = false;
  bool flat = false;
  std::size_t subscribers = 0;
  std::size_t stalled_subscribers = 0;
  std::uint32_t tick_ms = 1'000;
  bool longest_pause = false;
  bool json = false;
  bool quiet = false;
};

// One row of the table: what is sent in each of its rounds.
struct BenchCase {
  BenchForm form = BenchForm::single;
  std::size_t connections = 4;
  std::size_t workers = 4;
  std::size_t rounds = 5;
  std::uint64_t frames = 0;      // of one round
  std::uint64_t rate_per_s = 0;  // hits; 0: as fast as the receiver takes them
  std::size_t steps = 1;         // parts of a round that are measured on their own
  bool beside_bare = true;

  std::uint64_t hits() const { return frames * hits_per_frame(form); }
  // Each worker begins and ends with a message of its own.
  std::uint64_t frames_with_ends() const { return frames + 2 * workers; }
};

// The rows that the options ask for, in the order of the table. Throws std::invalid_argument if
// they do not go together.
std::vector<BenchCase> bench_cases(const BenchOptions& options);

}  // namespace weir::tools
