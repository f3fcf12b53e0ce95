#pragma once

// How the loop waits for what other threads do; only http/server*.cpp include it.

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/post.hpp>

#include "http/server_loop.hpp"

namespace weir::http {

// A value that comes from another thread. Whoever waits for it is woken by the timer, so that only
// the loop ever owns a coroutine.
template <class Value>
struct Awaited {
  explicit Awaited(asio::io_context& context) : timer(context) {}
  std::optional<Value> value;
  asio::steady_timer timer;
};

// Any thread, once.
template <class Value>
void deliver(Loop& loop, const std::shared_ptr<Awaited<Value>>& to, Value value) {
  asio::post(loop.context, [to, value = std::move(value)]() mutable {
    to->value = std::move(value);
    to->timer.cancel();
  });
}

// Runs what may wait for the results file elsewhere.
template <class Work>
auto in_pool(Loop& loop, Work work) -> asio::awaitable<decltype(work())> {
  using Done = decltype(work());
  const auto done = std::make_shared<Awaited<Done>>(loop.context);
  ++loop.queries;
  asio::post(loop.pool, [&loop, &work, done] { deliver(loop, done, work()); });
  while (!done->value) {
    done->timer.expires_at(std::chrono::steady_clock::time_point::max());
    co_await done->timer.async_wait(kAsValue);
  }
  --loop.queries;
  co_return *std::move(done->value);
}

inline HttpError not_in_time() {
  return {503, "timeout",
          "this could not be made safe within http.request_timeout_s; it may still happen, so send "
          "the same again only with an Idempotency-Key"};
}

// What is ordered may still be carried out after that.
inline asio::awaitable<Reply> wait_for(Loop& loop, const Later& later) {
  const auto reply = std::make_shared<Awaited<Reply>>(loop.context);
  reply->timer.expires_after(loop.services.config.request_timeout);
  later.start([&loop, reply](Reply given) { deliver(loop, reply, std::move(given)); });
  co_await reply->timer.async_wait(kAsValue);
  if (reply->value) co_return *std::move(reply->value);
  co_return tl::unexpected(not_in_time());
}

inline bool is_busy(const Loop& loop) { return loop.queries >= loop.services.config.queries; }

inline HttpError too_busy() {
  return {503, "busy", "more than http.queries questions are waiting: try again"};
}

inline asio::awaitable<Handled> handle(Loop& loop, const Route& route, Request& request) {
  if (route.place == Place::loop) co_return loop.application.handle(route, request);
  if (is_busy(loop)) co_return tl::unexpected(too_busy());
  const auto work = [&loop, &route, &request] { return loop.application.handle(route, request); };
  co_return co_await in_pool(loop, work);
}

inline asio::awaitable<Reply> settle(Loop& loop, const Later& later) {
  Reply reply = co_await wait_for(loop, later);
  if (!reply || !later.finish) co_return reply;
  if (is_busy(loop)) co_return tl::unexpected(too_busy());
  const auto finish = [&later] { return later.finish(); };
  co_return co_await in_pool(loop, finish);
}

}  // namespace weir::http
