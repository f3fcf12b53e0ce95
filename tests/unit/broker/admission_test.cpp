#include "broker/admission.hpp"

#include <chrono>
#include <string>

#include <catch2/catch.hpp>

#include "tests/unit/broker/secret_folder.hpp"

using weir::broker::add_client_key;
using weir::broker::Admission;
using weir::broker::ClientKeys;
using weir::broker::ConnectionLimit;
using weir::broker::FileWatch;
using weir::broker::Verdict;
using namespace std::chrono_literals;

namespace {

const std::string kRunner(40, 'r');
const std::string kViewer(40, 'v');
const std::string kAdmin(40, 'a');
const ConnectionLimit kNoLimit{0, 1s};

Verdict verdict(Admission& admission, const std::string& domain, const std::string& key) {
  std::string name;
  return admission.decide({domain, "CURVE", key}, {}, name);
}

Admission with_keys(const SecretFolder& folder) {
  const auto file = folder.write("clients", "# ours\n" + kRunner + " runner an agent\n\n" +
                                                kViewer + " viewer v\n" + kAdmin + " admin a\n");
  auto keys = ClientKeys::open(file);
  REQUIRE(keys);
  return Admission{*std::move(keys), kNoLimit};
}

}  // namespace

TEST_CASE("a runner reports, a viewer looks, an admin does both", "[broker][admission]") {
  const SecretFolder folder;
  Admission admission = with_keys(folder);
  for (const std::string domain : {"ingest", "acked"}) {
    CHECK(verdict(admission, domain, kRunner) == Verdict::admitted);
    CHECK(verdict(admission, domain, kAdmin) == Verdict::admitted);
    CHECK(verdict(admission, domain, kViewer) == Verdict::refused_role);
  }
  for (const std::string domain : {"feed", "relay"}) {
    CHECK(verdict(admission, domain, kViewer) == Verdict::admitted);
    CHECK(verdict(admission, domain, kAdmin) == Verdict::admitted);
    CHECK(verdict(admission, domain, kRunner) == Verdict::refused_role);
  }
  CHECK(verdict(admission, "no-such-socket", kAdmin) == Verdict::refused_role);
}

TEST_CASE("an unknown key, none, and another mechanism are refused", "[broker][admission]") {
  const SecretFolder folder;
  Admission admission = with_keys(folder);
  CHECK(verdict(admission, "ingest", std::string(40, 'x')) == Verdict::refused_key);
  CHECK(verdict(admission, "ingest", "") == Verdict::refused_key);
  std::string name;
  for (const std::string mechanism : {"NULL", "PLAIN", "GSSAPI", ""}) {
    CHECK(admission.decide({"ingest", mechanism, kRunner}, {}, name) == Verdict::refused_key);
  }
  CHECK(admission.decide({"ingest", "CURVE", kRunner}, {}, name) == Verdict::admitted);
  CHECK(name == "an agent");
}

TEST_CASE("without keys anybody is let in up to the limit", "[broker][admission]") {
  Admission admission{std::nullopt, ConnectionLimit{2, 1s}};
  std::string name;
  const auto decide = [&] { return admission.decide({"ingest", "NULL", ""}, {}, name); };
  admission.seen({.settled = 1, .young = 1});
  CHECK(decide() == Verdict::admitted);
  CHECK(decide() == Verdict::refused_limit);
}

TEST_CASE("a list of keys that is broken is refused by its line", "[broker][client_keys]") {
  const SecretFolder folder;
  for (const std::string& bad :
       {std::string{"x runner n\n"}, kRunner + " boss n\n", kRunner + " runner\n",
        kRunner + " runner a/b\n", kRunner + " runner n\n" + kRunner + " admin m\n"}) {
    const auto keys = ClientKeys::open(folder.write("clients", bad));
    REQUIRE_FALSE(keys);
    CHECK_THAT(keys.error().detail, Catch::Contains("clients:"));
  }
}

TEST_CASE("a list of keys follows its file, and stays when that is broken",
          "[broker][client_keys]") {
  const SecretFolder folder;
  const auto file = folder.path / "clients";
  auto keys = ClientKeys::open(file);
  REQUIRE(keys);
  auto now = FileWatch::Clock::now();
  REQUIRE(add_client_key(file, kRunner, {"n", weir::schema::Role::runner}));
  CHECK_FALSE(add_client_key(file, kViewer, {"n", weir::schema::Role::viewer}));
  keys->refresh(now += FileWatch::kLookEvery);
  REQUIRE(keys->find(kRunner) != nullptr);
  folder.write("clients", "nonsense");
  keys->refresh(now += FileWatch::kLookEvery);
  CHECK(keys->find(kRunner) != nullptr);
  folder.write("clients", "");
  keys->refresh(now += FileWatch::kLookEvery);
  CHECK(keys->find(kRunner) == nullptr);
}
