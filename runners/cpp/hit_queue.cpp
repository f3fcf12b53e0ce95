#include "runners/cpp/hit_queue.hpp"

namespace weir::runners {

void HitQueue::put(const HttpHit& hit) {
  const std::lock_guard lock{mutex_};
  if (hits_.size() < capacity_) {
    hits_.push_back(hit);
  } else {
    refused_.fetch_add(1, std::memory_order_relaxed);
  }
}

bool HitQueue::take(std::vector<HttpHit>& hits, std::chrono::milliseconds timeout) {
  hits.clear();
  hits.reserve(capacity_);  // it becomes the buffer of put(), which must not stop to grow it
  std::unique_lock lock{mutex_};
  closed_signal_.wait_for(lock, timeout, [this] { return closed_; });
  hits_.swap(hits);
  return !closed_ || !hits.empty();
}

void HitQueue::close() {
  const std::lock_guard lock{mutex_};
  closed_ = true;
  closed_signal_.notify_one();
}

}  // namespace weir::runners
