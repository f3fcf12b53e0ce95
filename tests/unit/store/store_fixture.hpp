#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <catch2/catch.hpp>
#include <sqlite3.h>
#include <stdlib.h>

#include "schema/record.hpp"
#include "store/run_writer.hpp"

namespace weir::store_test {

// A folder of its own, removed at the end.
class TempDir {
 public:
  TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-store-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

// The database as SQLite itself shows it, past everything in store/.
class RawDatabase {
 public:
  explicit RawDatabase(const std::filesystem::path& path) {
    REQUIRE(sqlite3_open(path.c_str(), &handle_) == SQLITE_OK);
    sqlite3_busy_timeout(handle_, 5'000);
  }
  ~RawDatabase() { sqlite3_close(handle_); }
  RawDatabase(const RawDatabase&) = delete;
  RawDatabase& operator=(const RawDatabase&) = delete;

  // Each row as its columns joined by '|', NULL as NULL.
  std::vector<std::string> rows(const std::string& sql) {
    std::vector<std::string> rows;
    const auto add = [](void* into, int count, char** values, char** /*names*/) {
      std::string row;
      for (int i = 0; i < count; ++i) {
        if (i > 0) row += '|';
        row += values[i] == nullptr ? "NULL" : values[i];
      }
      static_cast<std::vector<std::string>*>(into)->push_back(row);
      return 0;
    };
    char* error = nullptr;
    const int code = sqlite3_exec(handle_, sql.c_str(), add, &rows, &error);
    INFO(sql << ": " << (error == nullptr ? "" : error));
    sqlite3_free(error);
    CHECK(code == SQLITE_OK);
    return rows;
  }
  // The only row.
  std::string row(const std::string& sql) {
    const auto all = rows(sql);
    INFO(sql);
    REQUIRE(all.size() == 1);
    return all.front();
  }
  void execute(const std::string& sql) { CHECK(rows(sql).empty()); }

  // Nothing dangling, nothing broken.
  void check_integrity() {
    CHECK(row("PRAGMA integrity_check") == "ok");
    CHECK(rows("PRAGMA foreign_key_check").empty());
  }

 private:
  sqlite3* handle_ = nullptr;
};

// 2026-11-21T20:00:00Z and so many microseconds.
inline schema::Timestamp at_us(std::int64_t us) {
  return schema::Timestamp{schema::Elapsed{1'795'291'200'000'000 + us}};
}
inline schema::Timestamp at_s(std::int64_t s) { return at_us(s * 1'000'000); }

inline schema::Sketch sketch_of(const std::vector<std::int64_t>& values) {
  schema::Sketch sketch;
  for (const std::int64_t value : values) sketch.record(value);
  return sketch;
}

inline schema::SeriesRecord series_of(const std::vector<std::int64_t>& values,
                                      std::uint64_t failed = 0) {
  schema::SeriesRecord series;
  series.elapsed = sketch_of(values);
  series.failed = failed;
  return series;
}

inline schema::RunRecord run_record(std::int64_t run, const std::string& run_id = {}) {
  schema::RunRecord record;
  record.run = run;
  record.run_id = run_id.empty() ? "run-" + std::to_string(run) : run_id;
  record.started = at_s(0);
  return record;
}

inline schema::LabelRecord label_record(std::int64_t run, std::uint32_t label,
                                        const std::string& text) {
  schema::LabelRecord record;
  record.run = run;
  record.label = label;
  record.text = text;
  return record;
}

inline schema::HitRecord hit_record(std::int64_t run, std::uint32_t label, std::int64_t elapsed_us,
                                    int status = 200) {
  schema::HitRecord hit;
  hit.run = run;
  hit.label = label;
  hit.worker_id = "w1";
  hit.started = at_s(1);
  hit.elapsed = schema::Elapsed{elapsed_us};
  hit.status = status;
  hit.success = status < 400;
  hit.url = "http://h/x";
  return hit;
}

inline store::RunWriter open_writer(const std::filesystem::path& db,
                                    std::size_t hits_max_per_run = 100'000) {
  store::StoreConfig config;
  config.db = db;
  config.hits_max_per_run = hits_max_per_run;
  config.busy_timeout = std::chrono::milliseconds{50};
  auto writer = store::RunWriter::open(config, "1.2.3");
  INFO((writer ? "" : writer.error().detail));
  REQUIRE(writer.has_value());
  return std::move(*writer);
}

inline void must_write(store::RunWriter& writer, const schema::StoreBatch& batch) {
  const auto written = writer.write(batch);
  INFO((written ? "" : written.error().detail));
  REQUIRE(written.has_value());
}

}  // namespace weir::store_test
