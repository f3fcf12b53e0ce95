#include "broker/journal_worker.hpp"

#include <atomic>
#include <cerrno>
#include <filesystem>
#include <future>
#include <memory>
#include <thread>

#include <catch2/catch.hpp>
#include <stdlib.h>
#include <unistd.h>

#include "store/journal_folder.hpp"
#include "store/journal_reader.hpp"

using namespace weir;
using broker::Durability;
using broker::JournalState;
using broker::JournalWorker;
using schema::Timestamp;
using store::SourceKind;

namespace {

constexpr Timestamp kNow{std::chrono::seconds{1'795'000'000}};
constexpr store::StoreId kStore{7};

// A worker on a folder of its own, whose disk a test can make fail.
struct Fixture {
  explicit Fixture(broker::JournalConfig journal = {}) {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-broker-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    store::JournalConfig config;
    config.folder = folder;
    config.segment_bytes = journal.segment_bytes = 64 << 10;
    config.calls.allocate = [this](int, off_t, off_t) { return full ? ENOSPC : 0; };
    config.calls.pwrite = [this](int fd, const void* bytes, std::size_t size, off_t offset) {
      errno = EIO;
      return broken_behind_sync && syncs > 0 ? -1 : ::pwrite(fd, bytes, size, offset);
    };
    config.calls.fdatasync = [this](int) {
      ++syncs;
      errno = EIO;
      return broken ? -1 : 0;
    };
    auto writer = store::JournalWriter::open(config, kStore, "test.db", 1);
    REQUIRE(writer.has_value());
    worker = std::make_unique<JournalWorker>(std::move(*writer), journal, bell);
  }
  ~Fixture() {
    worker.reset();
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  std::uint64_t append(std::string_view bytes, Durability durability) const {
    return worker->append({kNow, SourceKind::loads_frame, {}, bytes}, durability);
  }
  // What a broker that starts now would read.
  std::vector<std::string> records() const {
    std::vector<std::string> all;
    const auto report =
        store::read_journal(folder, kStore, [&](const store::JournalRecord& record) {
          all.push_back(record.source == SourceKind::tick ? "tick" : std::string(record.bytes));
          return schema::Result<void>{};
        });
    REQUIRE(report.has_value());
    return all;
  }
  template <class Condition>
  void until(Condition condition) const {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition(worker->stats())) {
      if (std::chrono::steady_clock::now() >= give_up) FAIL("not within 20 s");
      std::this_thread::yield();
    }
  }

  std::filesystem::path folder;
  std::atomic<bool> full = false, broken = false, broken_behind_sync = false;
  std::atomic<int> syncs = 0;
  broker::Bell bell;
  std::unique_ptr<JournalWorker> worker;
};

}  // namespace

TEST_CASE("records are written in order and synced together", "[broker][journal_worker]") {
  Fixture f;
  CHECK(f.append("a", Durability::disk) == 1);
  CHECK(f.append("b", Durability::disk) == 2);
  CHECK(f.append("c", Durability::os) == 3);
  CHECK(f.worker->next_position() == 4);
  f.until([](const auto& stats) { return stats.durable == 3; });
  CHECK(f.records() == std::vector<std::string>{"a", "b", "c"});
  const auto stats = f.worker->stats();
  CHECK(stats.records == 3);
  CHECK(stats.queue_bytes == 0);
  CHECK(stats.syncs < 3);
  CHECK(f.bell.was_rung());
}

TEST_CASE("what needs no sync is written at once and synced some time later",
          "[broker][journal_worker]") {
  Fixture f;
  f.append("a", Durability::os);
  f.until([](const auto& stats) { return stats.written == 1; });
  f.until([](const auto& stats) { return stats.durable == 1; });
  CHECK(f.worker->stop(std::chrono::seconds{5}));
}

TEST_CASE("ticks stand before the next record, unless a checkpoint has them",
          "[broker][journal_worker]") {
  Fixture f;
  f.worker->note_tick(kNow - std::chrono::seconds{1});
  f.worker->drop_ticks(kNow - std::chrono::seconds{1});
  f.append("a", Durability::disk);
  f.worker->note_tick(kNow);
  f.worker->note_tick(kNow);
  CHECK(f.append("b", Durability::disk) == 4);
  f.worker->note_tick(kNow);
  CHECK(f.worker->stop(std::chrono::seconds{5}));
  CHECK(f.records() == std::vector<std::string>{"a", "tick", "tick", "b"});
}

TEST_CASE("ticks without records do not pile up in memory", "[broker][journal_worker]") {
  Fixture f;
  for (std::size_t i = 0; i < JournalWorker::kTicksHeld; ++i) f.worker->note_tick(kNow);
  CHECK(f.worker->next_position() == JournalWorker::kTicksHeld + 1);
}

TEST_CASE("while there is no space nothing is taken, and all goes on when there is",
          "[broker][journal_worker]") {
  Fixture f;
  f.full = true;
  f.append("a", Durability::disk);
  f.until([](const auto& stats) { return stats.state == JournalState::no_space; });
  CHECK_FALSE(f.worker->takes(1));
  CHECK(f.worker->stats().durable == 0);
  CHECK_FALSE(f.worker->stats().last_error.empty());
  f.append("b", Durability::disk);
  f.full = false;
  f.until([](const auto& stats) { return stats.durable == 2; });
  CHECK(f.worker->takes(1));
  CHECK(f.worker->stats().last_error.empty());
  CHECK(f.records() == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a failed sync is final", "[broker][journal_worker]") {
  Fixture f;
  f.append("a", Durability::disk);
  f.until([](const auto& stats) { return stats.durable == 1; });
  f.broken = true;
  f.append("b", Durability::disk);
  f.until([](const auto& stats) { return stats.state == JournalState::failed; });
  f.broken = false;
  const int syncs = f.syncs;
  f.append("c", Durability::disk);
  CHECK_FALSE(f.worker->takes(1));
  CHECK_FALSE(f.worker->stop(std::chrono::seconds{5}));
  CHECK(f.worker->stats().durable == 1);
  CHECK(f.syncs == syncs);
}

TEST_CASE("what cannot be noted behind a sync has failed too, and all before it is safe",
          "[broker][journal_worker]") {
  Fixture f;
  f.broken_behind_sync = true;
  f.append("a", Durability::disk);
  f.until([](const auto& stats) { return stats.state == JournalState::failed; });
  CHECK(f.worker->stats().durable == 1);
  CHECK_FALSE(f.worker->stats().last_error.empty());
  CHECK_FALSE(f.worker->takes(1));
}

TEST_CASE("the queue and the files have their limits", "[broker][journal_worker]") {
  broker::JournalConfig config;
  config.queue_bytes = 1'000;
  Fixture f(config);
  CHECK(f.worker->takes(1'000));
  CHECK_FALSE(f.worker->takes(1'001));
  config.queue_bytes = 10'000;
  config.max_bytes = 500;
  const Fixture small(config);
  CHECK(small.worker->takes(500));
  CHECK_FALSE(small.worker->takes(501));
}

TEST_CASE("a stop does not wait for a full disk", "[broker][journal_worker]") {
  Fixture f;
  f.full = true;
  f.append("a", Durability::disk);
  CHECK_FALSE(f.worker->stop(std::chrono::milliseconds{50}));
}

TEST_CASE("segments that a checkpoint has covered are removed", "[broker][journal_worker]") {
  Fixture f;
  const std::string bytes(40'000, 'x');
  for (int i = 0; i < 4; ++i) f.append(bytes, Durability::disk);
  f.until([](const auto& stats) { return stats.durable == 4; });
  const auto segments = [&] { return store::list_segments(f.folder)->size(); };
  CHECK(segments() == 4);
  f.worker->remove_below(4);
  f.until([&](const auto&) { return segments() == 1; });
  f.worker->remove_below(5);
  CHECK(f.worker->stop(std::chrono::seconds{5}));
  CHECK(f.worker->remove_all().has_value());
  CHECK(segments() == 0);
}
