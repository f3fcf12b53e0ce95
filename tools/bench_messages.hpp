#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "schema/time.hpp"
#include "tools/bench_plan.hpp"

namespace weir::tools {

// What the messages of a benchmark say.
struct BenchTraffic {
  BenchForm form = BenchForm::single;
  std::string run_id;
  std::size_t workers = 1;
  std::size_t labels = 500;
  std::uint64_t epoch = 1;
};

std::string bench_worker_id(std::size_t worker);

// The add_hit messages of a load test, rendered ahead into a ring of frames, so that whoever sends
// them has next to nothing to do: only the time and the number of each message are written when a
// frame is taken. Frame number n of a run is of worker n % workers and holds hits_per_frame(form)
// hits; 1 of 20 fails, durations are lognormal. The same traffic gives the same frames.
class BenchMessages {
 public:
  static constexpr std::size_t kMessages = 50'000;

  // Renders all of them. REQUIRES: workers and labels are not 0.
  explicit BenchMessages(const BenchTraffic& traffic);

  // Frame `number` (0 is the first) of hits that end at `now`. The view holds until the next call.
  std::string_view frame(std::uint64_t number, schema::Timestamp now);
  std::size_t worker_of(std::uint64_t number) const { return number % traffic_.workers; }
  // How many hits of that frame say that they failed.
  std::uint64_t failed_in(std::uint64_t number) const { return failed_[slot_of(number)]; }

  // The messages that begin and end a worker's part of the run.
  std::string start_message(std::size_t worker) const;
  std::string stop_message(std::size_t worker) const;

 private:
  friend class BenchRendering;
  // Where the fields of a message are that change.
  struct Place {
    std::size_t started = 0;
    std::size_t seq = 0;  // 0: has none
    schema::Elapsed elapsed{0};
  };

  std::size_t slot_of(std::uint64_t number) const { return number % failed_.size(); }
  void write_time(std::size_t at, schema::Timestamp time);
  void write_seq(std::size_t at, std::uint64_t seq);

  BenchTraffic traffic_;
  std::size_t each_;
  std::string text_;                   // all frames
  std::vector<std::size_t> begins_;    // of the frames in text_, and the end of the last
  std::vector<Place> places_;          // of all messages, in order
  std::vector<std::uint64_t> failed_;  // by frame
  std::int64_t second_ = -1;           // the one that second_text_ is
  std::string second_text_;
};

}  // namespace weir::tools
