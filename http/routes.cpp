#include "http/routes.hpp"

#include "http/embedded.hpp"
#include "http/native_broker.hpp"
#include "http/native_changes.hpp"
#include "http/native_charts.hpp"
#include "http/native_compare.hpp"
#include "http/native_messages.hpp"
#include "http/native_runs.hpp"
#include "http/native_tables.hpp"

namespace weir::http {

std::vector<Route> routes(const Services& services) {
  const auto with = [&services](auto* handle) -> Handler {
    return [&services, handle](Request& request) { return handle(services, request); };
  };
  const Handler page = [](Request& request) { return embedded_page(request); };
  const Handler file = [](Request& request) { return embedded_file(request); };
  using enum Method;
  using enum Access;
  using enum Place;
  return {
      {get, "/", open, loop, page},
      {get, "/runs/{run}", open, loop, page},
      {get, "/compare", open, loop, page},
      {get, "/trend", open, loop, page},
      {get, "/assets/{run}", open, loop, file},
      {get, "/openapi.json", open, loop, file},
      {get, "/healthz", open, loop, with(get_health)},
      {get, "/readyz", open, loop, with(get_readiness)},
      {get, "/version", open, loop, with(get_version)},
      {get, "/metrics", look, loop, with(get_metrics)},
      {get, "/api/broker", look, loop, with(get_broker)},
      {get, "/api/endpoints", look, loop, with(get_endpoints)},
      {get, "/api/session", open, loop, with(get_session)},
      {post, "/api/session", open, loop, with(start_session)},
      {delete_, "/api/session", open, loop, with(end_session)},
      {get, "/api/runs", look, pool, with(list_runs)},
      {get, "/api/projects", look, pool, with(list_projects)},
      {get, "/api/runs/{run}", look, pool, with(get_run)},
      {patch, "/api/runs/{run}", administer, pool, with(change_run)},
      {delete_, "/api/runs/{run}", administer, pool, with(delete_run)},
      {post, "/api/runs/{run}/stop", administer, pool, with(stop_run)},
      {get, "/api/runs/{run}/summary", look, pool, with(get_summary)},
      {get, "/api/runs/{run}/timeline", look, pool, with(get_timeline)},
      {get, "/api/runs/{run}/histogram", look, pool, with(get_histogram)},
      {get, "/api/runs/{run}/labels", look, pool, with(list_labels)},
      {get, "/api/runs/{run}/errors", look, pool, with(list_errors)},
      {get, "/api/runs/{run}/tests", look, pool, with(list_tests)},
      {get, "/api/runs/{run}/workers", look, pool, with(list_workers)},
      {get, "/api/runs/{run}/events", look, pool, with(list_events)},
      {get, "/api/runs/{run}/rejects", look, pool, with(list_rejects_of_run)},
      {get, "/api/rejects", look, pool, with(list_rejects)},
      {get, "/api/runs/{run}/report", look, pool, with(get_report)},
      {get, "/api/compare", look, pool, with(compare_runs)},
      {post, "/api/messages", report, loop, with(post_messages)},
      {get, "/api/live", look, loop, with(watch)},
      {get, "/api/live/sse", look, loop, with(follow)},
  };
}

}  // namespace weir::http
