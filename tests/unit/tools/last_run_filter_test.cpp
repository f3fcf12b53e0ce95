#include "tools/last_run_filter.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "schema/summary_json.hpp"

namespace weir::tools {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr LastRunFilter::Now kNow{std::chrono::hours{1}};
constexpr LastRunFilter::Now kLater = kNow + LastRunFilter::kSettle;

FeedMessage summary(const std::string& run_id, int start) {
  schema::Summary out;
  out.run_id = run_id;
  out.seq = 1;
  out.elapsed_s = 5;
  out.time = *schema::parse_time("2026-11-21T20:00:00Z") + seconds{start + 5};
  return {"summary/" + run_id + "/", schema::summary_to_json(out)};
}

std::vector<std::string> topics(const std::vector<FeedMessage>& messages) {
  std::vector<std::string> out;
  for (const FeedMessage& message : messages) out.push_back(message.topic);
  return out;
}

using Topics = std::vector<std::string>;

}  // namespace

TEST_CASE("messages are held until the last run is known", "[tools][last_run_filter]") {
  LastRunFilter filter;
  CHECK_FALSE(filter.due());
  CHECK(filter.pass(summary("old", 0), kNow).empty());
  CHECK(filter.pass(summary("new", 60), kNow + milliseconds{1}).empty());
  CHECK(filter.pass({"run/new/", "{}"}, kNow + milliseconds{2}).empty());
  CHECK(filter.due() == kLater);
  CHECK(filter.release(kLater - milliseconds{1}).empty());
  CHECK(topics(filter.release(kLater)) == Topics{"summary/new/", "run/new/"});
  CHECK_FALSE(filter.due());
  CHECK(filter.release(kLater).empty());
}

TEST_CASE("afterwards only the last run passes, at once", "[tools][last_run_filter]") {
  LastRunFilter filter;
  CHECK(filter.pass(summary("a", 10), kNow).empty());
  CHECK(topics(filter.pass(summary("a", 10), kLater)) == Topics{"summary/a/", "summary/a/"});
  CHECK(filter.pass(summary("older", 0), kLater).empty());
  CHECK(filter.pass({"run/older/", "{}"}, kLater).empty());
  CHECK(topics(filter.pass({"run/a/", "{}"}, kLater)) == Topics{"run/a/"});
}

TEST_CASE("a run that starts later takes over", "[tools][last_run_filter]") {
  LastRunFilter filter;
  CHECK(filter.pass(summary("a", 10), kNow).empty());
  CHECK(topics(filter.pass(summary("b", 20), kLater)) == Topics{"summary/b/"});
  CHECK(filter.pass(summary("a", 10), kLater).empty());
  CHECK(topics(filter.pass(summary("b", 20), kLater)) == Topics{"summary/b/"});
}

TEST_CASE("summaries that cannot be read do not pass", "[tools][last_run_filter]") {
  LastRunFilter filter;
  CHECK(filter.pass({"summary/x/", "{"}, kNow).empty());
  CHECK(filter.release(kLater).empty());
}

}  // namespace weir::tools
