#include "schema/exception_class.hpp"

#include <catch2/catch.hpp>

using weir::schema::bare_class_name;
using weir::schema::class_likeness;

TEST_CASE("a wrapped type looks most like a class", "[schema][exception_class]") {
  CHECK(class_likeness("<type 'exceptions.ValueError'>") == 3);
  CHECK(class_likeness("<class 'KeyError'>") == 3);
  CHECK(class_likeness("<type ''>") == 0);
  CHECK(class_likeness("<type 'int'") == 0);
}

TEST_CASE("a name that ends like an exception looks more like a class than another",
          "[schema][exception_class]") {
  for (const char* name :
       {"ValueError", "JSError", "Error", "java.net.SocketTimeoutException", "Net::ReadTimeout",
        "a.b$InnerFailure", "SystemExit", "KeyboardInterrupt", "StopIteration",
        "DeprecationWarning", "SoapFault"}) {
    INFO(name);
    CHECK(class_likeness(name) == 2);
  }
  for (const char* name : {"TestCase", "a.b.Broken", "X", "E11"}) {
    INFO(name);
    CHECK(class_likeness(name) == 1);
  }
}

TEST_CASE("a sentence does not look like a class", "[schema][exception_class]") {
  for (const char* text :
       {"", "500 != 200", "error", "someError", "Error: x", "Connection refused", "{}", "a..Error",
        ".Error", "Error.", "A:B", "caf\xC3\xA9.Error", "9Error"}) {
    INFO(text);
    CHECK(class_likeness(text) == 0);
  }
}

TEST_CASE("a bare class name has neither wrapper nor builtin module", "[schema][exception_class]") {
  CHECK(bare_class_name("<type 'exceptions.ValueError'>") == "ValueError");
  CHECK(bare_class_name("<class 'builtins.KeyError'>") == "KeyError");
  CHECK(bare_class_name("<class 'requests.exceptions.Timeout'>") == "requests.exceptions.Timeout");
  CHECK(bare_class_name("JSError") == "JSError");
  CHECK(bare_class_name("exceptions.") == "exceptions.");
  CHECK(bare_class_name("") == "");
}

TEST_CASE("the bare name of a bare name is itself", "[schema][exception_class]") {
  for (const char* text :
       {"<type '<class 'exceptions.builtins.exceptions.A'>'>", "builtins.<type 'x'>"}) {
    const auto once = bare_class_name(text);
    CHECK(bare_class_name(once) == once);
  }
}
