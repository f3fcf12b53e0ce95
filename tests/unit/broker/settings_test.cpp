#include "broker/settings.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <string>
#include <variant>

#include <catch2/catch.hpp>

#include "broker/setting_value.hpp"

using weir::broker::Config;
using weir::broker::Setting;
using weir::broker::settings;

TEST_CASE("every setting has its own name and its own place", "[broker][settings]") {
  std::set<std::string> names;
  std::set<const void*> places;
  Config config;
  for (const Setting& setting : settings()) {
    names.insert(setting_name(setting));
    places.insert(
        std::visit([](const auto* place) -> const void* { return place; }, setting.field(config)));
    CHECK(weir::broker::find_setting(setting_name(setting)) == &setting);
  }
  CHECK(names.size() == settings().size());
  CHECK(places.size() == settings().size());
}

TEST_CASE("every setting is in a described section and says what it does", "[broker][settings]") {
  for (const Setting& setting : settings()) {
    INFO(setting_name(setting));
    const auto sections = weir::broker::sections();
    CHECK(std::any_of(sections.begin(), sections.end(), [&](const auto& section) {
      return section.name == setting.section && section.description.ends_with('.');
    }));
    CHECK(setting.description.ends_with('.'));
  }
}

TEST_CASE("every default is accepted by its own setting", "[broker][settings]") {
  for (const Setting& setting : settings()) {
    Config config;
    // As the environment would spell it: TOML's quotes and brackets removed.
    std::string text = toml_value(setting, config);
    text.erase(std::remove_if(text.begin(), text.end(),
                              [](char c) { return c == '"' || c == '[' || c == ']'; }),
               text.end());
    INFO(setting_name(setting) << " = " << text);
    CHECK(weir::broker::assign_text(setting, text, config) == std::nullopt);
  }
}

TEST_CASE("durations are the settings whose keys end in a unit of time", "[broker][settings]") {
  Config config;
  for (const Setting& setting : settings()) {
    INFO(setting_name(setting));
    const bool is_duration =
        std::holds_alternative<std::chrono::milliseconds*>(setting.field(config));
    CHECK(is_duration == (setting.key.ends_with("_s") || setting.key.ends_with("_ms")));
  }
}

TEST_CASE("environment names are in capitals after WEIR", "[broker][settings]") {
  const Setting* setting = weir::broker::find_setting("run.end_grace_s");
  REQUIRE(setting != nullptr);
  CHECK(environment_name(*setting) == "WEIR_RUN_END_GRACE_S");
}

TEST_CASE("a secret is neither printed nor repeated in a refusal", "[broker][settings]") {
  Setting secret = *weir::broker::find_setting("log.level");
  secret.secret = true;
  Config config;
  CHECK(toml_value(secret, config) == "\"***\"");
  const auto problem = weir::broker::assign_text(secret, "hunter2", config);
  REQUIRE(problem);
  CHECK(problem->find("hunter2") == std::string::npos);
  config.log.level.clear();
  CHECK(toml_value(secret, config) == "\"\"");
}

TEST_CASE("every limit can be set", "[broker][settings]") {
  const auto all = settings();
  // limits.connections is the sockets', not a run's.
  const auto limits = std::count_if(all.begin(), all.end(), [](const Setting& setting) {
    return setting.section == "limits" && setting.key != "connections";
  });
  // LimitsConfig holds nothing but numbers of one type.
  CHECK(static_cast<std::size_t>(limits) * sizeof(std::size_t) ==
        sizeof(weir::aggregator::LimitsConfig));
}
