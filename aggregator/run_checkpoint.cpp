#include "aggregator/run_checkpoint.hpp"

#include <utility>

#include "aggregator/collect.hpp"
#include "aggregator/run_bytes.hpp"

namespace weir::aggregator {

RunCheckpoint::RunCheckpoint(Run& run, bool all) : run_(run), all_(all) {
  collect_all_but_labels(run, batch_);
  parts_.resize(run.label_figures().size() + 1);
  parts_[0] = save_head(run);
  run.watch_labels(this);
}

RunCheckpoint::~RunCheckpoint() { run_.watch_labels(nullptr); }

void RunCheckpoint::take(std::uint32_t label) {
  if (label >= parts_.size() || !parts_[label].empty()) return;
  collect_label(run_, label, batch_, all_);
  parts_[label] = save_label(run_.label_figures()[label - 1]);
}

bool RunCheckpoint::step(std::size_t labels_max) {
  for (; labels_max > 0 && next_ < parts_.size(); ++next_) {
    if (!parts_[next_].empty()) continue;
    take(next_);
    --labels_max;
  }
  return next_ < parts_.size();
}

void RunCheckpoint::move_into(schema::StoreBatch& batch) {
  using schema::append;
  append(batch.runs, std::move(batch_.runs));
  append(batch.workers, std::move(batch_.workers));
  append(batch.labels, std::move(batch_.labels));
  append(batch.intervals, std::move(batch_.intervals));
  append(batch.tests, std::move(batch_.tests));
  append(batch.counters, std::move(batch_.counters));
  append(batch.sockets, std::move(batch_.sockets));
  append(batch.errors, std::move(batch_.errors));
  batch.states.push_back({run_.number(), std::move(parts_)});
}

}  // namespace weir::aggregator
