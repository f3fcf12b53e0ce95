#include "tools/broker_health_json.hpp"

#include <catch2/catch.hpp>

namespace weir::tools {

TEST_CASE("the figures that commands look at are read from a broker message",
          "[tools][broker_health_json]") {
  const auto health = broker_health_from_json(
      R"({"type":"broker","seq":4,"decoded":120,"rejected":{"total":3,"not_json":1,"closed_run":0,"limit_workers":2},"late":1,
          "skewed":2,"missing":5,"duplicate":6,
          "store":{"queue_rows":0,"rows_dropped":7,"hits_not_kept":8,"last_error":"disk full"},
          "received":{"frames":8,"bytes":9},"subscribers":2,"longest_pause_us":1500})");
  REQUIRE(health);
  CHECK(*health ==
        BrokerHealth{3, 1, 5, 7, "disk full", "limit_workers 2, not_json 1", 8, 2, 1500.0});
}

TEST_CASE("keys that a broker does not send or spells otherwise read as nothing",
          "[tools][broker_health_json]") {
  for (const char* text : {"{}", R"({"rejected":7,"late":-1,"missing":"x","store":[]})",
                           R"({"store":{"last_error":null,"rows_dropped":1.5}})"}) {
    const auto health = broker_health_from_json(text);
    REQUIRE(health);
    CHECK(*health == BrokerHealth{});
  }
}

TEST_CASE("what is no JSON object is refused", "[tools][broker_health_json]") {
  CHECK(broker_health_from_json("nope").error().code == schema::ErrorCode::not_json);
  CHECK(broker_health_from_json("[1]").error().code == schema::ErrorCode::not_object);
}

}  // namespace weir::tools
