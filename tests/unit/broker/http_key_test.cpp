#include <catch2/catch.hpp>

#include "broker/http_reception.hpp"

using namespace weir::broker;

TEST_CASE("a key of the journal can be read again", "[broker][http_key]") {
  const std::string id(128, 'x');
  for (const HttpKey& key : {HttpKey{}, HttpKey{1, "w", "r", "key"},
                             HttpKey{0xFFFF'FFFF'FFFF'FFFF, id, id, std::string_view{id}}}) {
    const std::string bytes = encode_http_key(key);
    const auto read = decode_http_key(bytes);
    REQUIRE(read.has_value());
    CHECK(read->fingerprint == key.fingerprint);
    CHECK(read->worker_id == key.worker_id);
    CHECK(read->run_id == key.run_id);
    CHECK(read->idempotency_key == key.idempotency_key);
  }
}

TEST_CASE("what is cut off is no key", "[broker][http_key]") {
  const std::string bytes = encode_http_key({1, "worker", "run", ""});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    INFO(size);
    CHECK_FALSE(decode_http_key(std::string_view{bytes}.substr(0, size)));
  }
}
