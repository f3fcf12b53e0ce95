#pragma once

#include <chrono>
#include <cstddef>

namespace weir::aggregator {

// Every limit of the state that messages can grow. What happens at each is said beside it. Where it
// shows: in `rejected`, as a row (other), or in a counter of its own under broker/; what is cut or
// left out of a name, a text or the tags is not counted.
struct LimitsConfig {
  std::size_t frame_bytes = std::size_t{16} << 20;  // larger frames: rejected, too_large
  std::size_t depth = 32;                           // deeper JSON: rejected, too_deep
  std::size_t runs = 1'000;                         // more at a time: rejected, limit_runs
  std::size_t closed_runs = 100'000;       // run_ids remembered as closed; the oldest are forgotten
  std::size_t workers_per_run = 10'000;    // more: rejected, limit_workers
  std::size_t workers = 100'000;           // of all runs in memory; more: rejected, limit_workers
  std::size_t labels_per_run = 10'000;     // more: the URL becomes (other), method and status stay
  std::size_t methods_per_run = 32;        // more: the method becomes (other)
  std::size_t url_cache_per_run = 65'536;  // URLs whose label is remembered; then looked up again
  std::size_t tests_per_run = 10'000;      // more: counted under the test (other)
  std::size_t open_tests_per_run = 100'000;     // more: their durations are not measured
  std::size_t counters_per_run = 1'000;         // more: counted under the counter (other)
  std::size_t errors_per_run = 1'000;           // more: counted under the class (other)
  std::size_t late_intervals_per_run = 20'000;  // between two ticks; more: totals only
  std::size_t sequence_gaps = 1'024;    // open gaps a worker; more: the oldest stay missing, what
                                        // then still comes of them counts as a duplicate
  std::size_t text_bytes = 1'024;       // labels, URLs, test and counter names, messages: cut
  std::size_t traceback_bytes = 8'192;  // cut
  std::size_t tags_per_run = 64;        // more: left out
  std::size_t reject_samples_per_reason = 100;  // 1 KiB each
};

// A run's life.
struct RunConfig {
  std::chrono::milliseconds end_grace{5'000};      // after the last owed stopTestRun
  std::chrono::milliseconds idle_timeout{60'000};  // without a message
  std::chrono::milliseconds late_grace{600'000};   // messages for an ended run still count
  std::chrono::milliseconds worker_lost{15'000};   // silence of one worker while the run goes on
};

struct LabelConfig {
  bool templating = true;   // variable path segments become {id}
  bool keep_query = false;  // stored raw URLs keep their query
};

// What a run needs to know.
struct Settings {
  LimitsConfig limits;
  RunConfig run;
  LabelConfig labels;
};

}  // namespace weir::aggregator
