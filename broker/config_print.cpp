#include "broker/config_print.hpp"

#include <string>
#include <string_view>

#include "broker/setting_value.hpp"
#include "broker/settings.hpp"

namespace weir::broker {
namespace {

constexpr std::string_view kExampleHead =
    R"(# Every setting of `weir serve`, with its default. Copy this file, take the # from what you
# change, and give it with --config FILE. The environment comes before the file and a flag before
# both: WEIR_FEED_TICK_MS=500, or --set feed.tick_ms=500. What is in effect, and why:
# weir serve --config FILE --print-config
)";

}  // namespace

std::string print_config(const LoadedConfig& loaded) {
  std::string out;
  for (const Section& section : sections()) {
    out += (out.empty() ? "[" : "\n[") + std::string{section.name} + "]\n";
    for (const Setting& setting : settings()) {
      if (setting.section != section.name) continue;
      const auto origin = loaded.origins.find(setting_name(setting));
      out += std::string{setting.key} + " = " + toml_value(setting, loaded.config) + "  # " +
             (origin == loaded.origins.end() ? "default" : origin->second) + "\n";
    }
  }
  return out;
}

std::string example_config() {
  const Config defaults;
  std::string out{kExampleHead};
  for (const Section& section : sections()) {
    out += "\n# " + std::string{section.description} + "\n";
    out += "[" + std::string{section.name} + "]\n";
    for (const Setting& setting : settings()) {
      if (setting.section != section.name) continue;
      out += "# " + std::string{setting.description} + "\n";
      out += "#   " + accepted(setting) + "\n";
      out += "# " + std::string{setting.key} + " = " + toml_value(setting, defaults) + "\n";
    }
  }
  return out;
}

}  // namespace weir::broker
