#include "aggregator/beyond_limits.hpp"

#include "aggregator/text_map.hpp"

namespace weir::aggregator {

BeyondLimits& operator+=(BeyondLimits& sum, const BeyondLimits& more) {
  sum.hits += more.hits;
  sum.tests += more.tests;
  sum.counters += more.counters;
  sum.errors += more.errors;
  return sum;
}

BeyondLimits beyond_limits(const Run& run, const LimitsConfig& limits) {
  BeyondLimits beyond;
  // The labels after the last that found room are the (other) of each method.
  for (std::size_t i = limits.labels_per_run; i < run.label_figures().size(); ++i) {
    beyond.hits += run.label_figures()[i].windows.count();
  }
  if (run.tests().by_name().size() > limits.tests_per_run) {
    const auto other = run.tests().by_name().find(kOther);
    if (other != run.tests().by_name().end()) beyond.tests = other->second.started;
  }
  if (run.counters().size() > limits.counters_per_run) {
    const auto other = run.counters().find(kOther);
    if (other != run.counters().end()) beyond.counters = other->second.count;
  }
  const ErrorTable::Groups& errors = run.errors().groups();
  if (errors.size() > limits.errors_per_run) {
    for (const ErrorKind kind : {ErrorKind::failure, ErrorKind::error, ErrorKind::hit}) {
      const auto other = errors.find({kind, std::string(kOther), {}, {}});
      if (other != errors.end()) beyond.errors += other->second.count;
    }
  }
  return beyond;
}

}  // namespace weir::aggregator
