#include "tools/replay_lines.hpp"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "schema/loads_encode.hpp"
#include "tools/batch_of_one_json.hpp"

namespace weir::tools {
namespace {

std::optional<schema::Timestamp> time_of(const schema::Message& message) {
  if (message.envelope.time) return message.envelope.time;
  const auto* hit = std::get_if<schema::AddHit>(&message.body);
  if (hit == nullptr || !hit->started) return std::nullopt;
  return *hit->started + hit->elapsed;
}

schema::Elapsed divided(schema::Elapsed elapsed, double speed) {
  using Exact = std::chrono::duration<double, std::micro>;
  return std::chrono::duration_cast<schema::Elapsed>(Exact{elapsed} / speed);
}

}  // namespace

ReplayLines::ReplayLines(ReplayOptions options, schema::Timestamp start)
    : options_(std::move(options)), start_(start) {}

void ReplayLines::read(std::string_view line, schema::Timestamp now) {
  now_ = now;
  latest_.reset();
  rejected_ = false;
  texts_.clear();
  frames_.clear();
  decoder_.decode(line, *this);
  if (rejected_) ++unreadable_;
  if (rejected_ || !rewrites()) {
    frames_.push_back(line);
  } else {
    frames_.assign(texts_.begin(), texts_.end());
  }
}

std::optional<schema::Elapsed> ReplayLines::due() const {
  if (!latest_ || options_.speed == 0) return std::nullopt;
  return divided(*latest_ - *first_, options_.speed);
}

schema::Timestamp ReplayLines::moved(schema::Timestamp recorded) const {
  if (options_.speed == 0) return now_;
  return start_ + divided(recorded - *first_, options_.speed);
}

// As far as the times move if one is known when the first epoch comes, else by the whole start:
// later than recorded in any case, and the same for all, since a worker's numbers begin anew in
// each epoch.
std::uint64_t ReplayLines::epoch_shift() {
  if (!epoch_shift_) {
    const bool known = first_ && *first_ < start_;
    const schema::Elapsed shift = known ? start_ - *first_ : start_.time_since_epoch();
    epoch_shift_ = static_cast<std::uint64_t>(shift.count());
  }
  return *epoch_shift_;
}

// A hit moves with its end, since it took as long as it took. The epoch moves too, so that a broker
// that saw the original does not take the replay for duplicates. What came in a loads batch goes as
// one, since the times at which its events arrive say nothing about them.
void ReplayLines::on_message(const schema::Message& message) {
  const std::optional<schema::Timestamp> time = time_of(message);
  if (time) {
    if (!first_) first_ = time;
    latest_ = std::max(latest_.value_or(*time), *time);
  }
  if (!rewrites()) return;
  schema::Message copy = message;
  if (!options_.run_id.empty()) copy.envelope.run_id = options_.run_id;
  if (time && !options_.keep_times) {
    const schema::Timestamp end = moved(*time);
    if (copy.envelope.time) copy.envelope.time = end;
    if (auto* hit = std::get_if<schema::AddHit>(&copy.body); hit != nullptr && hit->started) {
      hit->started = end - (*time - *hit->started);
    }
  }
  if (copy.envelope.epoch && !options_.keep_times) *copy.envelope.epoch += epoch_shift();
  texts_.push_back(message.envelope.batched ? batch_of_one(copy) : schema::loads_encode(copy));
}

void ReplayLines::on_rejection(const schema::Rejection& /*rejection*/) { rejected_ = true; }

}  // namespace weir::tools
