#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "aggregator/config.hpp"
#include "aggregator/text_map.hpp"
#include "schema/message.hpp"
#include "schema/sketch.hpp"

namespace weir::aggregator {

struct TestFigures {
  std::uint64_t started = 0, finished = 0, success = 0, failure = 0, error = 0;
  schema::Sketch durations;
  bool changed = true;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(started, finished, success, failure, error, durations);
  }
};

// Counts what happened to tests, by name. A duration is the time from a startTest to the next
// stopTest of the same worker, test, user and hit; batched messages have no time of their own, so
// they give none. Names beyond tests_per_run are counted as (other).
class TestTable {
 public:
  explicit TestTable(const LimitsConfig& limits);

  // `at` is when the event happened: the message's time, else its arrival.
  void start(const schema::Envelope& from, std::string_view test, schema::Timestamp at);
  void stop(const schema::Envelope& from, std::string_view test, schema::Timestamp at);
  void success(std::string_view test) { change(test).success += 1; }
  void failure(std::string_view test) { change(test).failure += 1; }
  void error(std::string_view test) { change(test).error += 1; }

  TextMap<TestFigures>& by_name() { return tests_; }
  const TextMap<TestFigures>& by_name() const { return tests_; }
  // Starts whose duration will not be known because too many tests were open.
  std::uint64_t unmeasured() const { return unmeasured_; }

  template <class Archive>
  void serialize(Archive& archive) {
    archive(tests_, open_, open_count_, unmeasured_);
  }

 private:
  // When the open tests of one key started, oldest first: times from `next` on.
  struct Starts {
    std::vector<schema::Timestamp> times;
    std::size_t next = 0;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(times, next);
    }
  };
  static schema::Timestamp take_oldest(Starts& starts);

  TestFigures& change(std::string_view test);
  const std::string& key(const schema::Envelope& from, std::string_view test);

  std::size_t tests_max_;
  std::size_t open_max_;
  std::size_t text_bytes_;
  TextMap<TestFigures> tests_;
  TextMap<Starts> open_;
  std::size_t open_count_ = 0;
  std::uint64_t unmeasured_ = 0;
  std::string key_;
};

}  // namespace weir::aggregator
