#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <nlohmann/json.hpp>

#include "http/application.hpp"
#include "http/inflate.hpp"
#include "http/routes.hpp"
#include "store/run_writer.hpp"

// The input is what a client sends: one request. Whatever it is: no crash, and an answer whose
// status and body are of the API.

using namespace weir;

namespace {

void must(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

// Carries out every order at once; what becomes of it depends on the input.
class AnyOutcome : public http::Submitter {
 public:
  bool submit(http::Order order, std::function<void(http::Outcome)> done) override {
    if (next % 7 == 6) return false;
    http::Outcome outcome;
    outcome.verdict = static_cast<http::Outcome::Verdict>(next % 5);
    if (const auto* messages = std::get_if<http::Messages>(&order)) {
      outcome.accepted = messages->body.size() % 3;
      outcome.rejected = messages->body.size() % 2;
    }
    done(std::move(outcome));
    return true;
  }
  std::uint8_t next = 0;
};

class OneToken : public http::TokenSource {
 public:
  bool required() override { return needed; }
  std::optional<schema::Grant> find(std::string_view token) override {
    if (token != "t") return std::nullopt;
    return schema::Grant{"t", schema::Role::viewer};
  }
  bool needed = false;
};

std::filesystem::path results_file() {
  std::string folder = (std::filesystem::temp_directory_path() / "weir-fuzz-XXXXXX").string();
  must(mkdtemp(folder.data()) != nullptr, "a folder");
  store::StoreConfig config;
  config.db = std::filesystem::path{folder} / "weir.db";
  auto writer = store::RunWriter::open(config, "1");
  must(writer.has_value(), "a results file");
  schema::StoreBatch batch;
  schema::RunRecord& run = batch.runs.emplace_back();
  run.run = 1;
  run.run_id = "r";
  run.figures.elapsed.record(12'000);
  schema::LabelRecord& label = batch.labels.emplace_back();
  label.run = label.label = 1;
  label.text = "GET /";
  label.figures = run.figures;
  for (int second = 0; second < 30; ++second) {
    schema::IntervalRecord& interval = batch.intervals.emplace_back();
    interval.run = 1;
    interval.start = schema::Timestamp{std::chrono::seconds{1'800'000'000 + second}};
    interval.length = std::chrono::seconds{1};
    interval.figures = run.figures;
  }
  must(writer->write(batch).has_value(), "a run");
  return config.db;
}

struct Site {
  http::HttpConfig config;
  AnyOutcome orders;
  OneToken tokens;
  http::LiveBoard live;
  http::Sessions sessions;
  http::Readers readers{results_file()};
  http::Services services{
      config,
      "1",
      std::chrono::milliseconds{1'000},
      orders,
      live,
      readers,
      sessions,
      tokens,
      [](const store::RunReport&) { return std::string{"report"}; },
      {},
      [](std::string_view, std::string_view what) { must(false, std::string{what}.c_str()); }};
  http::Application application{services, http::routes(services)};
};

using Parser = boost::beast::http::request_parser<boost::beast::http::string_body>;

http::Request request_of(const Parser::value_type& message) {
  http::Request request;
  const std::string_view method = message.method_string();
  request.method = http::Method::other;
  for (int i = 0; i <= static_cast<int>(http::Method::other); ++i) {
    const auto known = static_cast<http::Method>(i);
    if (to_string(known) == method) request.method = known;
  }
  request.target = message.target();
  for (const auto& field : message) request.fields.emplace_back(field.name_string(), field.value());
  request.body = message.body();
  return request;
}

http::Response settle(Site& site, http::Handled handled) {
  if (!handled) return http::Application::refusal(handled.error());
  if (const auto* later = std::get_if<http::Later>(&*handled)) {
    std::optional<http::Reply> reply;
    later->start([&reply](http::Reply given) { reply = std::move(given); });
    must(reply.has_value(), "an order is answered");
    if (*reply && later->finish) reply = later->finish();
    if (!*reply) return http::Application::refusal(reply->error());
    return **std::move(reply);
  }
  if (std::holds_alternative<http::LiveStream>(*handled)) return {};
  (void)site;
  return std::get<http::Response>(*std::move(handled));
}

void check(const http::Response& response) {
  must(response.status >= 200 && response.status < 600 && response.status != 500, "a status");
  if (response.type != "application/json" || response.body.empty()) return;
  const auto json = nlohmann::json::parse(response.body, nullptr, false);
  must(!json.is_discarded(), "JSON");
  must(response.status < 400 || response.status == 503 || json.contains("error"), "an error");
  for (const auto& [name, value] : response.fields) {
    must(value.find_first_of("\r\n") == std::string::npos, "a field is one line");
  }
}

void handle(Site& site, const Parser::value_type& message) {
  http::Request request = request_of(message);
  if (auto options = site.application.options(request)) {
    site.application.complete(request, *options);
    return check(*options);
  }
  const auto route = site.application.admit(request, false);
  if (!route) {
    http::Response response = http::Application::refusal(route.error());
    site.application.complete(request, response);
    return check(response);
  }
  if (request.field("content-encoding") == "gzip") {
    auto inflated = http::inflate(request.body, {.bytes_max = std::size_t{1} << 20U});
    if (!inflated) return check(http::Application::refusal(inflated.error()));
    request.body = *std::move(inflated);
  }
  http::Response response = settle(site, site.application.handle(**route, request));
  site.application.complete(request, response);
  check(response);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static Site site;
  if (size == 0) return 0;
  site.orders.next = bytes[0];
  site.tokens.needed = bytes[0] % 2 == 1;
  Parser parser;
  parser.eager(true);
  parser.header_limit(16'384);
  parser.body_limit(std::uint64_t{1} << 20U);
  boost::system::error_code error;
  std::size_t offset = 1;
  while (offset < size && !parser.is_done() && !error) {
    const std::size_t taken = parser.put(boost::asio::buffer(bytes + offset, size - offset), error);
    if (taken == 0 && !error) break;
    offset += taken;
  }
  if (!error && !parser.is_done()) parser.put_eof(error);
  if (!error && parser.is_done()) handle(site, parser.get());
  return 0;
}
