#include "tools/feed_reader.hpp"

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <zmq.hpp>

namespace weir::tools {
namespace {

using std::chrono::milliseconds;
using Frames = std::vector<std::string>;

// A publisher that knows when somebody has subscribed.
class Publisher {
 public:
  Publisher() {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvtimeo, 5000);
    socket_.bind("tcp://127.0.0.1:*");
  }
  std::string endpoint() const { return socket_.get(zmq::sockopt::last_endpoint); }
  std::string next_subscription() {
    zmq::message_t message;
    REQUIRE(socket_.recv(message));
    return message.to_string();
  }
  void publish(const Frames& frames) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const bool more = i + 1 < frames.size();
      socket_.send(zmq::buffer(frames[i]), more ? zmq::send_flags::sndmore : zmq::send_flags::none);
    }
  }

 private:
  zmq::context_t context_;
  zmq::socket_t socket_{context_, zmq::socket_type::xpub};
};

// The next message, waited for at most 5 s.
std::optional<FeedMessage> next(FeedReader& reader) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{5};
  while (std::chrono::steady_clock::now() < end) {
    if (auto message = reader.receive()) return message;
    reader.wait(milliseconds{100}, {});
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("a feed reader gets the topics that it asked for", "[tools][feed_reader]") {
  Publisher publisher;
  FeedReader reader{publisher.endpoint(), Frames{"summary/7/", "broker/"}};
  CHECK(std::set{publisher.next_subscription(), publisher.next_subscription()} ==
        std::set<std::string>{"\x01summary/7/", std::string{"\x01"} + "broker/"});
  publisher.publish({"summary/8/", "no"});
  publisher.publish({"summary/7/", "{\"a\":1}"});
  const auto message = next(reader);
  REQUIRE(message);
  CHECK(message->topic == "summary/7/");
  CHECK(message->body == "{\"a\":1}");
  CHECK_FALSE(reader.receive());
}

TEST_CASE("messages of another shape are skipped", "[tools][feed_reader]") {
  Publisher publisher;
  FeedReader reader{publisher.endpoint(), Frames{""}};
  publisher.next_subscription();
  publisher.publish({"one"});
  publisher.publish({"one", "two", "three"});
  publisher.publish({"broker/", "{}"});
  const auto message = next(reader);
  REQUIRE(message);
  CHECK(message->topic == "broker/");
}

TEST_CASE("a relay reader gets single frames", "[tools][feed_reader]") {
  Publisher publisher;
  FeedReader reader{publisher.endpoint(), Frames{""}, FeedReader::Kind::relay};
  publisher.next_subscription();
  publisher.publish({"two", "frames"});
  publisher.publish({"{\"data_type\":\"add_hit\"}"});
  const auto message = next(reader);
  REQUIRE(message);
  CHECK(message->topic.empty());
  CHECK(message->body == "{\"data_type\":\"add_hit\"}");
}

TEST_CASE("a text that is no endpoint is refused", "[tools][feed_reader]") {
  CHECK_THROWS_AS(FeedReader("tcp://no-port", Frames{""}), std::invalid_argument);
}

TEST_CASE("a wait without messages ends in time", "[tools][feed_reader]") {
  FeedReader reader{"tcp://127.0.0.1:1", Frames{""}};
  CHECK(reader.wait(milliseconds{1}, {}));
  CHECK_FALSE(reader.receive());
}

TEST_CASE("a run is meant by its run_id or its number", "[tools][feed_reader]") {
  CHECK(topics_of_run("summary", "checkout") == Frames{"summary/checkout/"});
  CHECK(topics_of_run("run", "7") == Frames{"run/"});
  const FeedMessage message{"summary/checkout/", R"({"run_id":"checkout","number":7})"};
  CHECK(is_of_run(message, "checkout"));
  CHECK(is_of_run(message, "7"));
  CHECK_FALSE(is_of_run(message, "8"));
  CHECK_FALSE(is_of_run(message, "check"));
  CHECK(is_of_run({"run/8/", "{}"}, "8"));
  CHECK_FALSE(is_of_run({"run/9/", "rubbish"}, "8"));
}

}  // namespace weir::tools
