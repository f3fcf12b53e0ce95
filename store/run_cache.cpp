#include "store/run_cache.hpp"

namespace weir::store {

void RunCache::add_run(std::int64_t run) {
  if (runs_.try_emplace(run).second) new_runs_.push_back(run);
}

std::optional<std::int64_t> RunCache::label_id(std::int64_t run, std::uint32_t label) const {
  const auto& ids = runs_.at(run).label_ids;
  const auto found = ids.find(label);
  return found == ids.end() ? std::nullopt : std::optional{found->second};
}

void RunCache::set_label_id(std::int64_t run, std::uint32_t label, std::int64_t id) {
  std::int64_t& known = runs_.at(run).label_ids[label];
  if (known != id) new_labels_.emplace_back(run, label);
  known = id;
}

void RunCache::commit() {
  new_runs_.clear();
  new_labels_.clear();
}

void RunCache::roll_back() {
  for (const auto& [run, label] : new_labels_) runs_.at(run).label_ids.erase(label);
  for (const std::int64_t run : new_runs_) runs_.erase(run);
  for (auto& [number, run] : runs_) run.kept.reset();
  commit();
}

}  // namespace weir::store
