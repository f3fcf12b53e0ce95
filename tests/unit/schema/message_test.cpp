#include "schema/message.hpp"

#include <catch2/catch.hpp>

using namespace weir::schema;

TEST_CASE("a body is sent as the data_type loads uses for it", "[schema][message]") {
  CHECK(data_type(AddHit{}) == "add_hit");
  CHECK(data_type(StartTestRun{}) == "startTestRun");
  CHECK(data_type(StopTestRun{}) == "stopTestRun");
  CHECK(data_type(StartTest{}) == "startTest");
  CHECK(data_type(StopTest{}) == "stopTest");
  CHECK(data_type(AddSuccess{}) == "addSuccess");
  CHECK(data_type(AddFailure{}) == "addFailure");
  CHECK(data_type(AddError{}) == "addError");
  CHECK(data_type(SocketOpen{}) == "socket_open");
  CHECK(data_type(SocketClose{}) == "socket_close");
  CHECK(data_type(SocketMessage{}) == "socket_message");
}

TEST_CASE("a counter is sent under its own name", "[schema][message]") {
  CHECK(data_type(Counter{.name = "widgets-bought", .test = "test_shop"}) == "widgets-bought");
}

TEST_CASE("a hit succeeds from 200 to 399 unless it says otherwise", "[schema][message]") {
  const auto with_status = [](int status) {
    AddHit hit;
    hit.status = status;
    return hit;
  };
  CHECK_FALSE(succeeded(with_status(0)));
  CHECK_FALSE(succeeded(with_status(199)));
  CHECK(succeeded(with_status(200)));
  CHECK(succeeded(with_status(399)));
  CHECK_FALSE(succeeded(with_status(400)));
  CHECK_FALSE(succeeded(with_status(999)));
  AddHit failed = with_status(200);
  failed.success = false;
  CHECK_FALSE(succeeded(failed));
  AddHit passed = with_status(500);
  passed.success = true;
  CHECK(succeeded(passed));
}
