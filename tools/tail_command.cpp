#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include "schema/duration.hpp"
#include "tools/command.hpp"
#include "tools/feed_options.hpp"
#include "tools/feed_reader.hpp"
#include "tools/key_options.hpp"
#include "tools/last_run_filter.hpp"
#include "tools/line_output.hpp"
#include "tools/stop_signals.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  std::string run;
  std::string feed;
  runners::CurveOptions curve{};
  std::string relay;
  std::string topic;
  std::uint64_t count = 0;  // 0: no limit
  std::string timeout;
};

std::vector<std::string> topics(const Options& options) {
  if (!options.relay.empty()) return {""};
  if (options.run.empty()) return {options.topic};
  if (options.run == "last") return {"summary/", "run/"};
  std::vector<std::string> out = topics_of_run("summary", options.run);
  for (std::string& topic : topics_of_run("run", options.run)) out.push_back(std::move(topic));
  return out;
}

FeedReader make_reader(const Options& options) {
  const bool relay = !options.relay.empty();
  return FeedReader{relay ? options.relay : options.feed, topics(options),
                    relay ? FeedReader::Kind::relay : FeedReader::Kind::feed, options.curve};
}

class Tail {
 public:
  explicit Tail(const Options& options)
      : reader_(make_reader(options)), left_(options.count), counted_(options.count > 0) {
    if (options.run == "last") {
      filter_.emplace();
    } else {
      run_ = options.run;
    }
    if (!options.timeout.empty()) timeout_ = *schema::parse_duration(options.timeout);
  }

  int run() {
    heard_ = Clock::now();
    while (!signals_.stop_requested()) {
      const Clock::time_point now = Clock::now();
      if (timeout_ && now - heard_ >= *timeout_) {
        std::cerr << "weir: tail: no message for " << schema::format_duration(*timeout_) << '\n';
        return kNoData;
      }
      reader_.wait(time_to_wait(now), std::array{signals_.file()});
      if (filter_ && !print(filter_->release(Clock::now()))) return kOk;
      while (std::optional<FeedMessage> message = reader_.receive()) {
        if (!take(std::move(*message))) return kOk;
      }
    }
    return kOk;
  }

 private:
  std::chrono::milliseconds time_to_wait(Clock::time_point now) const {
    using std::chrono::ceil;
    using std::chrono::milliseconds;
    std::optional<Clock::time_point> until;
    if (timeout_) until = heard_ + *timeout_;
    if (filter_ && filter_->due())
      until = until ? std::min(*until, *filter_->due()) : filter_->due();
    if (!until) return milliseconds{-1};
    return std::max(milliseconds{0}, ceil<milliseconds>(*until - now));
  }

  // False at the end: enough lines, or nobody reads them.
  bool take(FeedMessage message) {
    if (!run_.empty() && !is_of_run(message, run_)) return true;
    if (!filter_) {
      std::vector<FeedMessage> one;
      one.push_back(std::move(message));
      return print(one);
    }
    return print(filter_->pass(std::move(message), Clock::now()));
  }

  bool print(const std::vector<FeedMessage>& messages) {
    return std::ranges::all_of(messages, [this](const FeedMessage& message) {
      heard_ = Clock::now();
      const bool written = output_.write_line(terminal_ ? escape_json(message.body) : message.body);
      return written && !(counted_ && --left_ == 0);
    });
  }

  StopSignals signals_;
  FeedReader reader_;
  std::string run_;  // empty: every run, or what the filter lets through
  LineOutput output_{STDOUT_FILENO, signals_.file()};
  bool terminal_ = isatty(STDOUT_FILENO) == 1;
  std::optional<LastRunFilter> filter_;
  std::optional<schema::Elapsed> timeout_;
  Clock::time_point heard_;
  std::uint64_t left_;
  bool counted_;
};

}  // namespace

Run add_tail(CLI::App& command) {
  auto options = std::make_shared<Options>();
  auto* run = command
                  .add_option("RUN", options->run,
                              "only this run: run_id, number, or last (the one started last)")
                  ->type_name("");
  auto* feed = add_feed_option(command, options->feed);
  add_key_options(command, options->curve);
  auto* topic = command.add_option("--topic", options->topic, "only topics with this prefix")
                    ->type_name("PREFIX")
                    ->excludes(run);
  command.add_option("--relay", options->relay, "the raw messages of a relay instead of the feed")
      ->type_name("EP")
      ->check(check_endpoint)
      ->excludes(run)
      ->excludes(topic)
      ->excludes(feed);
  command.add_option("--count", options->count, "end after N messages")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}));
  command
      .add_option("--timeout", options->timeout, "give up (exit 98) after this long without one")
      ->type_name("DURATION")
      ->check(check_duration);
  command.footer(
      "Prints each message of the live feed as one line of JSON, as it comes: summaries, run\n"
      "events, and the broker's health.\n"
      "Example:\n  weir tail last | jq -c '[.elapsed_s, .hits.count, .response_ms.p95]'\n"
      "  weir tail --topic broker/ --count 1 --timeout 5s");
  return [options] { return Tail{*options}.run(); };
}

}  // namespace weir::tools
