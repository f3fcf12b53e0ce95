#include "broker/endpoint.hpp"

#include <string_view>

#include <catch2/catch.hpp>

using weir::broker::is_endpoint;
using weir::broker::is_loopback_endpoint;

TEST_CASE("endpoints that can be bound are recognised", "[broker][endpoint]") {
  for (const std::string_view text :
       {"tcp://127.0.0.1:7071", "tcp://127.0.0.1:0", "tcp://127.0.0.1:*", "tcp://*:7071",
        "tcp://[::1]:65535", "tcp://eth0:1", "ipc:///tmp/weir", "ipc://weir"}) {
    INFO(text);
    CHECK(is_endpoint(text));
  }
  for (const std::string_view text :
       {"", "7071", "127.0.0.1:7071", "tcp://", "tcp://127.0.0.1",
        "tcp://127.0.0.1:", "tcp://:7071", "tcp://127.0.0.1:65536", "tcp://127.0.0.1:-1",
        "tcp://127.0.0.1:70x1", "tcp://127.0.0.1: 7071", "tcp://127.0.0.1:7071\n", "ipc://",
        "inproc://weir", "http://a:1", "udp://127.0.0.1:1", "tcp://127.0.0.1:99999999999"}) {
    INFO(text);
    CHECK_FALSE(is_endpoint(text));
  }
}

TEST_CASE("only endpoints of this machine are loopback", "[broker][endpoint]") {
  for (const std::string_view endpoint :
       {"tcp://127.0.0.1:7071", "tcp://127.255.0.3:*", "tcp://localhost:1", "tcp://[::1]:7071",
        "ipc:///tmp/weir"}) {
    INFO(endpoint);
    CHECK(is_loopback_endpoint(endpoint));
  }
  for (const std::string_view endpoint :
       {"tcp://*:7071", "tcp://0.0.0.0:7071", "tcp://[::]:7071", "tcp://10.0.0.1:7071",
        "tcp://lo:7071", "tcp://eth0:7071", "tcp://127.evil.example:7071",
        "tcp://127.0.0.1.evil.example:7071", "tcp://127.0.0.256:7071", "tcp://127.0.0.:7071",
        "tcp://localhost.example:7071", "tcp://1270.0.0.1:7071", "127.0.0.1:7071"}) {
    INFO(endpoint);
    CHECK_FALSE(is_loopback_endpoint(endpoint));
  }
}
