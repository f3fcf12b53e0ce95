#include "http/native_compare.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "http/comparison.hpp"
#include "http/figures_json.hpp"
#include "http/found_run.hpp"
#include "http/text.hpp"
#include "store/table_reader.hpp"

namespace weir::http {
namespace {

constexpr std::size_t kMaxRuns = 4;  // beside the base

struct ComparedRun {
  store::RunRow row;
  std::map<std::string, Compared, std::less<>> labels;
};

Compared totals_of(const store::RunRow& row) {
  return {row.response.count, row.failed, schema::rate(row.response.count, row.elapsed_s()),
          row.response};
}

tl::expected<ComparedRun, HttpError> read_run(Readers& readers, const std::string& run,
                                              const std::string& field) {
  auto found = find_run(readers, run);
  if (!found) {
    HttpError error = found.error();
    error.field = field;
    return tl::unexpected(std::move(error));
  }
  const auto labels = found->look([&](store::Database& database) {
    return store::read_label_figures(database, found->row.run);
  });
  if (!labels) return refused(labels.error());
  ComparedRun compared{found->row, {}};
  for (const schema::LabelSummary& label : *labels) {
    compared.labels.emplace(
        label.label, Compared{label.count, label.failed,
                              schema::rate(label.count, compared.row.elapsed_s()), label.response});
  }
  return compared;
}

void write_change(JsonWriter& json, const Change& change) {
  const auto percent = [](std::optional<double> value) -> std::optional<double> {
    if (!value) return std::nullopt;
    return std::round(*value * 100) / 100;
  };
  json.key("change").object().member("per_s", percent(change.per_s));
  json.member("failed_points", percent(change.failed_points));
  json.member("mean", percent(change.mean)).member("p50", percent(change.p50));
  json.member("p90", percent(change.p90)).member("p95", percent(change.p95));
  json.member("p99", percent(change.p99)).member("p999", percent(change.p999));
  json.key("too_few").array();
  for (const std::string_view name : change.too_few) json.value(name);
  json.end().end();
}

void write_figures(JsonWriter& json, const Compared* of, const Compared* base) {
  if (of == nullptr) {
    json.value(nullptr);
    return;
  }
  json.object().member("count", of->count).member("failed", of->failed);
  json.member("per_s", rounded(of->per_s));
  write_durations(json.key("response_ms"), of->response);
  if (base != nullptr) write_change(json, change_of(*base, *of));
  json.end();
}

const Compared* label_of(const ComparedRun& run, std::string_view label) {
  const auto found = run.labels.find(label);
  return found == run.labels.end() ? nullptr : &found->second;
}

// Those with most hits in all runs together first.
std::vector<std::string_view> labels_of(const std::vector<ComparedRun>& runs,
                                        std::string_view search) {
  std::map<std::string_view, std::uint64_t> hits;
  const std::string wanted = lower(search);
  for (const ComparedRun& run : runs) {
    for (const auto& [label, figures] : run.labels) {
      if (lower(label).find(wanted) != std::string::npos) hits[label] += figures.count;
    }
  }
  std::vector<std::string_view> labels;
  labels.reserve(hits.size());
  for (const auto& [label, count] : hits) labels.push_back(label);
  std::ranges::stable_sort(labels, std::greater{},
                           [&hits](std::string_view label) { return hits[label]; });
  return labels;
}

std::string comparison_json(const std::vector<ComparedRun>& runs, std::string_view search,
                            const Page& page) {
  JsonWriter json;
  const ComparedRun& base = runs.front();
  json.object().key("base").object();
  write_run_members(json, base.row);
  json.end().key("runs").array();
  for (std::size_t i = 1; i < runs.size(); ++i) {
    json.object();
    write_run_members(json, runs[i].row);
    write_change(json, change_of(totals_of(base.row), totals_of(runs[i].row)));
    json.end();
  }
  json.end().key("labels").array();
  const std::vector<std::string_view> labels = labels_of(runs, search);
  const std::size_t end = std::min(labels.size(), page.offset + page.limit);
  for (std::size_t place = page.offset; place < end; ++place) {
    const std::string_view label = labels[place];
    const Compared* const of_base = label_of(base, label);
    json.object().member("label", label);
    write_figures(json.key("base"), of_base, nullptr);
    json.key("runs").array();
    for (std::size_t i = 1; i < runs.size(); ++i) {
      write_figures(json, label_of(runs[i], label), of_base);
    }
    json.end().end();
  }
  json.end().member("total", labels.size()).end();
  return std::move(json).text();
}

}  // namespace

Handled compare_runs(const Services& services, const Request& request) {
  Parameters given{request};
  const auto base = given.text("base");
  const std::vector<std::string> others = given.texts("run", kMaxRuns);
  const std::string search = given.text("q").value_or("");
  const Page page = page_of(given);
  if (!base) given.complain("base", "which run is the base?");
  if (others.empty()) given.complain("run", "which runs are to be compared with the base?");
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  std::vector<ComparedRun> runs;
  auto first = read_run(services.readers, *base, "base");
  if (!first) return tl::unexpected(first.error());
  runs.push_back(*std::move(first));
  for (const std::string& name : others) {
    auto run = read_run(services.readers, name, "run");
    if (!run) return tl::unexpected(run.error());
    runs.push_back(*std::move(run));
  }
  return json_response(comparison_json(runs, search, page));
}

}  // namespace weir::http
