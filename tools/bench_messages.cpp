#include "tools/bench_messages.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <random>
#include <utility>

namespace weir::tools {
namespace {

constexpr std::string_view kTimeForm = "2026-11-21T20:00:12.000000Z";
constexpr std::size_t kSecondChars = 20;  // of it, up to the fraction
constexpr std::size_t kFractionChars = 6;
// Digits that a number of a message has room for. It stands last; what it does not need are spaces
// behind the message: so a message keeps its length, and its form is that of a usual client.
constexpr std::size_t kSeqChars = 12;

constexpr double kMedianSeconds = 0.02;
constexpr double kSigma = 0.8;
constexpr double kLongestSeconds = 9;
constexpr unsigned kOneFailsOf = 20;

void append_padded(std::string& text, std::uint64_t value, std::size_t digits) {
  const std::string all = std::to_string(value);
  text.append(digits - std::min(digits, all.size()), '0');
  text += all;
}

}  // namespace

// Draws the hits and writes the frames.
class BenchRendering {
 public:
  explicit BenchRendering(BenchMessages& messages) : traffic_(messages.traffic_), to_(messages) {}

  void render() {
    // As many frames for each worker, so that a frame is of the same one in every turn of the ring.
    const std::size_t frames = (BenchMessages::kMessages + to_.each_ - 1) / to_.each_;
    const std::size_t turns = (frames + traffic_.workers - 1) / traffic_.workers;
    for (std::size_t slot = 0; slot < turns * traffic_.workers; ++slot) {
      to_.begins_.push_back(to_.text_.size());
      to_.failed_.push_back(0);
      add_frame(slot % traffic_.workers);
    }
    to_.begins_.push_back(to_.text_.size());
  }

 private:
  void add_frame(std::size_t worker) {
    const bool batch = traffic_.form == BenchForm::batch_50;
    if (batch) {
      to_.text_ += R"({"data_type":"batch")";
      add_envelope(worker);
      to_.text_ += R"(,"counts":{"add_hit":[)";
    }
    for (std::size_t i = 0; i < to_.each_; ++i) {
      if (i > 0) to_.text_ += batch ? ',' : '\n';
      add_hit(worker, batch);
    }
    if (batch) to_.text_ += "]}}";
  }

  void add_envelope(std::size_t worker) {
    std::string& text = to_.text_;
    text += R"(,"run_id":")" + traffic_.run_id + R"(","worker_id":")" + bench_worker_id(worker);
    text += R"(","loads_status":[1000,20,)" + std::to_string(random_() % 1'000) + ",";
    text += std::to_string(random_() % 20) + "]";
  }

  void add_hit(std::size_t worker, bool batched) {
    std::string& text = to_.text_;
    BenchMessages::Place place;
    const bool failed = random_() % kOneFailsOf == 0;
    to_.failed_.back() += failed ? 1 : 0;
    const std::size_t label = random_() % traffic_.labels;
    const double seconds = std::min(kLongestSeconds, elapsed_(random_));
    place.elapsed = schema::from_seconds(seconds);
    text += batched ? "{" : R"({"data_type":"add_hit",)";
    text += R"("url":"http://shop.example.com:8080/api/catalogue/items-)";
    append_padded(text, label, 5);
    // The method goes with the path: there are as many labels as paths.
    text += label % 5 == 0 ? R"(/reviews","method":"POST","status":)"
                           : R"(/reviews","method":"GET","status":)";
    text += failed ? "500" : "200";
    text += R"(,"elapsed":)" + std::to_string(schema::to_seconds(place.elapsed));
    text += R"(,"started":")";
    place.started = text.size();
    text += kTimeForm;
    text += '"';
    if (!batched) add_envelope(worker);
    // A batch is known by its place among the batches, not by numbers of its messages.
    if (!batched && traffic_.form != BenchForm::acked_50) {
      text += R"(,"epoch":)" + std::to_string(traffic_.epoch) + R"(,"seq":)";
      place.seq = text.size();
      text.append(kSeqChars, ' ');
    }
    text += '}';  // moves to the end of the number
    to_.places_.push_back(place);
  }

  const BenchTraffic& traffic_;
  BenchMessages& to_;
  // The same in every run.
  std::mt19937_64 random_{20'261'121};  // NOLINT(cert-msc32-c,cert-msc51-cpp)
  std::lognormal_distribution<double> elapsed_{std::log(kMedianSeconds), kSigma};
};

std::string bench_worker_id(std::size_t worker) {
  std::string id = "load-host-";
  append_padded(id, worker + 1, 4);
  return id;
}

BenchMessages::BenchMessages(const BenchTraffic& traffic)
    : traffic_(traffic), each_(hits_per_frame(traffic.form)) {
  BenchRendering{*this}.render();
}

std::string_view BenchMessages::frame(std::uint64_t number, schema::Timestamp now) {
  const std::size_t slot = slot_of(number);
  std::uint64_t seq = number / traffic_.workers * each_;
  for (std::size_t i = slot * each_; i < (slot + 1) * each_; ++i) {
    const Place& place = places_[i];
    write_time(place.started, now - place.elapsed);
    if (place.seq != 0) write_seq(place.seq, ++seq);
  }
  std::string_view frame{text_.data() + begins_[slot], begins_[slot + 1] - begins_[slot]};
  frame.remove_suffix(frame.size() - 1 - frame.find_last_not_of(' '));
  return frame;
}

void BenchMessages::write_time(std::size_t at, schema::Timestamp time) {
  const std::int64_t us = time.time_since_epoch().count();
  if (us / 1'000'000 != second_) {
    second_ = us / 1'000'000;
    second_text_ = schema::format_time(time).substr(0, kSecondChars);
  }
  std::memcpy(&text_[at], second_text_.data(), kSecondChars);
  std::int64_t rest = us % 1'000'000;
  for (std::size_t i = kFractionChars; i-- > 0; rest /= 10) {
    text_[at + kSecondChars + i] = static_cast<char>('0' + rest % 10);
  }
}

void BenchMessages::write_seq(std::size_t at, std::uint64_t seq) {
  char* const begin = &text_[at];
  char* end = std::to_chars(begin, begin + kSeqChars, seq).ptr;
  *end++ = '}';
  std::fill(end, begin + kSeqChars + 1, ' ');
}

std::string BenchMessages::start_message(std::size_t worker) const {
  return R"({"data_type":"startTestRun","run_id":")" + traffic_.run_id + R"(","worker_id":")" +
         bench_worker_id(worker) + R"(","name":"weir bench"})";
}

std::string BenchMessages::stop_message(std::size_t worker) const {
  return R"({"data_type":"stopTestRun","run_id":")" + traffic_.run_id + R"(","worker_id":")" +
         bench_worker_id(worker) + R"("})";
}

}  // namespace weir::tools
