#include "http/comparison.hpp"

#include <algorithm>

namespace weir::http {
namespace {

std::optional<double> percent(std::optional<double> base, std::optional<double> other) {
  if (!base || !other || *base == 0) return std::nullopt;
  return (*other - *base) / *base * 100;
}

std::optional<double> failed_share(const Compared& of) {
  if (of.count == 0) return std::nullopt;
  return static_cast<double>(of.failed) / static_cast<double>(of.count) * 100;
}

}  // namespace

Change change_of(const Compared& base, const Compared& other) {
  Change change;
  change.per_s = percent(base.per_s, other.per_s);
  const auto before = failed_share(base), now = failed_share(other);
  if (before && now) change.failed_points = *now - *before;
  const schema::DurationSummary &one = base.response, &two = other.response;
  change.mean = percent(one.mean_us, two.mean_us);
  change.p50 = percent(one.p50_us, two.p50_us);
  change.p90 = percent(one.p90_us, two.p90_us);
  change.p95 = percent(one.p95_us, two.p95_us);
  change.p99 = percent(one.p99_us, two.p99_us);
  change.p999 = percent(one.p999_us, two.p999_us);
  const std::uint64_t fewest = std::min(base.count, other.count);
  if (fewest < kMeanHits) change.too_few.emplace_back("mean");
  const auto needs = [&](std::string_view name, double beyond) {
    if (static_cast<double>(fewest) * beyond < kTailHits) change.too_few.push_back(name);
  };
  // Twice as many of the median, to have ten on each side.
  needs("p50", 0.5);
  needs("p90", 0.1);
  needs("p95", 0.05);
  needs("p99", 0.01);
  needs("p999", 0.001);
  return change;
}

}  // namespace weir::http
