#include "aggregator/label_table.hpp"

#include <map>
#include <string>

#include <catch2/catch.hpp>

#include "aggregator/label_template.hpp"
#include "schema/ids.hpp"
#include "tests/support/run_messages.hpp"

namespace weir::aggregator {
namespace {

HitTexts texts_of(const schema::AddHit& hit) { return {hit.method, hit.url, hit.label}; }
HitTexts hit(std::string_view url) { return texts_of(test::hit(url)); }
HitTexts labelled(std::string_view label, std::string_view method = "GET") {
  return texts_of(test::labelled(label, method));
}

HitTexts with_method(HitTexts made, std::string_view method) {
  made.method = method;
  return made;
}

TEST_CASE("hits of one method and template have one label", "[aggregator][label_table]") {
  LabelTable table{{}, {}};
  CHECK(table.find(hit("http://h/items/1?a=b")) == 1);
  CHECK(table.find(hit("http://h/items/2")) == 1);
  CHECK(table.find(hit("http://h/items")) == 2);
  CHECK(table.find(with_method(hit("http://h/items/1"), "POST")) == 3);
  CHECK(table.find(hit("http://h/items/1?a=b")) == 1);
  CHECK(table.size() == 3);
  CHECK(table.urls_distinct() == 4);
  const LabelName& name = table.name(1);
  CHECK(name.text == "GET http://h/items/{id}");
  CHECK(name.name.empty());
  CHECK(name.method == "GET");
  CHECK(name.url == "http://h/items/{id}");
}

TEST_CASE("templating can be switched off", "[aggregator][label_table]") {
  LabelTable table{{}, {.templating = false}};
  CHECK(table.find(hit("http://h/items/1?a=b")) == 1);
  CHECK(table.find(hit("http://h/items/2")) == 2);
  CHECK(table.name(1).text == "GET http://h/items/1");
}

TEST_CASE("a label without a method is found again", "[aggregator][label_table]") {
  LabelTable table{{}, {}};
  HitTexts made;
  made.label = "log in";
  for (int i = 0; i < 3; ++i) CHECK(table.find(made) == 1);
  made.method = "GET";
  CHECK(table.find(made) == 1);
  CHECK(table.methods() == MethodCounts{{"GET", 1}});
}

TEST_CASE("a given label is the label", "[aggregator][label_table]") {
  LabelTable table{{}, {}};
  HitTexts first = labelled("log in", "POST");
  first.url = "http://h/sessions/17";
  CHECK(table.find(first) == 1);
  first.url = "http://other/";
  first.method = "GET";
  CHECK(table.find(first) == 1);
  CHECK(table.name(1).text == "log in");
  CHECK(table.name(1).name == "log in");
  CHECK(table.name(1).method == "POST");
  CHECK(table.name(1).url == "http://h/sessions/{id}");
  CHECK(table.urls_distinct() == 0);
}

TEST_CASE("a given label that reads like a URL is not taken for one", "[aggregator][label_table]") {
  LabelTable table{{}, {}};
  CHECK(table.find(labelled("http://h/items/7", "")) == 1);
  CHECK(table.find(with_method(hit("http://h/items/7"), "")) == 2);
  CHECK(table.find(labelled("http://h/items/7", "")) == 1);
  CHECK(table.name(1).text == "http://h/items/7");
  CHECK(table.name(2).text == "http://h/items/{id}");
}

TEST_CASE("beyond the limit of labels the URL becomes (other) and the method stays",
          "[aggregator][label_table]") {
  LabelTable table{{.labels_per_run = 3}, {}};
  for (const char* url : {"http://h/a", "http://h/b", "http://h/c"}) table.find(hit(url));
  const std::uint32_t get = table.find(hit("http://h/d"));
  const std::uint32_t post = table.find(with_method(hit("http://h/d"), "POST"));
  CHECK(table.find(hit("http://h/e")) == get);
  CHECK(table.find(with_method(hit("http://h/a"), "POST")) == post);
  CHECK(table.find(hit("http://h/b")) == 2);
  CHECK(table.size() == 5);
  CHECK(table.name(get).text == "GET (other)");
  CHECK(table.name(get).url == "(other)");
  CHECK(table.name(post).text == "POST (other)");
  CHECK(table.name(post).method == "POST");
}

TEST_CASE("beyond the limit of labels hits that give one keep their own method",
          "[aggregator][label_table]") {
  LabelTable table{{.labels_per_run = 1}, {}};
  table.find(hit("http://h/a"));
  const std::uint32_t get = table.find(labelled("log in", "GET"));
  const std::uint32_t post = table.find(labelled("log in", "POST"));
  const std::uint32_t none = table.find(labelled("log in", ""));
  CHECK(table.name(get).text == "GET (other)");
  CHECK(table.name(get).name.empty());
  CHECK(table.name(post).text == "POST (other)");
  CHECK(table.name(none).text == "(other)");
  CHECK(table.find(labelled("log out", "POST")) == post);
}

TEST_CASE("beyond the limit of methods the method becomes (other)", "[aggregator][label_table]") {
  LabelTable table{{.labels_per_run = 4, .methods_per_run = 2}, {}};
  table.find(with_method(hit("http://h/a"), "GET"));
  table.find(with_method(hit("http://h/a"), "POST"));
  CHECK(table.name(table.find(with_method(hit("http://h/a"), "PUT"))).text == "(other) http://h/a");
  CHECK(table.find(with_method(hit("http://h/a"), "DELETE")) == 3);
  for (int i = 0; i < 100; ++i) {
    const std::string text = std::to_string(i);
    table.find(with_method(hit("http://h/" + std::string(static_cast<std::size_t>(i), 'x')), text));
  }
  // 4 labels and one (other) for each of GET, POST, (other) and no method at most.
  CHECK(table.size() <= 4 + 4);
}

TEST_CASE("a full cache of URLs only costs time", "[aggregator][label_table]") {
  for (const std::size_t cache : {std::size_t{0}, std::size_t{1}, std::size_t{7}}) {
    LabelTable small{{.url_cache_per_run = cache}, {}};
    LabelTable large{{}, {}};
    for (int i = 0; i < 2'000; ++i) {
      const std::string url = "http://h/" + std::string(1, static_cast<char>('a' + i * 7 % 20)) +
                              "/" + std::to_string(i % 50);
      REQUIRE(small.find(hit(url)) == large.find(hit(url)));
    }
    CHECK(small.size() == 20);
    CHECK(small.urls_distinct() == large.urls_distinct());
  }
}

TEST_CASE("texts are cut at the limit and never inside a character", "[aggregator][label_table]") {
  LabelTable table{{.text_bytes = 20}, {}};
  const std::string given = "a" + std::string(5, 'b') + "\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac";
  const std::uint32_t label = table.find(labelled(given));
  CHECK(table.name(label).text == "abbbbb\u20ac\u20ac\u20ac\u20ac");
  const std::string url = "http://h/\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac\u20ac";
  const LabelName& long_url = table.name(table.find(hit(url)));
  CHECK(long_url.url == "http://h/\u20ac\u20ac\u20ac");
  CHECK(long_url.text.size() <= 20);
  CHECK(schema::is_utf8(long_url.text));
  const LabelName& long_method =
      table.name(table.find(with_method(hit("/"), std::string(99, 'M'))));
  CHECK(long_method.method == std::string(20, 'M'));
  CHECK(long_method.text.size() <= 20);
}

TEST_CASE("URLs that differ after the limit of texts share a label but are counted apart",
          "[aggregator][label_table]") {
  LabelTable table{{.text_bytes = 16}, {}};
  const std::string url = "http://h/" + std::string(100, 'x');
  const std::uint32_t label = table.find(hit(url + "a"));
  CHECK(table.find(hit(url + "b")) == label);
  CHECK(table.find(hit(url + "a")) == label);
  CHECK(table.urls_distinct() == 2);
}

TEST_CASE("labels are numbered from 1 without a gap in the order of their first hits",
          "[aggregator][label_table]") {
  LabelTable table{{}, {}};
  std::map<std::string, std::uint32_t> expected;
  for (int i = 0; i < 3'000; ++i) {
    std::string path = "x";
    for (int rest = i * 37 % 500; rest > 0; rest /= 7) path += static_cast<char>('a' + rest % 7);
    const std::string url = "http://h/" + path;
    const auto number = static_cast<std::uint32_t>(expected.size() + 1);
    const auto [known, fresh] = expected.emplace("GET " + label_url(url, true), number);
    REQUIRE(table.find(hit(url)) == known->second);
  }
  CHECK(table.size() == expected.size());
  for (const auto& [text, number] : expected) CHECK(table.name(number).text == text);
}

// Gives back to load() what a test put in.
struct Given {
  std::string texts;
  std::vector<std::uint32_t> numbers;
  MethodCounts methods;

  void operator()(std::string& to_texts, std::vector<std::uint32_t>& to_numbers,
                  MethodCounts& to_methods, DistinctEstimate&) const {
    to_texts = texts;
    to_numbers = numbers;
    to_methods = methods;
  }
};

TEST_CASE("saved names that do not fit together are refused", "[aggregator][label_table]") {
  const MethodCounts get{{"GET", 1}};
  const auto load = [](const Given& given) {
    LabelTable table{{}, {}};
    table.load(given);
    return table.name(1).text;
  };
  CHECK(load({"/anamed", {2, 0, 1, 0, 5, 0}, get}) == "GET /a");
  CHECK_THROWS_WITH(load({"/a", {3, 0, 1}, get}), "a label is cut short");
  CHECK_THROWS_WITH(load({"/a", {2, 1, 1}, get}), "a label is cut short");
  CHECK_THROWS_WITH(load({"/a", {2, 0, 2}, get}), "a label has an unknown method");
  CHECK_THROWS_WITH(load({"/ab", {2, 0, 1}, get}), "bytes after the last label");
  CHECK_THROWS_WITH(load({"/a", {2, 0, 1, 0}, get}), "bytes after the last label");
}

}  // namespace
}  // namespace weir::aggregator
