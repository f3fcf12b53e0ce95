// What it costs to publish a summary to so many subscribers that read.
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "aggregator/summarize.hpp"
#include "broker/live_feed.hpp"
#include "schema/summary_json.hpp"
#include "tests/support/run_messages.hpp"

namespace weir::test {
namespace {

void publish_summary(benchmark::State& state) {
  zmq::context_t context{1};
  broker::FeedConfig config;
  config.endpoint = "inproc://feed";
  broker::LiveFeed feed{context, config, {}};
  std::vector<zmq::socket_t> subscribers;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    zmq::socket_t& socket = subscribers.emplace_back(context, zmq::socket_type::sub);
    socket.set(zmq::sockopt::subscribe, "");
    socket.connect(config.endpoint);
  }
  feed.answer_subscriptions(broker::LiveFeed::Clock::now());
  aggregator::Run run = new_run();
  for (int label = 0; label < 50; ++label) {
    run.apply(message(hit("http://h/page-" + std::to_string(label), std::int64_t{1'000} * label)),
              kNoon);
  }
  const schema::Summary summary = aggregator::summarize(run, kNoon + 1s);
  zmq::message_t part;
  for (auto _ : state) {
    feed.publish("summary/nightly/",
                 [&](std::uint64_t) { return schema::summary_to_json(summary); });
    for (zmq::socket_t& socket : subscribers) {
      while (socket.recv(part, zmq::recv_flags::dontwait)) {
      }
    }
  }
}
BENCHMARK(publish_summary)->Arg(0)->Arg(1)->Arg(10);

}  // namespace
}  // namespace weir::test
