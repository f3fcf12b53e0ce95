#include "aggregator/test_table.hpp"

#include "schema/ids.hpp"

namespace weir::aggregator {

using schema::Envelope;
using schema::Timestamp;

TestTable::TestTable(const LimitsConfig& limits)
    : tests_max_(limits.tests_per_run),
      open_max_(limits.open_tests_per_run),
      text_bytes_(limits.text_bytes) {}

TestFigures& TestTable::change(std::string_view test) {
  TestFigures& figures = at_or_other(tests_, schema::utf8_prefix(test, text_bytes_), tests_max_);
  figures.changed = true;
  return figures;
}

const std::string& TestTable::key(const Envelope& from, std::string_view test) {
  // Ids hold no control characters, so a zero byte cannot be part of them.
  key_.assign(from.worker_id);
  key_.push_back('\0');
  key_.append(std::to_string(from.status.current_user.value_or(-1)));
  key_.push_back('\0');
  key_.append(std::to_string(from.status.current_hit.value_or(-1)));
  key_.push_back('\0');
  key_.append(schema::utf8_prefix(test, text_bytes_));
  return key_;
}

void TestTable::start(const Envelope& from, std::string_view test, Timestamp at) {
  change(test).started += 1;
  if (from.batched) return;
  if (open_count_ >= open_max_) {
    ++unmeasured_;
    return;
  }
  open_[key(from, test)].times.push_back(at);
  ++open_count_;
}

void TestTable::stop(const Envelope& from, std::string_view test, Timestamp at) {
  TestFigures& figures = change(test);
  figures.finished += 1;
  const auto open = open_.find(key(from, test));
  if (open == open_.end()) return;
  const Timestamp started = take_oldest(open->second);
  if (!from.batched) figures.durations.record((at - started).count());
  --open_count_;
  if (open->second.times.empty()) open_.erase(open);
}

Timestamp TestTable::take_oldest(Starts& starts) {
  const Timestamp oldest = starts.times[starts.next++];
  // What was taken goes in one step for every half, so that many overlapping tests stay cheap.
  if (starts.next * 2 >= starts.times.size()) {
    starts.times.erase(starts.times.begin(),
                       starts.times.begin() + static_cast<std::ptrdiff_t>(starts.next));
    starts.next = 0;
  }
  return oldest;
}

}  // namespace weir::aggregator
