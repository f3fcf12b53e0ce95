#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <future>
#include <iostream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "runners/cpp/acked_client.hpp"
#include "runners/cpp/http_load.hpp"
#include "schema/duration.hpp"
#include "schema/time.hpp"
#include "tools/command.hpp"
#include "tools/complaint.hpp"
#include "tools/feed_options.hpp"
#include "tools/ingest_options.hpp"
#include "tools/key_options.hpp"
#include "tools/progress_line.hpp"
#include "tools/run_text.hpp"
#include "tools/stop_signals.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {
namespace {

using runners::HttpLoad;
using runners::HttpLoadOptions;
using runners::HttpLoadResult;

constexpr std::size_t kBodyBytes = std::size_t{16} << 20;

struct Options {
  HttpLoadOptions load;
  std::string duration, ramp, timeout = "30s";
  std::string body;
  std::vector<std::string> tags;
  bool quiet = false;
};

int complain(const std::string& why, int code) {
  tools::complain("run", why);
  return code;
}

// weir-run-20261121T200012Z-3f9a: readable, sorted by time, and of a test started in the same
// second only one in 65,536 gets the same.
std::string fresh_run_id() {
  const auto now = std::chrono::time_point_cast<schema::Elapsed>(std::chrono::system_clock::now());
  std::string time;
  for (const char c : schema::format_time(now).substr(0, 19)) {
    if (c != '-' && c != ':') time += c;
  }
  std::random_device random;
  std::string suffix;
  for (int i = 0; i < 4; ++i) suffix += "0123456789abcdef"[random() % 16];
  return "weir-run-" + time + "Z-" + suffix;
}

schema::Result<std::string> read_body(const std::string& text) {
  if (!text.starts_with('@')) return text;
  const std::string path = text.substr(1);
  std::ifstream file{path, std::ios::binary};
  std::string body(kBodyBytes + 1, '\0');
  if (!file || !(file.read(body.data(), static_cast<std::streamsize>(body.size())) || file.eof())) {
    return schema::fail(schema::ErrorCode::io, path + ": cannot be read");
  }
  if (file.gcount() > static_cast<std::streamsize>(kBodyBytes)) {
    return schema::fail(schema::ErrorCode::too_large, path + ": more than 16 MiB");
  }
  body.resize(static_cast<std::size_t>(file.gcount()));
  return body;
}

// The option texts into values; each has been checked where it stands alone.
schema::Result<HttpLoadOptions> to_load(const Options& options) {
  HttpLoadOptions load = options.load;
  if (!options.duration.empty()) load.duration = *schema::parse_duration(options.duration);
  if (!load.duration && load.hits == 0) load.duration = std::chrono::seconds{10};
  if (load.duration && load.duration->count() == 0) {
    return schema::fail(schema::ErrorCode::invalid_setting, "the duration must be more than 0s");
  }
  if (!options.ramp.empty()) load.ramp = *schema::parse_duration(options.ramp);
  load.request.timeout =
      std::chrono::ceil<std::chrono::milliseconds>(*schema::parse_duration(options.timeout));
  if (load.request.has_body) {
    schema::Result<std::string> body = read_body(options.body);
    if (!body) return tl::unexpected(body.error());
    load.request.body = *std::move(body);
  }
  schema::Result<runners::HttpRequest> request = runners::complete(load.request);
  if (!request) return tl::unexpected(request.error());
  load.request = *std::move(request);
  for (const std::string& tag : options.tags) {
    load.tags.emplace_back(tag.substr(0, tag.find('=')), tag.substr(tag.find('=') + 1));
  }
  if (load.acked) load.client.to = runners::complete_acked_endpoint(load.client.to);
  load.client = runners::complete(load.client);
  if (load.client.run_id.empty()) load.client.run_id = fresh_run_id();
  load.scenario = load_text(load);
  return load;
}

// Waits for the end of the load in this thread, which shows where it stands and takes signals: the
// first asks it to stop, the second ends the program.
HttpLoadResult watch(HttpLoad& load, StopSignals& signals, bool quiet) {
  std::future<HttpLoadResult> result =
      std::async(std::launch::async, [&load] { return load.run(); });
  ProgressLine progress{quiet};
  bool asked = false;
  while (result.wait_for(std::chrono::milliseconds{50}) != std::future_status::ready) {
    while (const auto signal = signals.take()) {
      if (asked) std::_Exit(128 + *signal);
      asked = true;
      load.stop();
    }
    if (progress.due()) progress.show(progress_text(load.progress()));
  }
  return result.get();
}

int run_load(const Options& options) {
  schema::Result<HttpLoadOptions> load_options = to_load(options);
  if (!load_options) return complain(load_options.error().detail, kUsage);
  StopSignals signals;  // before the threads
  HttpLoad load{*load_options};
  const runners::ClientOptions& client = load_options->client;
  if (!options.quiet) {
    std::cerr << "run " << client.run_id << ": " << load_options->scenario << ", reported to "
              << printable(client.to) << '\n';
  }
  const HttpLoadResult result = watch(load, signals, options.quiet);
  std::cout << summary_text(*load_options, result);
  const std::string trouble = reporting_trouble(result.report, client.to);
  if (result.report.messages.sent > 0) {
    std::cout << "next      weir report " << client.run_id << " --wait\n";
  }
  std::cout << std::flush;
  const bool any_success = result.figures.hits() > result.figures.failed;
  int code = kOk;
  if (!trouble.empty()) code = complain(trouble, kFailed);
  if (!any_success && !result.stopped) code = complain("no request succeeded", kFailed);
  return result.stopped ? kAborted : code;
}

std::string check_tag(const std::string& tag) {
  const std::size_t key = tag.find('=');
  return key == 0 || key == std::string::npos ? "'" + tag + "' is not KEY=VALUE" : "";
}

void add_load_options(CLI::App& command, Options& options) {
  HttpLoadOptions& load = options.load;
  command.add_option("URL", load.request.url, "what to load, http or https")
      ->required()
      ->type_name("");
  command.add_option("-c,--users", load.users, "users at the same time, each with a connection")
      ->type_name("N")
      ->capture_default_str()
      ->check(CLI::Range(std::uint32_t{1}, HttpLoadOptions::kUsersMax));
  command.add_option("-d,--duration", options.duration, "how long to load; 10s unless -n is given")
      ->type_name("DURATION")
      ->check(check_duration);
  command.add_option("-n,--hits", load.hits, "end after this many requests")
      ->type_name("HITS")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}));
  command
      .add_option("-R,--rate", load.rate_per_s,
                  "requests per second in all, due whether or not earlier ones were answered;\n"
                  "times then count from when a request was due")
      ->type_name("R")
      ->check(CLI::Range(0.001, HttpLoadOptions::kRateMax));
  command.add_option("--ramp", options.ramp, "let the users, or the rate, grow during this time")
      ->type_name("DURATION")
      ->check(check_duration);
}

void add_request_options(CLI::App& command, Options& options) {
  runners::HttpRequest& request = options.load.request;
  command.add_option("-X,--method", request.method, "default GET, or POST with --data")
      ->type_name("METHOD");
  command.add_option("-H,--header", request.headers, "'Name: value'; may be repeated")
      ->type_name("H")
      ->allow_extra_args(false);
  command
      .add_option_function<std::string>(
          "--data",
          [&options](const std::string& text) {
            options.body = text;
            options.load.request.has_body = true;
          },
          "body of each request, @FILE reads a file; a form unless -H 'Content-Type: ...'")
      ->type_name("BODY");
  command.add_option("--timeout", options.timeout, "for one request; then it has failed")
      ->type_name("DURATION")
      ->capture_default_str()
      ->check(check_duration);
  command.add_flag("-k,--insecure", request.insecure, "do not check the server's certificate");
  command.add_option("--proxy", request.proxy, "proxy to use; those in the environment are not")
      ->type_name("URL");
}

void add_report_options(CLI::App& command, Options& options) {
  HttpLoadOptions& load = options.load;
  add_to_option(command, load.client.to);
  add_key_options(command, load.client.curve);
  command.add_flag("--acked", load.acked,
                   "report to the broker's acked endpoint (default WEIR_ACKED, else\n"
                   "tcp://127.0.0.1:7072), and again until it has everything on disk");
  command.add_option("--run-id", load.client.run_id, "default LOADS_RUN_ID, else a fresh one")
      ->type_name("ID")
      ->check(check_id);
  command.add_option("--name", load.name, "name of the run; default the method and URL")
      ->type_name("TEXT");
  command.add_option("--project", load.project, "project of the run")->type_name("TEXT");
  command.add_option("--label", load.label, "label of the hits; default made from the URL")
      ->type_name("TEXT");
  command.add_option("--tag", options.tags, "KEY=VALUE kept with the run; may be repeated")
      ->type_name("TAG")
      ->allow_extra_args(false)
      ->check(check_tag);
  command.add_flag("-q,--quiet", options.quiet, "only the summary");
}

}  // namespace

Run add_run(CLI::App& command) {
  auto options = std::make_shared<Options>();
  add_load_options(command, *options);
  add_request_options(command, *options);
  add_report_options(command, *options);
  command.footer(
      "A request fails without an answer, or with a status outside 200 to 399; redirects are not\n"
      "followed. Hits wait for a slow broker in a queue of 100,000; those that do not fit are\n"
      "counted, and never slow the load down. Exit 1 if no request succeeded or not everything\n"
      "could be reported; 97 if it was stopped by Ctrl-C, with what it did until then reported.\n"
      "Example:\n  weir run http://127.0.0.1:8080/ -c 20 -d 30s --ramp 5s\n"
      "  weir run http://127.0.0.1:8080/login -R 100 -d 1m -X POST --data '{\"user\":\"a\"}' \\\n"
      "    -H 'Content-Type: application/json' --name nightly");
  return [options] { return run_load(*options); };
}

}  // namespace weir::tools
