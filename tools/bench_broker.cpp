#include "tools/bench_broker.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <poll.h>
#include <unistd.h>

#include "schema/summary_json.hpp"
#include "tools/bench_machine.hpp"
#include "tools/bench_sub_socket.hpp"
#include "tools/store_options.hpp"

namespace weir::tools {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{100};
constexpr std::chrono::milliseconds kLookInFile{5};
// Without anything new from the broker. The store may keep what it has for store.checkpoint (10 s).
constexpr std::chrono::seconds kPatience{30};
constexpr const char* kAnyPort = "tcp://127.0.0.1:*";

std::vector<std::string> serve_arguments(const std::filesystem::path& folder,
                                         const BenchOptions& options) {
  std::vector<std::string> arguments{"serve",
                                     "--db",
                                     (folder / "weir.db").string(),
                                     "--data",
                                     (folder / "weir-data").string(),
                                     "--ingest",
                                     kAnyPort,
                                     "--acked",
                                     kAnyPort,
                                     "--feed",
                                     kAnyPort,
                                     "--http",
                                     "127.0.0.1:0",
                                     "--tick-ms",
                                     std::to_string(options.tick_ms),
                                     "--log-level",
                                     "error"};
  // Between two parts of a run its file is waited for, and the run must not end.
  if (options.flat) arguments.insert(arguments.end(), {"--set", "run.end_grace_s=60"});
  return arguments;
}

}  // namespace

BenchFolder::BenchFolder() {
  std::string path = (bench_folders() / "weir-bench-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), path);
  }
  path_ = path;
}

BenchFolder::~BenchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

BenchBroker::BenchBroker(const BenchOptions& options, StopSignals& signals)
    : process_("broker", serve_arguments(folder_.path(), options)) {
  read_endpoints(signals);
  feed_.emplace(endpoints_.at("feed"), std::array<std::string, 2>{"summary/", "broker/"});
  start_subscribers(options, signals);
}

void BenchBroker::read_endpoints(StopSignals& signals) {
  for (;;) {
    std::istringstream words{process_.read_line(signals)};
    std::string word;
    std::string name;
    std::string endpoint;
    words >> word >> name >> endpoint;
    if (word != "listening") break;
    endpoints_.emplace(name, endpoint);
  }
}

void BenchBroker::start_subscribers(const BenchOptions& options, StopSignals& signals) {
  const std::uint64_t wanted = options.subscribers + options.stalled_subscribers;
  if (wanted > 0) {
    subscribers_.emplace("subscribers", std::vector<std::string>{"bench", "--part", "subscribers"});
    subscribers_->write_line(endpoints_.at("feed") + " " + std::to_string(options.subscribers) +
                             " " + std::to_string(options.stalled_subscribers));
  }
  // One is the reader here.
  wait_feed([&] { return health_.subscribers > wanted; }, "its subscribers", signals);
}

BenchOpen BenchBroker::open(BenchForm form) const {
  BenchOpen open;
  open.acked = form == BenchForm::acked_50;
  open.endpoint = endpoints_.at(open.acked ? "acked" : "ingest");
  open.traffic.form = form;
  return open;
}

void BenchBroker::expect(const BenchCase& of, const std::string& run_id, std::uint64_t /*frames*/) {
  longest_pause_us_.reset();
  if (expected_.run_id == run_id) return;
  expected_ = {};
  expected_.form = of.form;
  expected_.run_id = run_id;
  summary_.reset();
}

void BenchBroker::read_feed() {
  const std::string topic = "summary/" + expected_.run_id + "/";
  while (const std::optional<FeedMessage> message = feed_->receive()) {
    if (message->topic == topic) {
      if (auto summary = schema::summary_from_json(message->body)) summary_ = *std::move(summary);
    } else if (message->topic == "broker/") {
      const auto health = broker_health_from_json(message->body);
      if (!health) continue;
      health_ = *health;
      if (health->longest_pause_us) {
        longest_pause_us_ = std::max(longest_pause_us_.value_or(0), *health->longest_pause_us);
      }
    }
  }
  if (health_.rejected > 0) {
    throw std::runtime_error("the broker rejected what it should count: " + health_.reject_reasons);
  }
}

void BenchBroker::wait_feed(const std::function<bool()>& until, const std::string& what,
                            StopSignals& signals) {
  std::uint64_t frames = health_.frames;
  Clock::time_point heard = Clock::now();
  for (read_feed(); !until(); read_feed()) {
    feed_->wait(kLook, std::array{signals.file()});
    if (signals.stop_requested()) throw BenchStopped{};
    process_.check_alive();
    if (subscribers_) subscribers_->check_alive();
    if (std::exchange(frames, health_.frames) != health_.frames) heard = Clock::now();
    if (Clock::now() - heard < kPatience) continue;
    throw std::runtime_error("the broker did not show " + what + ": " + counts_text());
  }
}

BenchReceiver::Received BenchBroker::finish(const BenchSent& sent, StopSignals& signals) {
  expected_.hits += sent.hits;
  expected_.failed += sent.failed;
  ++expected_.parts;
  frames_ += sent.frames;
  // The summary of a tick is published before its `broker/` message: that one is the later.
  wait_feed([this] { return health_.frames >= frames_; }, "all that was sent", signals);
  check_counts();
  const store::RunRow row = wait_stored(signals);
  const schema::Timestamp began =
      expected_.parts == 1 ? row.started : schema::Timestamp{schema::Elapsed{sent.began_us}};
  Received received{.elapsed = row.latest - began, .longest_pause_us = longest_pause_us_};
  // A batch has arrived when it is acknowledged, which only its sender knows.
  if (expected_.form == BenchForm::acked_50)
    received.elapsed = std::chrono::nanoseconds{sent.elapsed_ns};
  return received;
}

std::string BenchBroker::counts_text() const {
  std::ostringstream text;
  text << "sent were " << expected_.hits << " hits, " << expected_.failed << " of them failed; ";
  if (summary_) {
    text << "counted are " << summary_->hits.count << ", " << summary_->hits.failed << " failed, "
         << summary_->missing << " missing, " << summary_->duplicate << " duplicate, "
         << summary_->late << " late";
  } else {
    text << "there is no summary of the run";
  }
  return text.str();
}

void BenchBroker::check_counts() const {
  const bool good = summary_ && summary_->hits.count == expected_.hits &&
                    summary_->hits.failed == expected_.failed && summary_->missing == 0 &&
                    summary_->duplicate == 0 && summary_->late == 0;
  if (!good) throw std::runtime_error("the broker's counts are wrong: " + counts_text());
}

store::RunRow BenchBroker::wait_stored(StopSignals& signals) {
  store::RunReader reader = open_store((folder_.path() / "weir.db").string());
  const Clock::time_point until = Clock::now() + kPatience;
  while (Clock::now() < until) {
    for (const store::RunRow& row : value_of(reader.runs())) {
      if (row.run_id == expected_.run_id && row.response.count == expected_.hits) return row;
    }
    pollfd stop{signals.file(), POLLIN, 0};
    poll(&stop, 1, static_cast<int>(kLookInFile.count()));
    if (signals.stop_requested()) throw BenchStopped{};
    process_.check_alive();
  }
  throw std::runtime_error("the results file did not get all hits of the run: " + counts_text());
}

int run_bench_subscribers() {
  std::string endpoint;
  std::size_t reading = 0;
  std::size_t stalled = 0;
  if (!(std::cin >> endpoint >> reading >> stalled)) return 1;
  BenchSubSockets{endpoint, reading, stalled}.read();
}

}  // namespace weir::tools
