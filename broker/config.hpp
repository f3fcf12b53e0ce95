#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "aggregator/config.hpp"
#include "http/config.hpp"
#include "schema/error.hpp"
#include "store/config.hpp"

namespace weir::broker {

// Where runners send to. Beyond a high-water mark ZeroMQ holds the runner back.
struct IngestConfig {
  std::vector<std::string> endpoints{"tcp://127.0.0.1:7071"};
  int rcvhwm = 200;                                     // frames queued per connection
  std::int64_t max_msg_bytes = std::int64_t{64} << 20;  // larger: the connection is dropped
  std::chrono::milliseconds handshake_ivl{5'000};       // silent new connections are closed
  std::size_t frames_per_turn = 1'000;                  // in one turn
};

// Where senders of acknowledged batches connect to.
struct AckedConfig {
  std::string endpoint = "tcp://127.0.0.1:7072";
  int rcvhwm = 100;                                    // frames queued per connection
  std::size_t credit = 64;                             // batches a sender may have unacknowledged
  std::size_t max_batch_bytes = std::size_t{1} << 20;  // larger: refused, too_large
  std::size_t connections = 10'000;                    // that said hello; more: retry_later
  std::size_t senders = 100'000;                       // remembered; more: denied
  std::chrono::milliseconds idle_timeout{600'000};     // then a connection must say hello again
};

// What has to have happened before an answer is given, for each kind of ingest: see Durability.
struct JournalConfig {
  std::string acked = "disk";
  std::string http = "disk";
  std::string plain = "off";
  std::size_t segment_bytes = std::size_t{64} << 20;
  std::size_t max_bytes = std::size_t{16} << 30;     // of all segments; more: retry_later
  std::size_t queue_bytes = std::size_t{64} << 20;   // waiting for the disk; more: retry_later
  std::size_t group_bytes = std::size_t{256} << 10;  // one fdatasync for so much ...
  std::chrono::milliseconds group{5};                // ... or for what comes within this time
};

// Where live summaries are published.
struct FeedConfig {
  std::string endpoint = "tcp://127.0.0.1:7073";
  std::chrono::milliseconds tick{1'000};
  int sndhwm = 1'000;  // messages queued per subscriber; more: that subscriber misses them
  std::size_t labels_max = 50;
  std::size_t errors_max = 20;
};

// Where accepted raw messages are published again.
struct RelayConfig {
  std::string endpoint;  // empty: no relay
  int sndhwm = 10'000;   // messages queued per subscriber; more: that subscriber misses them
};

// Who may connect.
struct SecurityConfig {
  bool insecure_bind = false;  // listen beyond loopback although nobody has to authenticate
  bool curve = false;          // every ZeroMQ connection is encrypted and must have a known key
  std::filesystem::path server_key;  // empty: curve-server.key in the data folder
  std::filesystem::path clients;     // empty: curve-clients in the data folder
  std::size_t connections = 4'096;   // over all sockets; more wait; 0: no limit
};

struct LogConfig {
  std::string level = "info";  // off, error, warn, info or debug
};

// Every setting of the broker, with its default; broker/settings.hpp has their names and ranges.
// A component is given its own part, by value.
struct Config {
  IngestConfig ingest;
  AckedConfig acked;
  JournalConfig journal;
  FeedConfig feed;
  RelayConfig relay;
  http::HttpConfig http;
  store::StoreConfig store;
  aggregator::RunConfig run;
  aggregator::LabelConfig labels;
  aggregator::LimitsConfig limits;
  LogConfig log;
  SecurityConfig security;
};

// The files of [security] with their defaults filled in.
std::filesystem::path server_key_file(const Config& config);
std::filesystem::path clients_file(const Config& config);

// A setting given on the command line, for example {"feed.tick_ms", "500", "--tick-ms"}. Several
// for the same list setting add up; otherwise the last one wins.
struct Override {
  std::string setting;
  std::string value;
  std::string flag;
};

struct Sources {
  std::optional<std::string> file;                 // TOML
  std::map<std::string, std::string> environment;  // names without WEIR_ are ignored
  std::vector<Override> overrides;
};

struct LoadedConfig {
  Config config;
  // By setting, where its value came from: "file:weir.toml:3", "environment WEIR_FEED_TICK_MS" or
  // "flag --tick-ms". Settings that nobody gave are not in it.
  std::map<std::string, std::string, std::less<>> origins;
};

// Puts flags over environment over file over defaults and validates the outcome. Errors:
// invalid_setting, whose detail lists every problem of every source, one per line.
schema::Result<LoadedConfig> load_config(const Sources& sources);

// What is wrong with values that are each in range but do not go together; empty when nothing is.
std::vector<std::string> validate(const Config& config);

// The variables of this process that start with WEIR_.
std::map<std::string, std::string> weir_environment();

}  // namespace weir::broker
