#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

#include "broker/bell.hpp"
#include "http/ports.hpp"

namespace weir::broker {

// From HTTP to the core: orders, bounded by the bytes of what waits.
class Inbox : public http::Submitter {
 public:
  struct Entry {
    http::Order order;
    std::function<void(http::Outcome)> done;
  };

  explicit Inbox(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  bool submit(http::Order order, std::function<void(http::Outcome)> done) override;

  // By the core. Rings when something was put into the empty inbox.
  Bell& bell() { return bell_; }
  // Up to so many bytes of orders, at least one if there is one.
  std::deque<Entry> take(std::size_t bytes);
  bool is_empty() const;
  // From here on nothing is taken in.
  void close();
  // Closes it, and tells whoever still waits to come later.
  void give_up();

 private:
  static std::size_t size_of(const http::Order& order);

  std::size_t bytes_max_;
  Bell bell_;
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;
  bool is_closed_ = false;
};

}  // namespace weir::broker
