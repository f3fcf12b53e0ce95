#pragma once

#include <vector>

namespace weir::tools {

// What several rounds gave for one figure.
struct Spread {
  double median = 0;
  double min = 0;
  double max = 0;
  bool operator==(const Spread&) const = default;
};

// The median of an even number of values is the mean of the two in the middle; without values all
// is 0.
Spread spread_of(std::vector<double> values);

}  // namespace weir::tools
