// What the core does for HTTP: messages, and what people ask for.
#include <utility>

#include "broker/core.hpp"
#include "broker/log.hpp"

namespace weir::broker {

using http::Outcome;
using schema::ErrorCode;
using schema::Result;
using schema::Timestamp;

namespace {

constexpr std::size_t kOrderBytesPerTurn = std::size_t{256} << 10U;

Outcome outcome_of(const schema::Error& error) {
  Outcome outcome;
  outcome.verdict =
      error.code == ErrorCode::not_found ? Outcome::Verdict::not_found : Outcome::Verdict::conflict;
  outcome.detail = error.detail;
  return outcome;
}

}  // namespace

// Returns whether there is more.
bool Core::receive_orders(Timestamp now) {
  if (!http_reception_) return false;
  if (!http_reception_->began() && store_.stats().synced_position > 0) http_reception_->begin();
  inbox_.bell().was_rung();
  for (Inbox::Entry& entry : inbox_.take(kOrderBytesPerTurn)) take_order(std::move(entry), now);
  http_reception_->answer();
  answer_orders();
  return !inbox_.is_empty();
}

void Core::take_order(Inbox::Entry&& entry, Timestamp now) {
  if (const auto* messages = std::get_if<http::Messages>(&entry.order)) {
    http_reception_->take(*messages, std::move(entry.done), now);
    return;
  }
  const Result<void> done = std::visit(
      [&](const auto& order) -> Result<void> {
        if constexpr (std::is_same_v<std::decay_t<decltype(order)>, http::Messages>) {
          return {};
        } else {
          return carry_out(order, now);
        }
      },
      entry.order);
  if (!done) return entry.done(outcome_of(done.error()));
  orders_.push_back(std::move(entry.done));
}

Result<void> Core::carry_out(const http::StopRun& stop, Timestamp now) {
  const auto found = registry_.runs().find(stop.run);
  if (found == registry_.runs().end() || found->second.ended()) {
    return schema::fail(ErrorCode::closed_run, "the run has ended already");
  }
  found->second.end(schema::RunState::aborted_by_user, now);
  unsaved_.insert(stop.run);
  return {};
}

Result<void> Core::carry_out(const http::ChangeRun& change, Timestamp /*now*/) {
  const auto found = registry_.runs().find(change.run);
  if (found != registry_.runs().end()) {
    found->second.describe(change.name, change.tags);
    unsaved_.insert(change.run);
  }
  batch_.edits.push_back({.run = change.run,
                          .name = change.name,
                          .note = change.note,
                          .baseline = change.baseline,
                          .tags = change.tags});
  return {};
}

Result<void> Core::carry_out(const http::DeleteRun& deletion, Timestamp /*now*/) {
  const auto found = registry_.runs().find(deletion.run);
  if (found != registry_.runs().end()) {
    if (!found->second.ended()) {
      return schema::fail(ErrorCode::closed_run, "the run goes on: stop it first");
    }
    registry_.drop(deletion.run, [this](aggregator::Run& run) { forget(run); });
  }
  batch_.deletions.push_back(deletion.run);
  log_event(LogLevel::info, "deletion_asked", {{"number", deletion.run}});
  return {};
}

// Those that are in the results file, on the disk.
void Core::answer_orders() {
  if (waiting_orders_.empty()) return;
  const StoreStats stored = store_.stats();
  if (stored.sync_failed) return give_up_orders();
  while (!waiting_orders_.empty() && waiting_orders_.front().batch <= stored.written) {
    waiting_orders_.front().done(Outcome{});
    waiting_orders_.pop_front();
  }
}

void Core::answer_rest() {
  answer_orders();
  give_up_orders();
  if (http_reception_) http_reception_->give_up();
}

void Core::give_up_orders() {
  Outcome outcome;
  outcome.verdict = Outcome::Verdict::later;
  outcome.detail = "the results file could not be written";
  for (WaitingOrder& order : std::exchange(waiting_orders_, {})) order.done(outcome);
  if (under_way_) {
    for (auto& done : std::exchange(under_way_->orders, {})) done(outcome);
  }
  for (auto& done : std::exchange(orders_, {})) done(outcome);
}

}  // namespace weir::broker
