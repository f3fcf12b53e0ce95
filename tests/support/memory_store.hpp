#pragma once

#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <string>

#include "schema/record.hpp"

namespace weir::test {

// What the store would hold after some batches, as texts to compare: rows replace those of the same
// key, intervals merge, events add up. Raw hits and rejects are left out.
class MemoryStore {
 public:
  void apply(const schema::StoreBatch& batch) {
    for (const auto& row : batch.runs) put_run(row);
    for (const auto& row : batch.workers) {
      rows_[text("worker", row.run, row.worker_id)] =
          text(row.first, row.last, row.messages, row.missing, row.duplicate, row.late);
    }
    for (const auto& row : batch.labels) {
      std::string status;
      for (const auto& [code, count] : row.status) status += text(code, count);
      rows_[text("label", row.run, row.label)] =
          text(row.text, row.name, row.method, row.url, row.figures, status);
    }
    for (const auto& row : batch.intervals) add_interval(row);
    for (const auto& row : batch.tests) {
      rows_[text("test", row.run, row.test)] =
          text(row.started, row.finished, row.success, row.failure, row.error, row.durations);
    }
    for (const auto& row : batch.counters) {
      rows_[text("counter", row.run, row.name)] = text(row.count);
    }
    for (const auto& row : batch.sockets) {
      rows_[text("sockets", row.run)] =
          text(row.opened, row.closed, row.messages, row.bytes_received);
    }
    for (const auto& row : batch.errors) {
      rows_[text("error", row.run, row.kind, row.class_name, row.message, row.traceback)] =
          text(row.label, row.test, row.count, row.first, row.last);
    }
    for (const auto& row : batch.events) {
      times_[text("event", row.run, row.time, row.kind, row.detail)] += 1;
    }
  }

  // The first row that differs from the other's, or nothing if they are equal.
  std::string difference(const MemoryStore& other) const {
    const auto own = rows(), others = other.rows();
    for (const auto& [key, row] : own) {
      const auto found = others.find(key);
      if (found == others.end()) return key + " is not in the other";
      if (found->second != row) return key + ": " + row + " here, there " + found->second;
    }
    for (const auto& [key, row] : others) {
      if (!own.contains(key)) return key + " is only in the other";
    }
    return {};
  }

  // Every row by its key.
  std::map<std::string, std::string> rows() const {
    std::map<std::string, std::string> rows = rows_;
    for (const auto& [key, row] : intervals_) {
      rows[key] = text(row.length.count(), row.users, row.figures);
    }
    for (const auto& [key, times] : times_) rows["times " + key] = text(times);
    return rows;
  }

 private:
  static void put(std::ostream& out, const std::string& value) { out << value; }
  static void put(std::ostream& out, const char* value) { out << value; }
  static void put(std::ostream& out, schema::Timestamp value) {
    out << value.time_since_epoch().count();
  }
  static void put(std::ostream& out, const schema::Sketch& value) {
    out << value.count() << " values of bytes " << std::hash<std::string>{}(value.serialise());
  }
  static void put(std::ostream& out, const schema::SeriesRecord& value) {
    out << text(value.elapsed, value.failed, value.bytes_sent.get(), value.bytes_received.get());
  }
  template <class Number>
  static void put(std::ostream& out, Number value) {
    out << value;
  }
  template <class Value>
  static void put(std::ostream& out, const std::optional<Value>& value) {
    if (value) put(out, *value);
    if (!value) out << "none";
  }
  template <class... Parts>
  static std::string text(const Parts&... parts) {
    std::ostringstream out;
    ((put(out, parts), out << '|'), ...);
    return out.str();
  }

  void put_run(const schema::RunRecord& row) {
    std::map<std::string, std::uint64_t> methods;
    for (const auto& [method, count] : row.methods) methods[method] = count;
    std::string lists;
    for (const auto& [method, count] : methods) lists += text(method, count);
    for (const auto& [key, value] : row.tags) lists += text(key, value);
    rows_[text("run", row.run)] = text(
        row.run_id, row.name, row.project, row.scenario, schema::to_string(row.state), row.started,
        row.ended, row.users_max, row.workers, row.figures, row.skewed, row.urls_distinct, lists);
  }

  void add_interval(const schema::IntervalRecord& row) {
    const std::string key = text("interval", row.run, row.label, row.start);
    times_[key] += 1;
    const auto [place, fresh] = intervals_.try_emplace(key, row);
    if (fresh) return;
    place->second.users = std::max(place->second.users, row.users);
    place->second.figures.merge(row.figures);
  }

  std::map<std::string, std::string> rows_;
  std::map<std::string, schema::IntervalRecord> intervals_;
  std::map<std::string, int> times_;  // how often an interval or event came
};

}  // namespace weir::test
