#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "schema/summary.hpp"
#include "store/run_reader.hpp"
#include "tools/bench_receiver.hpp"
#include "tools/broker_health_json.hpp"
#include "tools/feed_reader.hpp"

namespace weir::tools {

// A folder of its own under TMPDIR, removed with everything in it at the end.
class BenchFolder {
 public:
  BenchFolder();  // throws std::system_error
  ~BenchFolder();
  BenchFolder(const BenchFolder&) = delete;
  BenchFolder& operator=(const BenchFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A real `weir serve` with its default settings, a results file in a fresh folder and free ports,
// watched through its live feed and its results file.
class BenchBroker final : public BenchReceiver {
 public:
  // Waits until subscribers, if any are asked for, are connected.
  BenchBroker(const BenchOptions& options, StopSignals& signals);

  const BenchProcess& process() const override { return process_; }
  BenchOpen open(BenchForm form) const override;
  void expect(const BenchCase& of, const std::string& run_id, std::uint64_t frames) override;
  void look() override { read_feed(); }
  Received finish(const BenchSent& sent, StopSignals& signals) override;

 private:
  // What the run must come to.
  struct Expected {
    BenchForm form = BenchForm::single;
    std::string run_id;
    std::uint64_t hits = 0;
    std::uint64_t failed = 0;
    std::size_t parts = 0;
  };

  void read_endpoints(StopSignals& signals);
  void start_subscribers(const BenchOptions& options, StopSignals& signals);
  void read_feed();
  // Throws when `until` has not come true although nothing more arrives.
  void wait_feed(const std::function<bool()>& until, const std::string& what, StopSignals& signals);
  void check_counts() const;
  std::string counts_text() const;
  // The row of the run, once the results file has all of its hits.
  store::RunRow wait_stored(StopSignals& signals);

  BenchFolder folder_;  // goes after the processes that write there
  BenchProcess process_;
  std::optional<BenchProcess> subscribers_;
  std::map<std::string, std::string> endpoints_;
  std::optional<FeedReader> feed_;
  BrokerHealth health_;                     // the latest
  std::optional<double> longest_pause_us_;  // since expect()
  std::optional<schema::Summary> summary_;  // the latest of the run
  Expected expected_;
  std::uint64_t frames_ = 0;  // of all runs
};

// The process that subscribes: to the endpoint, with the numbers that the line on stdin says.
int run_bench_subscribers();

}  // namespace weir::tools
