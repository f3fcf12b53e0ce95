#include "broker/config.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "broker/endpoint.hpp"
#include "broker/nearest.hpp"
#include "broker/setting_value.hpp"
#include "broker/settings.hpp"
#include "broker/toml_file.hpp"

namespace weir::broker {
namespace {

constexpr std::string_view kVariablePrefix = "WEIR_";

// Applies one source after the other and keeps what was wrong with each.
class Loader {
 public:
  void apply_file(const std::string& path) {
    const auto file = read_toml_file(path);
    if (!file) {
      problems_.push_back(file.error().detail);
      return;
    }
    for (const FileSetting& given : *file) {
      const std::string place = path + ":" + std::to_string(given.line);
      const Setting* setting = find_setting(given.name);
      if (setting == nullptr) {
        problems_.push_back(place + ": " + unknown_setting(given.name));
      } else {
        note(*setting, assign(*setting, given.value, loaded_.config), "file:" + place,
             place + ": " + given.name);
      }
    }
  }

  void apply_environment(const std::map<std::string, std::string>& environment) {
    std::map<std::string, const Setting*> known;
    for (const Setting& setting : settings()) known[environment_name(setting)] = &setting;
    for (const auto& [name, text] : environment) {
      const auto found = known.find(name);
      if (found != known.end()) {
        note(*found->second, assign_text(*found->second, text, loaded_.config),
             "environment " + name, name);
      } else if (names_a_section(name)) {
        problems_.push_back(unknown_variable(name));
      }
    }
  }

  void apply_overrides(const std::vector<Override>& overrides) {
    std::map<std::string, std::string> lists;
    for (const Override& given : overrides) {
      const Setting* setting = find_setting(given.setting);
      if (setting == nullptr) {
        problems_.push_back(given.flag + ": " + unknown_setting(given.setting));
        continue;
      }
      std::string text = given.value;
      if (is_list(*setting)) {
        std::string& all = lists[given.setting];
        all += (all.empty() ? "" : ",") + given.value;
        text = all;
      }
      note(*setting, assign_text(*setting, text, loaded_.config), "flag " + given.flag, given.flag);
    }
  }

  schema::Result<LoadedConfig> finish() {
    for (std::string& problem : validate(loaded_.config)) problems_.push_back(std::move(problem));
    if (problems_.empty()) return std::move(loaded_);
    std::string all;
    for (const std::string& problem : problems_) {
      if (!all.empty()) all += '\n';
      all += problem;
    }
    return schema::fail(schema::ErrorCode::invalid_setting, all);
  }

 private:
  // A section mistyped counts too, so that no setting is silently left at its default.
  static bool names_a_section(std::string_view variable) {
    if (!variable.starts_with(kVariablePrefix)) return false;
    variable.remove_prefix(kVariablePrefix.size());
    const std::size_t end = variable.find('_');
    if (end == std::string_view::npos) return false;
    std::vector<std::string> sections;
    for (const Setting& setting : settings()) {
      const std::string name = environment_name(setting).substr(kVariablePrefix.size());
      sections.push_back(name.substr(0, name.size() - setting.key.size() - 1));
    }
    return nearest_name(variable.substr(0, end), sections).has_value();
  }

  void note(const Setting& setting, const std::optional<std::string>& problem, std::string origin,
            const std::string& giver) {
    if (problem) {
      problems_.push_back(giver + " " + *problem);
    } else {
      loaded_.origins[setting_name(setting)] = std::move(origin);
    }
  }

  LoadedConfig loaded_;
  std::vector<std::string> problems_;
};

// The endpoints that will be bound, with the setting that asks for each.
std::vector<std::pair<std::string, std::string>> listeners(const Config& config) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const std::string& endpoint : config.ingest.endpoints) {
    all.emplace_back("ingest.endpoints", endpoint);
  }
  if (!config.acked.endpoint.empty()) all.emplace_back("acked.endpoint", config.acked.endpoint);
  all.emplace_back("feed.endpoint", config.feed.endpoint);
  if (!config.relay.endpoint.empty()) all.emplace_back("relay.endpoint", config.relay.endpoint);
  return all;
}

void check_http(const Config& config, std::vector<std::string>& problems) {
  const http::HttpConfig& http = config.http;
  if (http.tls_cert.empty() != http.tls_key.empty()) {
    problems.emplace_back("http.tls_cert and http.tls_key: give both, or none");
  }
  if (2 * http.body_bytes > config.journal.queue_bytes) {
    problems.push_back("http.body_bytes: must be at most half of journal.queue_bytes (" +
                       std::to_string(config.journal.queue_bytes) + "), not " +
                       std::to_string(http.body_bytes));
  }
}

bool picks_a_port(std::string_view endpoint) {
  return endpoint.ends_with(":*") || endpoint.ends_with(":0");
}

}  // namespace

schema::Result<LoadedConfig> load_config(const Sources& sources) {
  Loader loader;
  if (sources.file) loader.apply_file(*sources.file);
  loader.apply_environment(sources.environment);
  loader.apply_overrides(sources.overrides);
  return loader.finish();
}

std::filesystem::path server_key_file(const Config& config) {
  return config.security.server_key.empty() ? store::data_folder(config.store) / "curve-server.key"
                                            : config.security.server_key;
}

std::filesystem::path clients_file(const Config& config) {
  return config.security.clients.empty() ? store::data_folder(config.store) / "curve-clients"
                                         : config.security.clients;
}

std::vector<std::string> validate(const Config& config) {
  std::vector<std::string> problems;
  std::map<std::string, std::string> taken;
  for (const auto& [setting, endpoint] : listeners(config)) {
    const std::string at = std::string{setting}.append(": ").append(endpoint);
    if (!config.security.insecure_bind && !config.security.curve &&
        !is_loopback_endpoint(endpoint)) {
      problems.push_back(at +
                         " can be reached from other machines and nobody has to authenticate; "
                         "listen on tcp://127.0.0.1, set security.curve (weir keygen makes the "
                         "keys), or give --insecure-bind if you trust everyone on that network");
    }
    const auto [first, is_new] = taken.emplace(endpoint, setting);
    if (!is_new && !picks_a_port(endpoint)) {
      problems.push_back(at + " is already taken by " + first->second);
    }
  }
  if (config.ingest.max_msg_bytes < static_cast<std::int64_t>(config.limits.frame_bytes)) {
    problems.push_back("ingest.max_msg_bytes: must be at least limits.frame_bytes (" +
                       std::to_string(config.limits.frame_bytes) + "), not " +
                       std::to_string(config.ingest.max_msg_bytes));
  }
  if (config.acked.max_batch_bytes > config.limits.frame_bytes) {
    problems.push_back("acked.max_batch_bytes: must be at most limits.frame_bytes (" +
                       std::to_string(config.limits.frame_bytes) + "), not " +
                       std::to_string(config.acked.max_batch_bytes));
  }
  if (config.journal.queue_bytes < 2 * config.acked.max_batch_bytes) {
    problems.push_back("journal.queue_bytes: must be at least twice acked.max_batch_bytes, not " +
                       std::to_string(config.journal.queue_bytes));
  }
  if (config.journal.max_bytes < 2 * config.journal.segment_bytes) {
    problems.push_back("journal.max_bytes: must be at least twice journal.segment_bytes, not " +
                       std::to_string(config.journal.max_bytes));
  }
  check_http(config, problems);
  return problems;
}

std::map<std::string, std::string> weir_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view variable{*entry};
    const auto equals = variable.find('=');
    if (!variable.starts_with(kVariablePrefix) || equals == std::string_view::npos) continue;
    variables.emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
  return variables;
}

}  // namespace weir::broker
