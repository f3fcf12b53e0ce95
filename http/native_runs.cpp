#include "http/native_runs.hpp"

#include <array>
#include <limits>
#include <utility>

#include "http/figures_json.hpp"
#include "http/found_run.hpp"
#include "http/text.hpp"
#include "schema/summary_json.hpp"
#include "store/run_json.hpp"
#include "store/table_reader.hpp"

namespace weir::http {
namespace {

store::RunFilter filter_of(Parameters& given) {
  store::RunFilter filter;
  for (const std::string& text : given.list("state")) {
    if (const auto state = schema::parse_run_state(text)) {
      filter.states.push_back(*state);
    } else {
      given.complain("state", "there is no state '" + text + "'");
    }
  }
  filter.project = given.text("project");
  filter.scenario = given.text("scenario");
  if (const auto tag = given.text("tag")) {
    std::string_view rest = *tag;
    filter.tag_key = take_until(rest, ':');
    if (filter.tag_key.size() < tag->size()) filter.tag_value = rest;
  }
  filter.baseline = given.flag("baseline");
  filter.search = given.text("q").value_or("");
  filter.limit = given.number("limit", 1, 500).value_or(filter.limit);
  if (const auto before = given.number("before", 1, std::numeric_limits<std::int64_t>::max())) {
    filter.before = static_cast<std::int64_t>(*before);
  }
  return filter;
}

schema::Result<void> write_ranks(JsonWriter& json, store::RunReader& reader,
                                 const std::vector<Rank>& ranks, std::int64_t run) {
  if (ranks.empty()) return {};
  const auto sketch = reader.look([run](store::Database& database) {
    return store::read_sketch(database, run, schema::kAllLabels);
  });
  if (!sketch) return tl::make_unexpected(sketch.error());
  write_percentiles(json, ranks, *sketch);
  return {};
}

void write_totals(JsonWriter& json, const store::RunReport& report) {
  const schema::Summary& of = report.summary;
  json.key("tests").object().member("started", of.tests.started);
  json.member("finished", of.tests.finished).member("success", of.tests.success);
  json.member("failure", of.tests.failure).member("error", of.tests.error);
  json.member("per_s", rounded(of.tests.per_s)).end();
  json.key("sockets").object().member("opened", of.sockets.opened);
  json.member("closed", of.sockets.closed).member("open", of.sockets.open);
  json.member("messages", of.sockets.messages);
  json.member("bytes_received", of.sockets.bytes_received).end();
  write_counts(json.key("counters"), of.counters);
  write_counts(json.key("status"), of.status);
  write_counts(json.key("method"), of.method);
  json.member("labels_total", of.labels_total).member("errors_total", of.errors_total);
  json.member("urls_distinct", of.urls_distinct).member("users", of.users);
  json.member("late", of.late).member("skewed", of.skewed).member("clamped", of.clamped);
  json.member("missing", of.missing).member("duplicate", of.duplicate).key("rejected").object();
  for (const schema::RejectRecord& reject : report.rejects) {
    json.member(reject.reason, reject.count);
  }
  json.end();
}

}  // namespace

Handled list_runs(const Services& services, const Request& request) {
  Parameters given{request};
  const store::RunFilter filter = filter_of(given);
  const std::vector<Rank> ranks = given.ranks("p");
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  auto reader = services.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto total = (*reader)->count(filter);
  if (!total) return refused(total.error());
  // One more than asked for shows whether there is another page.
  store::RunFilter and_next = filter;
  ++and_next.limit;
  auto rows = (*reader)->runs(and_next);
  if (!rows) return refused(rows.error());
  const bool has_more = rows->size() > filter.limit;
  if (has_more) rows->pop_back();
  JsonWriter json;
  json.object().key("runs").array();
  for (const store::RunRow& row : *rows) {
    json.object();
    write_run_members(json, row);
    if (auto written = write_ranks(json, **reader, ranks, row.run); !written) {
      return refused(written.error());
    }
    json.end();
  }
  json.end().key("next_before");
  has_more ? json.value(rows->back().run) : json.value(nullptr);
  json.member("total", *total).end();
  return json_response(std::move(json).text());
}

Handled list_projects(const Services& services, const Request& request) {
  if (auto problem = Parameters{request}.problem()) return tl::unexpected(*problem);
  auto reader = services.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto rows = (*reader)->scenarios();
  if (!rows) return refused(rows.error());
  JsonWriter json;
  json.object().key("projects").array();
  for (const store::ScenarioRow& row : *rows) {
    json.object().member("project", row.project).member("scenario", row.scenario);
    json.member("runs", row.runs).member("latest", row.latest).end();
  }
  json.end().end();
  return json_response(std::move(json).text());
}

Reply run_detail(const Services& services, std::int64_t run, const std::vector<Rank>& ranks) {
  auto reader = services.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  const auto report = (*reader)->report(run, store::ReportLists::totals);
  if (!report) return refused(report.error());
  JsonWriter json;
  json.object();
  write_run_members(json, report->row);
  write_percentiles(json, ranks, report->response);
  write_totals(json, *report);
  json.end();
  return json_response(std::move(json).text());
}

Handled get_run(const Services& services, const Request& request) {
  Parameters given{request};
  const std::vector<Rank> ranks = given.ranks("p");
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  std::int64_t number = 0;
  {
    const auto found = find_run(services.readers, request.run);
    if (!found) return tl::unexpected(found.error());
    number = found->row.run;
  }
  // Not as it is: tl::expected 1.0 leaks where one is made of another.
  Reply detail = run_detail(services, number, ranks);
  if (!detail) return tl::unexpected(detail.error());
  return *std::move(detail);
}

Handled get_summary(const Services& services, const Request& request) {
  constexpr std::array<std::string_view, 1> kLabels{"all"};
  Parameters given{request};
  const bool all_labels = given.choice("labels", kLabels).has_value();
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  auto found = find_run(services.readers, request.run);
  if (!found) return tl::unexpected(found.error());
  if (!all_labels) {
    const Text live = services.live.newest("summary/" + found->row.run_id + "/");
    if (live != nullptr) return json_response(*live);
  }
  const auto report = found->reader->report(found->row.run);
  if (!report) return refused(report.error());
  schema::SummaryShape shape;
  if (all_labels) shape.labels_max = std::numeric_limits<std::size_t>::max();
  return json_response(schema::summary_to_json(report->summary, shape));
}

Handled get_report(const Services& services, const Request& request) {
  constexpr std::array<std::string_view, 2> kFormats{"text", "json"};
  Parameters given{request};
  const bool as_json = given.choice("format", kFormats).value_or(0) == 1;
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  auto found = find_run(services.readers, request.run);
  if (!found) return tl::unexpected(found.error());
  const auto report = found->reader->report(found->row.run);
  if (!report) return refused(report.error());
  if (as_json) return json_response(store::report_to_json(*report) + "\n");
  Response response;
  response.type = "text/plain; charset=utf-8";
  response.body = services.report_text(*report);
  return response;
}

}  // namespace weir::http
