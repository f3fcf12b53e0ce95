#pragma once

#include <array>
#include <functional>
#include <map>
#include <random>
#include <string>

#include "tests/support/run_messages.hpp"

namespace weir::test {

// A stream of everything runners can say, the same for the same seed: several runs one after
// another and an anonymous one, workers that number their messages with gaps, repetitions and new
// epochs, hits that are late or not to be believed.
class RandomMessages {
 public:
  explicit RandomMessages(std::uint64_t seed) : random_(seed) {}

  // The message is valid during the call.
  void next(schema::Timestamp now, const std::function<void(const schema::Message&)>& receive) {
    const auto phase = (now - kNoon) / kPhase;
    const auto number = below(6);
    if (number == 0) {  // anonymous
      worker_ = "free" + std::to_string(below(3));
      run_.clear();
    } else if (number == 1 && phase > 0) {  // comes after its run is over
      run_ = "r" + std::to_string(phase - 1);
      worker_ = "stray " + run_;
    } else {
      run_ = "r" + std::to_string(phase);
      worker_ = "w" + std::to_string(below(8));
    }
    schema::Message made = message(body(), worker_);
    made.envelope.run_id = run_;
    made.envelope.batched = below(10) == 0;
    if (below(3) == 0) made.envelope.status.users = static_cast<std::int64_t>(below(50));
    if (below(8) == 0) made.envelope.time = now - 1'000ms * static_cast<int>(below(70));
    if (below(40) == 0) made.envelope.time = now + 1'000s;
    if (below(4) != 0) number_it(made);
    receive(made);
  }

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

 private:
  static constexpr std::chrono::seconds kPhase{30};

  struct Numbers {
    std::uint64_t epoch = 1, seq = 0;
  };

  void number_it(schema::Message& made) {
    Numbers& numbers = numbers_[worker_];
    if (below(100) == 0) numbers = {numbers.epoch + below(3), 0};
    numbers.seq += below(12) == 0 ? 1 + below(4) : 1;
    const std::uint64_t back = below(10) == 0 ? below(6) : 0;
    made.envelope.epoch = numbers.epoch;
    made.envelope.seq = numbers.seq - std::min(back, numbers.seq);
  }

  std::string_view name(std::string_view prefix, std::uint64_t names) {
    return text_ = std::string(prefix) + std::to_string(below(names));
  }

  schema::Body body() {
    switch (below(14)) {
      case 0:
        return schema::StartTest{name("test ", 12)};
      case 1:
        return schema::StopTest{name("test ", 12)};
      case 2:
        return schema::AddSuccess{name("test ", 12)};
      case 3:
        return schema::AddFailure{name("test ", 12), {"Failure", "m", "line 1"}};
      case 4:
        return schema::AddError{"test 1", {name("Error", 9), "m", {}}};
      case 5:
        return schema::Counter{name("counter ", 6), "test 1"};
      case 6:
        return below(2) == 0 ? schema::Body{schema::SocketOpen{}}
                             : schema::Body{schema::SocketMessage{17}};
      case 7:
        return start_or_stop();
      default:
        return random_hit();
    }
  }

  schema::Body start_or_stop() {
    if (below(4) == 0) return schema::StopTestRun{};
    if (below(4) != 0) return schema::SocketClose{};
    return schema::StartTestRun{.name = "Nightly",
                                .project = "shop",
                                .scenario = "soak",
                                .tags = {{"build", name("", 5)}},
                                .thresholds = {}};
  }

  schema::AddHit random_hit() {
    static constexpr std::array kStatus{200, 200, 201, 404, 500, 0};
    static constexpr std::array kMethods{"GET", "POST", "PUT", "HEAD"};
    text_ = "http://h/p" + std::to_string(below(40)) + "/" + std::to_string(below(5'000));
    // Most are quick, some take long.
    const auto elapsed = static_cast<std::int64_t>(below(std::uint64_t{1} << (4 + below(24))));
    schema::AddHit made = hit(text_, elapsed, kStatus.at(below(kStatus.size())));
    made.method = kMethods.at(below(kMethods.size()));
    if (below(5) == 0) made.label = label_ = "step " + std::to_string(below(9));
    if (below(3) == 0) made.bytes_received = static_cast<std::int64_t>(below(9'000));
    if (below(9) == 0) made.error = "broken pipe";
    if (below(50) == 0) made.elapsed = std::chrono::hours{30};
    return made;
  }

  std::mt19937_64 random_;
  std::map<std::string, Numbers> numbers_;
  std::string run_, worker_, text_, label_;
};

}  // namespace weir::test
