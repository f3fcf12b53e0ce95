#include "runners/cpp/load_figures.hpp"

#include <algorithm>

namespace weir::runners {

void LoadFigures::add(const HttpHit& hit) {
  response_us.record(hit.elapsed.count());
  if (!hit.succeeded()) ++failed;
  if (hit.status != 0) ++statuses[hit.status];
  if (!hit.error.empty()) {
    const auto known = errors.find(hit.error);
    ++(known == errors.end() ? errors[std::string{hit.error}] : known->second);
  }
  bytes_sent += hit.bytes_sent;
  bytes_received += hit.bytes_received;
  connections += hit.connections;
  if (hit.late > kLate) ++sent_late;
  late_max = std::max(late_max, hit.late);
}

}  // namespace weir::runners
