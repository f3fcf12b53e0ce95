#include "broker/token_file.hpp"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch.hpp>

#include "broker/token_list.hpp"
#include "tests/unit/broker/secret_folder.hpp"

using weir::broker::add_token;
using weir::broker::FileWatch;
using weir::broker::read_tokens;
using weir::broker::revoke_token;
using weir::broker::TokenList;
using weir::schema::ErrorCode;
using weir::schema::Grant;
using weir::schema::Role;
using weir::schema::Timestamp;

namespace {

constexpr Timestamp kNow{std::chrono::microseconds{1'800'000'000'000'000}};

std::string added(const std::filesystem::path& file, const std::string& name, Role role) {
  const auto token = add_token(file, Grant{name, role}, kNow);
  REQUIRE(token);
  return *token;
}

}  // namespace

TEST_CASE("a token is 32 random bytes in base64url after weir_", "[broker][token_file]") {
  const SecretFolder folder;
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const std::string token = added(folder.path / "tokens", "t" + std::to_string(i), Role::runner);
    CHECK(token.size() == 48);
    CHECK_THAT(token, Catch::Matches("weir_[A-Za-z0-9_-]{43}"));
    CHECK(seen.insert(token).second);
  }
}

TEST_CASE("the file has the SHA-256 of a token, for its owner alone, and not the token",
          "[broker][token_file]") {
  const SecretFolder folder;
  const std::string token = added(folder.path / "tokens", "nightly run", Role::runner);
  const std::string text = folder.text_of("tokens");
  CHECK(text.find(token.substr(5)) == std::string::npos);
  CHECK_THAT(text, Catch::EndsWith(" runner 2027-01-15T08:00:00.000000Z nightly run\n"));
  CHECK(folder.mode_of("tokens") == 0600);
  // As sha256sum says, which is not our code.
  const auto hash = weir::broker::sha256("abc");
  CHECK(weir::broker::to_hex(hash) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a token is found with its name and role, and no other text is", "[broker][token_list]") {
  const SecretFolder folder;
  const auto file = folder.path / "tokens";
  const std::string one = added(file, "one", Role::runner);
  const std::string two = added(file, "two", Role::admin);
  const auto list = TokenList::open(file);
  REQUIRE(list);
  CHECK(list->required());
  REQUIRE(list->find(one));
  CHECK(list->find(one)->name == "one");
  CHECK(list->find(one)->role == Role::runner);
  REQUIRE(list->find(two));
  CHECK(list->find(two)->role == Role::admin);
  const std::string hash = weir::broker::to_hex(weir::broker::sha256(one));
  for (const std::string& wrong :
       {std::string{}, one.substr(0, 47), one + "x", std::string{"weir_"}, one + one,
        std::string(1 << 20, 'w'), hash}) {
    CHECK_FALSE(list->find(wrong));
  }
}

TEST_CASE("names are ids, and each is there once", "[broker][token_file]") {
  const SecretFolder folder;
  const auto file = folder.path / "tokens";
  for (const std::string& bad : {std::string{}, std::string{"a/b"}, std::string{"a\nb"},
                                 std::string{"a\x1b[2J"}, std::string(129, 'x')}) {
    const auto token = add_token(file, {bad, Role::viewer}, kNow);
    REQUIRE_FALSE(token);
    CHECK(token.error().code == ErrorCode::invalid_setting);
  }
  added(file, "one", Role::viewer);
  const auto again = add_token(file, {"one", Role::admin}, kNow);
  REQUIRE_FALSE(again);
  CHECK_THAT(again.error().detail, Catch::Contains("already"));
  CHECK(read_tokens(file)->size() == 1);
}

TEST_CASE("tokens added at the same time are all kept", "[broker][token_file]") {
  const SecretFolder folder;
  const auto file = folder.path / "tokens";
  constexpr int kThreads = 4;
  constexpr int kEach = 10;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&file, thread] {
      for (int i = 0; i < kEach; ++i) {
        const std::string name = std::to_string(thread) + "-" + std::to_string(i);
        static_cast<void>(add_token(file, {name, Role::runner}, kNow));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(read_tokens(file)->size() == kThreads * kEach);
}

TEST_CASE("there are at most kMaxTokens", "[broker][token_file]") {
  const SecretFolder folder;
  std::string text;
  for (std::size_t i = 0; i < weir::broker::kMaxTokens; ++i) {
    text += std::string(64, 'a') + " viewer 2026-01-01T00:00:00Z t" + std::to_string(i) + "\n";
  }
  const auto file = folder.write("tokens", text);
  const auto token = add_token(file, {"more", Role::viewer}, kNow);
  REQUIRE_FALSE(token);
  CHECK(token.error().code == ErrorCode::too_large);
  folder.write("tokens", text + std::string(64, 'b') + " viewer 2026-01-01T00:00:00Z more\n");
  CHECK_FALSE(read_tokens(file));
}

TEST_CASE("a file that others can read, or that is broken, is refused without being quoted",
          "[broker][token_file]") {
  const SecretFolder folder;
  const std::string line = std::string(64, 'a') + " viewer 2026-01-01T00:00:00Z name\n";
  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U, 0602U}) {
    const auto file = folder.write("tokens", line, mode);
    REQUIRE_FALSE(TokenList::open(file));
    CHECK_THAT(TokenList::open(file).error().detail, Catch::Contains("chmod 600"));
  }
  for (const std::string& bad :
       {line.substr(1), "z" + line.substr(1), std::string{"weir_secret"},
        std::string(64, 'a') + " boss 2026-01-01T00:00:00Z n", std::string(2'000'000, 'q')}) {
    const auto list = TokenList::open(folder.write("tokens", bad));
    REQUIRE_FALSE(list);
    CHECK_THAT(list.error().detail, Catch::Contains((folder.path / "tokens").string()));
    CHECK_THAT(list.error().detail, !Catch::Contains("weir_secret"));
  }
}

TEST_CASE("a list follows its file", "[broker][token_list]") {
  const SecretFolder folder;
  const auto file = folder.path / "tokens";
  auto list = TokenList::open(file);
  REQUIRE(list);
  CHECK_FALSE(list->required());
  const std::string token = added(file, "one", Role::runner);
  auto now = FileWatch::Clock::now();
  list->refresh(now);
  CHECK_FALSE(list->find(token));  // looked at less than a second ago
  list->refresh(now += FileWatch::kLookEvery);
  CHECK(list->required());
  CHECK(list->find(token));

  REQUIRE(revoke_token(file, "one"));
  CHECK_FALSE(revoke_token(file, "one"));
  list->refresh(now += FileWatch::kLookEvery);
  CHECK_FALSE(list->find(token));
  CHECK(list->required());  // all revoked: nobody gets in
}

TEST_CASE("a list stays as it was when its file is broken or goes", "[broker][token_list]") {
  const SecretFolder folder;
  const auto file = folder.path / "tokens";
  const std::string token = added(file, "one", Role::runner);
  auto list = TokenList::open(file);
  REQUIRE(list);
  auto now = FileWatch::Clock::now();
  folder.write("tokens", "nonsense\n");
  list->refresh(now += FileWatch::kLookEvery);
  CHECK(list->find(token));
  std::filesystem::remove(file);
  list->refresh(now += FileWatch::kLookEvery);
  CHECK(list->find(token));
  CHECK(list->required());
}
