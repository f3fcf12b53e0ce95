#include "broker/reception.hpp"

#include <catch2/catch.hpp>

#include "broker/hit_rows.hpp"

using weir::aggregator::RunRegistry;
using weir::broker::HitRows;
using weir::broker::Reception;
using weir::schema::ErrorCode;
using weir::schema::StoreBatch;
using weir::schema::Timestamp;

namespace {

constexpr Timestamp kNow{std::chrono::seconds{1'795'000'000}};

std::string hit(std::string_view extra) {
  return R"({"data_type":"add_hit","worker_id":"w","run_id":"r","method":"GET","elapsed":0.01,)" +
         std::string(extra) + "}";
}

struct Fixture {
  weir::aggregator::Settings settings;
  RunRegistry registry{settings, 1};
  HitRows rows{2, 100, false, 1'024};
  Reception reception{settings.limits, false, registry, {&rows}, nullptr};

  std::uint64_t rejected(ErrorCode reason) const {
    return reception.counts().rejected[static_cast<std::size_t>(reason)];
  }
};

}  // namespace

TEST_CASE("a frame's messages are counted one by one", "[broker][reception]") {
  Fixture f;
  const std::string good = hit(R"("url":"http://h/","status":200)");
  f.reception.accept("[" + good + "," + good + ",7]", kNow);
  CHECK(f.reception.counts().frames == 1);
  CHECK(f.reception.counts().decoded == 2);
  CHECK(f.rejected(ErrorCode::not_object) == 1);
}

TEST_CASE("rows of hits that are taken twice into one batch are all in it", "[broker][reception]") {
  Fixture f;
  StoreBatch batch;
  f.reception.accept(hit(R"("url":"http://h/","status":200)"), kNow);
  f.rows.take(batch);
  f.reception.accept(hit(R"("url":"http://h/","status":500)"), kNow);
  f.rows.take(batch);
  CHECK(batch.hits.size() == 2);
}

TEST_CASE("a secret at the end of a sample is not kept", "[broker][reception]") {
  Fixture f;
  for (std::size_t before = 960; before < 1'024; ++before) {
    f.reception.accept(std::string(before, 'x') + " http://user:hunter2hunter2@h/", kNow);
  }
  StoreBatch batch;
  f.reception.take_rejects(batch);
  REQUIRE(batch.reject_samples.size() == 64);
  for (const auto& sample : batch.reject_samples) {
    CHECK(sample.sample.find("hunter2") == std::string::npos);
    CHECK(sample.sample.size() <= 1'024);
  }
}

TEST_CASE("the first refusals of a reason are kept as samples, all are counted",
          "[broker][reception]") {
  Fixture f;
  for (int i = 0; i < 150; ++i) f.reception.accept("rubbish", kNow);
  f.reception.refuse_frame(ErrorCode::multipart, "a message must be one frame", "first part", kNow);
  StoreBatch batch;
  f.reception.take_rejects(batch);
  REQUIRE(batch.rejects.size() == 2);
  CHECK(batch.rejects[0].reason == "not_json");
  CHECK(batch.rejects[0].count == 150);
  CHECK(batch.rejects[1].reason == "multipart");
  CHECK(batch.reject_samples.size() == 101);
  CHECK(batch.reject_samples[0].sample == "rubbish");

  StoreBatch later;
  f.reception.accept("rubbish", kNow);
  f.reception.take_rejects(later);
  REQUIRE(later.rejects.size() == 1);
  CHECK(later.rejects[0].count == 1);
  CHECK(later.reject_samples.empty());
}

TEST_CASE("messages of a closed run are refused by name", "[broker][reception]") {
  const weir::aggregator::Settings settings;
  RunRegistry registry(settings, 5, {{3, "r"}});
  Reception reception(settings.limits, false, registry, {}, nullptr);
  const std::string refused = hit(R"("url":"http://h/refused","status":200)");
  reception.accept("rubbish\n" + refused, kNow);
  CHECK(reception.counts().decoded == 0);
  CHECK(reception.counts().rejected[static_cast<std::size_t>(ErrorCode::closed_run)] == 1);
  StoreBatch batch;
  reception.take_rejects(batch);
  REQUIRE(batch.rejects.size() == 2);
  CHECK(batch.rejects[0].run == 0);  // rubbish names no run
  CHECK(batch.rejects[1].run == 3);
  CHECK(batch.rejects[1].reason == "closed_run");
  REQUIRE(batch.reject_samples.size() == 2);
  CHECK(batch.reject_samples[1].run == 3);
  CHECK(batch.reject_samples[1].sample.find("http://h/refused") != std::string::npos);
}

TEST_CASE("samples of refused messages keep no secrets of URLs", "[broker][reception]") {
  Fixture f;
  f.reception.accept(hit(R"("url":"http://me:secret@h/x?token=t","status":9999)"), kNow);
  StoreBatch batch;
  f.reception.take_rejects(batch);
  REQUIRE(batch.reject_samples.size() == 1);
  CHECK(batch.reject_samples[0].sample == hit(R"("url":"http://h/x?...","status":9999)"));
}

TEST_CASE("raw hits are kept up to the cap of successes and of failures, without secrets",
          "[broker][hit_rows]") {
  Fixture f;
  for (int i = 0; i < 5; ++i) {
    f.reception.accept(hit(R"("url":"http://me:secret@h/x?token=t#f","status":200)"), kNow);
  }
  for (int i = 0; i < 3; ++i) f.reception.accept(hit(R"("url":"http://h/","status":500)"), kNow);
  StoreBatch batch;
  f.rows.take(batch);
  REQUIRE(batch.hits.size() == 4);
  CHECK(batch.hits[0].url == "http://h/x");
  CHECK(batch.hits[0].started == kNow - std::chrono::milliseconds{10});
  REQUIRE(batch.hits_not_kept.size() == 1);
  CHECK(batch.hits_not_kept[0].count == 4);
}

TEST_CASE("a duplicate by seq is neither counted nor kept as a raw hit", "[broker][reception]") {
  Fixture f;
  const std::string first = hit(R"("url":"http://h/","status":200,"seq":1,"epoch":1)");
  f.reception.accept(first, kNow);
  f.reception.accept(first, kNow);
  CHECK(f.reception.counts().decoded == 1);
  StoreBatch batch;
  f.rows.take(batch);
  CHECK(batch.hits.size() == 1);
}
