#pragma once

#include <optional>
#include <string_view>
#include <utility>

#include "broker/token_list.hpp"
#include "http/ports.hpp"

namespace weir::broker {

// The API tokens as HTTP asks for them. Used by the loop of the server.
class HttpTokens : public http::TokenSource {
 public:
  explicit HttpTokens(TokenList tokens) : tokens_(std::move(tokens)) {}

  bool required() override {
    tokens_.refresh(FileWatch::Clock::now());
    return tokens_.required();
  }
  std::optional<schema::Grant> find(std::string_view token) override {
    if (token.size() > TokenList::kMaxTokenBytes) return std::nullopt;
    return tokens_.find(token);
  }

 private:
  TokenList tokens_;
};

}  // namespace weir::broker
