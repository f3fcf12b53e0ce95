#include "broker/pending_rows.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace weir::broker {

using schema::StoreBatch;

namespace {

template <class Map, class Record>
void move_values(Map& map, std::vector<Record>& out) {
  out.reserve(map.size());
  for (auto& [key, record] : map) out.push_back(std::move(record));
  map.clear();
}

std::size_t rows_of(const StoreBatch& batch) {
  return batch.runs.size() + batch.workers.size() + batch.labels.size() + batch.intervals.size() +
         batch.tests.size() + batch.counters.size() + batch.sockets.size() + batch.errors.size() +
         batch.rejects.size() + batch.reject_samples.size() + batch.events.size() +
         batch.hits.size();
}

}  // namespace

bool PendingRows::has_room() {
  if (rows_ < room_) return true;
  ++rows_dropped_;
  return false;
}

template <class Key, class Record>
void PendingRows::replace(std::map<Key, Record>& map, Key key,
                          std::type_identity_t<Record>&& record) {
  const auto known = map.find(key);
  if (known != map.end()) {
    known->second = std::move(record);
  } else if (has_room()) {
    map.emplace(std::move(key), std::move(record));
    ++rows_;
  }
}

template <class Record>
void PendingRows::append(std::vector<Record>& list, std::vector<Record>&& more) {
  for (Record& record : more) {
    if (!has_room()) continue;
    list.push_back(std::move(record));
    ++rows_;
  }
}

void PendingRows::add_intervals(std::vector<schema::IntervalRecord>&& intervals) {
  for (schema::IntervalRecord& interval : intervals) {
    const IntervalKey key{interval.run, interval.label, interval.start};
    const auto known = intervals_.find(key);
    if (known == intervals_.end()) {
      if (!has_room()) continue;
      intervals_.emplace(key, std::move(interval));
      ++rows_;
      continue;
    }
    schema::IntervalRecord& row = known->second;
    row.figures.merge(interval.figures);
    if (interval.users) row.users = std::max(row.users.value_or(0), *interval.users);
  }
}

void PendingRows::add_not_kept(std::int64_t run, std::uint64_t count) {
  hits_not_kept_ += count;
  if (not_kept_.size() < rows_max_ || not_kept_.contains(run)) not_kept_[run] += count;
}

void PendingRows::add_hits(std::vector<schema::HitRecord>&& hits) {
  if (hits_.empty() && hits.size() <= hits_max(rows_max_) && rows_ + hits.size() <= room_) {
    rows_ += hits.size();
    hits_ = std::move(hits);
    return;
  }
  for (schema::HitRecord& hit : hits) {
    if (rows_ < room_ && hits_.size() < hits_max(rows_max_)) {
      hits_.push_back(std::move(hit));
      ++rows_;
    } else {
      add_not_kept(hit.run, 1);
    }
  }
}

void PendingRows::add_progress(StoreBatch&& batch) {
  for (auto& state : batch.states) states_.insert_or_assign(state.run, std::move(state));
  for (std::string& worker : batch.forgotten_senders) {
    marks_.erase(worker);
    forgotten_senders_.insert(std::move(worker));
  }
  for (auto& mark : batch.marks) {
    std::string worker = mark.worker_id;
    marks_.insert_or_assign(std::move(worker), std::move(mark));
  }
  schema::append(forgotten_keys_, std::move(batch.forgotten_keys));
  schema::append(keys_, std::move(batch.keys));
  schema::append(edits_, std::move(batch.edits));
  schema::append(deletions_, std::move(batch.deletions));
  if (batch.checkpoint) checkpoint_ = batch.checkpoint;
  synced_ = synced_ || batch.synced;
}

void PendingRows::add(StoreBatch&& batch) {
  if (std::exchange(empty_, false) && batch.hits.size() <= hits_max(rows_max_)) {
    rows_ = rows_of(batch);
    whole_ = std::move(batch);
    for (const auto& row : whole_->hits_not_kept) hits_not_kept_ += row.count;
    return;
  }
  if (whole_) {
    rows_ = 0;
    for (const auto& row : whole_->hits_not_kept) hits_not_kept_ -= row.count;
    sort_in(*std::exchange(whole_, std::nullopt));
  }
  sort_in(std::move(batch));
}

void PendingRows::sort_in(StoreBatch&& batch) {
  room_ = rows_ == 0 ? std::numeric_limits<std::size_t>::max() : rows_max_;
  // A run's row is never left out: limits.runs bounds them, and its state needs it.
  for (auto& run : batch.runs) {
    const std::int64_t number = run.run;
    if (runs_.insert_or_assign(number, std::move(run)).second) ++rows_;
  }
  // Labels before what refers to them.
  for (auto& row : batch.labels) replace(labels_, {row.run, row.label}, std::move(row));
  for (auto& row : batch.workers) replace(workers_, {row.run, row.worker_id}, std::move(row));
  add_intervals(std::move(batch.intervals));
  for (auto& row : batch.tests) replace(tests_, {row.run, row.test}, std::move(row));
  for (auto& row : batch.counters) replace(counters_, {row.run, row.name}, std::move(row));
  for (auto& row : batch.sockets) replace(sockets_, row.run, schema::SocketsRecord{row});
  for (auto& row : batch.errors) {
    ErrorKey key{row.run, row.kind, row.class_name, row.message, row.traceback};
    replace(errors_, std::move(key), std::move(row));
  }
  for (auto& row : batch.rejects) {
    const auto known = rejects_.find({row.run, row.reason});
    if (known != rejects_.end()) {
      known->second.count += row.count;
    } else if (has_room()) {
      rejects_.emplace(std::pair{row.run, row.reason}, row);
      ++rows_;
    }
  }
  for (const auto& row : batch.hits_not_kept) add_not_kept(row.run, row.count);
  append(reject_samples_, std::move(batch.reject_samples));
  append(events_, std::move(batch.events));
  for (const std::int64_t run : batch.forgotten) {
    if (forgotten_.size() < rows_max_) forgotten_.push_back(run);
  }
  add_hits(std::move(batch.hits));
  add_progress(std::move(batch));
}

StoreBatch PendingRows::take() {
  empty_ = true;
  if (whole_) {
    rows_ = 0;
    return *std::exchange(whole_, std::nullopt);
  }
  StoreBatch batch;
  move_values(runs_, batch.runs);
  move_values(workers_, batch.workers);
  move_values(labels_, batch.labels);
  move_values(intervals_, batch.intervals);
  move_values(tests_, batch.tests);
  move_values(counters_, batch.counters);
  move_values(sockets_, batch.sockets);
  move_values(errors_, batch.errors);
  move_values(rejects_, batch.rejects);
  for (const auto& [run, count] : not_kept_) batch.hits_not_kept.push_back({run, count});
  not_kept_.clear();
  batch.hits = std::exchange(hits_, {});
  batch.reject_samples = std::exchange(reject_samples_, {});
  batch.events = std::exchange(events_, {});
  batch.forgotten = std::exchange(forgotten_, {});
  move_values(states_, batch.states);
  std::ranges::copy(std::exchange(forgotten_senders_, {}),
                    std::back_inserter(batch.forgotten_senders));
  move_values(marks_, batch.marks);
  batch.forgotten_keys = std::exchange(forgotten_keys_, {});
  batch.keys = std::exchange(keys_, {});
  batch.edits = std::exchange(edits_, {});
  batch.deletions = std::exchange(deletions_, {});
  batch.checkpoint = std::exchange(checkpoint_, std::nullopt);
  batch.synced = std::exchange(synced_, false);
  rows_ = 0;
  return batch;
}

}  // namespace weir::broker
