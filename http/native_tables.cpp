#include "http/native_tables.hpp"

#include <array>
#include <utility>

#include <nlohmann/json.hpp>

#include "http/figures_json.hpp"
#include "http/found_run.hpp"
#include "store/table_reader.hpp"

namespace weir::http {
namespace {

constexpr std::size_t kRejectSamples = 100;

std::optional<bool> descending_of(Parameters& given) {
  constexpr std::array<std::string_view, 2> kOrders{"asc", "desc"};
  const auto order = given.choice("order", kOrders);
  if (!order) return std::nullopt;
  return *order == 1;
}

store::TableQuery query_of(Parameters& given, std::span<const store::SortKey> keys) {
  std::vector<std::string_view> names;
  names.reserve(keys.size());
  for (const store::SortKey& key : keys) names.push_back(key.name);
  const Page page = page_of(given);
  store::TableQuery query;
  query.limit = page.limit;
  query.offset = page.offset;
  query.sort = &keys[given.choice("sort", names).value_or(0)];
  query.descending = descending_of(given);
  query.search = given.text("q").value_or("");
  return query;
}

// {"<name>":[...],"total":n}
template <class Row, class Write>
Handled page_response(std::string_view name, const schema::Result<store::Page<Row>>& page,
                      Write&& write) {
  if (!page) return refused(page.error(), "label");
  JsonWriter json;
  json.object().key(name).array();
  for (const Row& row : page->rows) {
    json.object();
    write(json, row);
    json.end();
  }
  json.end().member("total", page->total).end();
  return json_response(std::move(json).text());
}

Handled rejects_response(const schema::Result<store::Rejects>& found) {
  if (!found) return refused(found.error());
  JsonWriter json;
  json.object().key("rejects").object();
  for (const schema::RejectRecord& row : found->counts) json.member(row.reason, row.count);
  json.end().key("samples").array();
  for (const schema::RejectSample& row : found->samples) {
    json.object().member("number", row.run).member("reason", row.reason);
    json.member("time", schema::format_time(row.time)).member("detail", row.detail);
    json.member("sample", row.sample).end();
  }
  json.end().end();
  return json_response(std::move(json).text());
}

void write_label(JsonWriter& json, const schema::LabelSummary& label, double elapsed_s) {
  json.member("label", label.label).member("name", label.name).member("method", label.method);
  json.member("url", label.url).member("count", label.count).member("failed", label.failed);
  json.member("per_s", rounded(schema::rate(label.count, elapsed_s)));
  json.member("bytes_sent", label.bytes_sent).member("bytes_received", label.bytes_received);
  write_durations(json.key("response_ms"), label.response);
  write_counts(json.key("status"), label.status);
}

void write_error(JsonWriter& json, const store::ErrorRow& row) {
  json.member("kind", row.error.kind).member("class", row.error.class_name);
  json.member("message", row.error.message).member("traceback", row.error.traceback);
  json.key("label");
  row.label.empty() ? json.value(nullptr) : json.value(row.label);
  json.member("test", row.test).member("count", row.error.count);
  json.member("first", schema::format_time(row.error.first));
  json.member("last", schema::format_time(row.error.last));
}

}  // namespace

Handled list_labels(const Services& services, const Request& request) {
  Parameters given{request};
  store::TableQuery query = query_of(given, store::label_sort_keys());
  query.label = given.text("label");
  const std::vector<Rank> ranks = given.ranks("p");
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  auto found = find_run(services.readers, request.run);
  if (!found) return tl::unexpected(found.error());
  const double elapsed_s = found->row.elapsed_s();
  return page_response("labels", found->look([&](store::Database& database) {
    return store::read_labels(database, found->row.run, query, !ranks.empty());
  }),
                       [&](JsonWriter& json, const store::LabelRow& row) {
                         write_label(json, row.figures, elapsed_s);
                         if (!ranks.empty()) write_percentiles(json, ranks, row.response);
                       });
}

Handled list_errors(const Services& services, const Request& request) {
  constexpr std::array<std::string_view, 3> kKinds{"failure", "error", "hit"};
  Parameters given{request};
  const store::TableQuery query = query_of(given, store::error_sort_keys());
  const auto kind = given.choice("kind", kKinds);
  const auto label = given.text("label");
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  auto found = find_run(services.readers, request.run);
  if (!found) return tl::unexpected(found.error());
  using Found = schema::Result<store::Page<store::ErrorRow>>;
  const Found page = found->look([&](store::Database& database) -> Found {
    store::ErrorFilter filter;
    if (kind) filter.kind = kKinds.at(*kind);
    if (label) {
      const auto id = store::find_label(database, found->row.run, *label);
      if (!id) return tl::make_unexpected(id.error());
      filter.label = *id;
    }
    return store::read_errors(database, found->row.run, query, filter);
  });
  return page_response("errors", page, write_error);
}

Handled list_tests(const Services& services, const Request& request) {
  Parameters given{request};
  const store::TableQuery query = query_of(given, store::test_sort_keys());
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  auto found = find_run(services.readers, request.run);
  if (!found) return tl::unexpected(found.error());
  const auto page = found->look([&](store::Database& database) {
    return store::read_tests(database, found->row.run, query);
  });
  return page_response("tests", page, [](JsonWriter& json, const store::TestRow& row) {
    json.member("test", row.counts.test).member("started", row.counts.started);
    json.member("finished", row.counts.finished).member("success", row.counts.success);
    json.member("failure", row.counts.failure).member("error", row.counts.error);
    write_durations(json.key("duration_ms"), row.durations);
  });
}

Handled list_workers(const Services& services, const Request& request) {
  Parameters given{request};
  const store::TableQuery query = query_of(given, store::worker_sort_keys());
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  auto found = find_run(services.readers, request.run);
  if (!found) return tl::unexpected(found.error());
  const auto page = found->look([&](store::Database& database) {
    return store::read_workers(database, found->row.run, query);
  });
  return page_response("workers", page, [](JsonWriter& json, const schema::WorkerRecord& row) {
    json.member("worker_id", row.worker_id).member("region", row.region);
    json.member("first", schema::format_time(row.first));
    json.member("last", schema::format_time(row.last)).member("messages", row.messages);
    json.member("missing", row.missing).member("duplicate", row.duplicate);
    json.member("late", row.late);
  });
}

Handled list_events(const Services& services, const Request& request) {
  Parameters given{request};
  const Page page_asked = page_of(given);
  store::TableQuery query;
  query.limit = page_asked.limit;
  query.offset = page_asked.offset;
  query.descending = descending_of(given);
  const std::vector<std::string> kinds = given.list("kind");
  if (auto problem = given.problem()) return tl::unexpected(*problem);
  auto found = find_run(services.readers, request.run);
  if (!found) return tl::unexpected(found.error());
  const auto page = found->look([&](store::Database& database) {
    return store::read_events(database, found->row.run, kinds, query);
  });
  return page_response("events", page, [](JsonWriter& json, const schema::EventRecord& row) {
    json.member("time", schema::format_time(row.time)).member("event", row.kind);
    json.key("detail").raw(nlohmann::json::accept(row.detail) ? row.detail : "null");
  });
}

Handled list_rejects_of_run(const Services& services, const Request& request) {
  if (auto problem = Parameters{request}.problem()) return tl::unexpected(*problem);
  auto found = find_run(services.readers, request.run);
  if (!found) return tl::unexpected(found.error());
  return rejects_response(found->look([&](store::Database& database) {
    return store::read_rejects(database, found->row.run, kRejectSamples);
  }));
}

Handled list_rejects(const Services& services, const Request& request) {
  if (auto problem = Parameters{request}.problem()) return tl::unexpected(*problem);
  auto reader = services.readers.take();
  if (!reader) return tl::unexpected(reader.error());
  return rejects_response((*reader)->look([](store::Database& database) {
    return store::read_rejects(database, std::nullopt, kRejectSamples);
  }));
}

}  // namespace weir::http
