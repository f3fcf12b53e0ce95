#include "store/timeline_reader.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

#include "schema/duration.hpp"

namespace weir::store {
namespace {

using schema::Elapsed;
using schema::ErrorCode;
using schema::Result;
using schema::Timestamp;

constexpr Elapsed kSecond = std::chrono::seconds{1};

// Which intervals there are to take from.
struct Extent {
  Timestamp first, last;
  Elapsed length{0};
  bool is_empty = true;
};

void add_range(Statement& statement, const TimelineQuery& query) {
  constexpr auto kAll = std::numeric_limits<std::int64_t>::max();
  statement.add(query.run).add(query.label);
  statement.add(query.from ? query.from->time_since_epoch().count() : std::int64_t{0});
  statement.add(query.to ? query.to->time_since_epoch().count() : kAll);
}

constexpr std::string_view kRange =
    " FROM intervals WHERE run = ? AND label = ? AND start_us >= ? AND start_us < ?";

Result<Extent> read_extent(Database& database, const TimelineQuery& query) {
  auto statement =
      database.prepare("SELECT min(start_us), max(start_us), max(length_us)" + std::string{kRange});
  if (!statement) return tl::make_unexpected(statement.error());
  add_range(*statement, query);
  if (const auto row = statement->step(); !row) return tl::make_unexpected(row.error());
  Columns columns{*statement};
  Extent extent;
  const auto first = columns.maybe_time(), last = columns.maybe_time();
  if (!first || !last) return extent;
  return Extent{*first, *last, Elapsed{columns.integer()}, false};
}

Timestamp begin_of(Timestamp time, Elapsed step) { return time - time.time_since_epoch() % step; }

std::size_t points_of(const Extent& extent, Elapsed step) {
  const auto apart = begin_of(extent.last, step) - begin_of(extent.first, step);
  return static_cast<std::size_t>(apart / step) + 1;
}

// 1, 2, 5, 10, 15, 30 s and so on, as clocks are read.
Elapsed good_step(const Extent& extent) {
  constexpr std::array<int, 14> kSteps{1,   2,   5,   10,    15,    30,     60,
                                       120, 300, 600, 1'800, 3'600, 21'600, 86'400};
  for (const int seconds : kSteps) {
    const Elapsed step = seconds * kSecond;
    if (step % extent.length == Elapsed{0} && points_of(extent, step) <= kGoodPoints) return step;
  }
  return kSteps.back() * kSecond;
}

Result<Elapsed> step_of(const TimelineQuery& query, const Extent& extent) {
  if (!query.step) return good_step(extent);
  if (*query.step % extent.length != Elapsed{0}) {
    return schema::fail(ErrorCode::bad_type, "what is stored is intervals of " +
                                                 schema::format_duration(extent.length) +
                                                 ": the step must be a multiple of that");
  }
  if (const std::size_t points = points_of(extent, *query.step); points > kMaxPoints) {
    return schema::fail(ErrorCode::out_of_range,
                        "that would be " + std::to_string(points) + " points, and " +
                            std::to_string(kMaxPoints) +
                            " are the most: give a longer step, or from and to");
  }
  return *query.step;
}

// Adds up the intervals of one point after the other: only one sketch is open at a time.
class PointBuilder {
 public:
  explicit PointBuilder(const std::vector<std::uint32_t>& ppms) : ppms_(ppms) {}

  Result<void> add(Columns& columns, TimelinePoint& point) {
    if (&point != point_) finish();
    point_ = &point;
    if (const auto users = columns.maybe_integer()) {
      point.users = std::max(point.users.value_or(*users), *users);
    }
    schema::SeriesRecord figures;
    figures.failed = columns.count();
    figures.bytes_sent.add(columns.maybe_integer());
    figures.bytes_received.add(columns.maybe_integer());
    if (const std::string_view bytes = columns.blob(); !bytes.empty()) {
      auto sketch = schema::Sketch::parse(bytes);
      if (!sketch) return tl::make_unexpected(sketch.error());
      figures.elapsed = *std::move(sketch);
    }
    figures_.merge(figures);
    return {};
  }

  void finish() {
    if (point_ == nullptr) return;
    point_->failed = figures_.failed;
    point_->bytes_sent = figures_.bytes_sent.get();
    point_->bytes_received = figures_.bytes_received.get();
    point_->response = schema::summarize_durations(figures_.elapsed);
    if (point_->response.count > 0) {
      for (const std::uint32_t ppm : ppms_) {
        point_->extra_us.push_back(*figures_.elapsed.value_at(ppm));
      }
    }
    figures_ = {};
    point_ = nullptr;
  }

 private:
  const std::vector<std::uint32_t>& ppms_;
  TimelinePoint* point_ = nullptr;
  schema::SeriesRecord figures_;
};

// What is sorted are ids only: rows with sketches would be copied.
Result<void> read_points(Database& database, const TimelineQuery& query, Timeline& timeline) {
  auto ids = database.prepare("SELECT id, start_us" + std::string{kRange} + " ORDER BY start_us");
  if (!ids) return tl::make_unexpected(ids.error());
  auto row = database.prepare(
      "SELECT users, failed, bytes_sent, bytes_received, sketch FROM intervals WHERE id = ?");
  if (!row) return tl::make_unexpected(row.error());
  add_range(*ids, query);
  PointBuilder builder{query.ppms};
  for (;;) {
    const auto more = ids->step();
    if (!more) return tl::make_unexpected(more.error());
    if (!*more) break;
    Columns key{*ids};
    const std::int64_t id = key.integer();
    const auto place =
        static_cast<std::size_t>((key.time() - timeline.points.front().start) / timeline.step);
    if (const auto found = row->add(id).step(); !found) return tl::make_unexpected(found.error());
    Columns columns{*row};
    if (auto added = builder.add(columns, timeline.points.at(place)); !added) return added;
    row->reset();
  }
  builder.finish();
  return {};
}

}  // namespace

Result<Timeline> read_timeline(Database& database, const TimelineQuery& query) {
  const auto extent = read_extent(database, query);
  if (!extent) return tl::make_unexpected(extent.error());
  Timeline timeline;
  timeline.step = query.step.value_or(kSecond);
  if (extent->is_empty) return timeline;
  const auto step = step_of(query, *extent);
  if (!step) return tl::make_unexpected(step.error());
  timeline.step = *step;
  const Timestamp begin = begin_of(extent->first, *step);
  timeline.points.resize(points_of(*extent, *step));
  for (std::size_t i = 0; i < timeline.points.size(); ++i) {
    timeline.points[i].start = begin + static_cast<std::int64_t>(i) * *step;
  }
  if (auto read = read_points(database, query, timeline); !read) {
    return tl::make_unexpected(read.error());
  }
  return timeline;
}

}  // namespace weir::store
