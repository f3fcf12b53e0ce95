#include "store/stored_state.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

#include "store/rejects_json.hpp"

namespace weir::store {
namespace {

using schema::Result;

// Calls row(columns) for each row of the answer.
template <class Row>
Result<void> for_each(Database& database, std::string_view sql, Row row) {
  auto query = database.prepare(sql);
  if (!query) return tl::make_unexpected(query.error());
  for (;;) {
    const auto more = query->step();
    if (!more) return tl::make_unexpected(more.error());
    if (!*more) return {};
    row(Columns{*query});
  }
}

}  // namespace

Result<StoredState> read_stored_state(Database& database) {
  StoredState stored;
  auto read = for_each(
      database,
      "SELECT store_id, position, next_run, anonymous_run, time_us, stopped FROM checkpoint",
      [&](Columns row) {
        const std::string_view id = row.blob();
        std::memcpy(stored.store_id.data(), id.data(), std::min(id.size(), stored.store_id.size()));
        stored.checkpoint.position = row.count();
        stored.checkpoint.next_run = row.integer();
        stored.checkpoint.anonymous_run = row.integer();
        stored.checkpoint.time = row.time();
        stored.checkpoint.stopped = row.flag();
      });
  if (read) {
    read = for_each(database, "SELECT run, state FROM run_states ORDER BY run", [&](Columns row) {
      const std::int64_t run = row.integer();
      stored.states.push_back({run, {std::string(row.blob())}});
    });
  }
  if (read) {
    read = for_each(database, "SELECT worker_id, epoch, next_seq, last_us FROM marks",
                    [&](Columns row) {
                      schema::MarkRecord mark;
                      mark.worker_id = row.text();
                      mark.epoch = row.count();
                      mark.next_seq = row.count();
                      mark.last = row.time();
                      stored.marks.push_back(std::move(mark));
                    });
  }
  if (read) {
    read = for_each(
        database,
        "SELECT key, fingerprint, accepted, duplicate, rejected, time_us FROM idempotency_keys "
        "ORDER BY time_us, key",
        [&](Columns row) {
          schema::KeyRecord key;
          key.key = row.text();
          key.fingerprint = std::bit_cast<std::uint64_t>(row.integer());
          key.accepted = row.count();
          key.duplicate = row.count();
          key.rejected = rejects_from_json(row.text());
          key.time = row.time();
          stored.keys.push_back(std::move(key));
        });
  }
  if (!read) return tl::make_unexpected(read.error());
  return stored;
}

}  // namespace weir::store
