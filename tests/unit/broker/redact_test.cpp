#include "broker/redact.hpp"

#include <string>

#include <catch2/catch.hpp>

#include "broker/secret.hpp"

using weir::broker::without_tokens;

TEST_CASE("the secret part of a token is taken out of a text", "[broker][redact]") {
  const std::string token = weir::broker::random_token();
  CHECK(without_tokens("{\"token\":\"" + token + "\"}") == "{\"token\":\"weir_...\"}");
  CHECK(without_tokens(token + " " + token) == "weir_... weir_...");
  CHECK(without_tokens("weir_" + token) == "weir_...");
  CHECK(without_tokens(token.substr(0, 40)) == "weir_...");  // one cut short
}

TEST_CASE("a text without tokens stays as it is", "[broker][redact]") {
  for (const std::string text : {"", "weir_", "weir_client.py weir_top", "w", "{\"a\":1}"}) {
    CHECK(without_tokens(text) == text);
  }
}
