#include "aggregator/hit_group.hpp"

#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "aggregator/run_registry.hpp"
#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

using test::hit;
using test::kNoon;
using test::message;

// A registry that gets hits as the broker's decoder gives them: their texts are gone afterwards.
struct Fed {
  RunRegistry registry{{}, 1};

  Applied send(std::string url, std::string_view run_id = "a", std::string_view error = {}) {
    schema::AddHit made = hit(url, 1'000, error.empty() ? 200 : 500);
    made.error = error;
    schema::Message sent = message(made, "w");
    sent.envelope.run_id = run_id;
    const auto taken = registry.apply(sent, kNoon);
    REQUIRE(taken);
    url.assign(url.size(), '#');
    return taken->applied;
  }
  // Of each label, in the order of their numbers.
  std::vector<std::pair<std::string, std::uint64_t>> hits(std::int64_t run = 1) {
    std::vector<std::pair<std::string, std::uint64_t>> found;
    const Run& of = registry.runs().at(run);
    for (std::uint32_t label = 1; label <= of.labels().size(); ++label) {
      found.emplace_back(of.labels().name(label).url,
                         of.label_figures()[label - 1].windows.count());
    }
    return found;
  }
};

TEST_CASE("hits that wait are in every figure once somebody looks", "[aggregator][hit_group]") {
  Fed fed;
  for (const char* url : {"/a", "/b", "/a", "/c", "/a"}) fed.send(url);
  CHECK(fed.hits() == decltype(fed.hits()){{"/a", 3}, {"/b", 1}, {"/c", 1}});
  CHECK(fed.registry.runs().at(1).seconds().count() == 5);
  CHECK(fed.registry.runs().at(1).methods() == MethodCounts{{"GET", 5}});
}

TEST_CASE("hits of two runs wait together and are kept apart", "[aggregator][hit_group]") {
  Fed fed;
  for (int i = 0; i < 50; ++i) {
    fed.send("/a", "a");
    fed.send("/b", "b");
  }
  CHECK(fed.hits(1) == decltype(fed.hits()){{"/a", 50}});
  CHECK(fed.hits(2) == decltype(fed.hits()){{"/b", 50}});
}

TEST_CASE("labels have the numbers of their order, however long their texts are",
          "[aggregator][hit_group]") {
  Fed fed;
  // Some fill the room of a group before there are enough of them, some are longer than all of it;
  // those of more than text_bytes are cut, and are one label.
  const std::vector<std::pair<std::size_t, std::uint32_t>> labels_by_size{
      {10, 1}, {1'500, 2}, {1'000, 3}, {9'000, 2}, {20, 4}, {4'080, 2}, {4'096, 2}, {30, 5}};
  for (const bool at_once : {true, false}) {
    for (const auto& [size, label] : labels_by_size) {
      const Applied applied = fed.send("/" + std::string(size, 'x'));
      if (at_once) CHECK(applied.find_label() == label);
    }
  }
  std::vector<std::uint64_t> counts;
  for (const auto& [url, count] : fed.hits()) counts.push_back(count);
  CHECK(counts == std::vector<std::uint64_t>{2, 8, 2, 2, 2});
}

TEST_CASE("a hit's label is its own while others wait", "[aggregator][hit_group]") {
  Fed fed;
  for (const char* url : {"/a", "/b", "/c"}) fed.send(url);
  CHECK(fed.send("/b").find_label() == 2);
  fed.send("/c");
  CHECK(fed.send("/d").find_label() == 4);
}

TEST_CASE("an error knows the label of the hit that brought it first", "[aggregator][hit_group]") {
  Fed fed;
  for (const char* url : {"/a", "/b", "/c"}) fed.send(url);
  fed.send("/b", "a", "boom");
  fed.send("/c", "a", "boom");
  const auto& groups = fed.registry.runs().at(1).errors().groups();
  REQUIRE(groups.size() == 1);
  CHECK(groups.begin()->second.label == 2);
  CHECK(groups.begin()->second.count == 2);
}

}  // namespace
}  // namespace weir::aggregator
