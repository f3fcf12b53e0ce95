#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "schema/loads_decode.hpp"

namespace {

thread_local std::size_t allocations = 0;

void* counted(std::size_t size) noexcept {
  ++allocations;
  return std::malloc(size);
}

void* counted_or_throw(std::size_t size) {
  if (void* memory = counted(size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

// All forms, since a sanitizer brings its own of those that are missing.
void* operator new(std::size_t size) { return counted_or_throw(size); }
void* operator new[](std::size_t size) { return counted_or_throw(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return counted(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

using namespace weir::schema;

namespace {

struct HitCounter : MessageVisitor {
  void on_message(const Message& message) override {
    hits += std::holds_alternative<AddHit>(message.body);
  }
  void on_rejection(const Rejection&) override { ++refused; }
  std::size_t hits = 0;
  std::size_t refused = 0;
};

// Frames of different lengths, so that a buffer which only just fits would show.
std::vector<std::string> plain_hits() {
  std::vector<std::string> frames;
  for (std::size_t i = 0; i < 1'000; ++i) {
    frames.push_back(R"({"data_type":"add_hit","worker_id":)" + std::to_string(30'000 + i) +
                     R"(,"loads_status":[1,"2",1,0],"url":"http://h/)" + std::string(i % 97, 'x') +
                     R"(","method":"GET","status":200,"started":"2026-11-21T20:29:56.743477",)" +
                     R"("elapsed":0.002553,"run_id":123456789012345678,"seq":)" +
                     std::to_string(i) + "}");
  }
  return frames;
}

}  // namespace

TEST_CASE("a plain hit is decoded without allocating", "[schema][loads_decode]") {
  const std::vector<std::string> frames = plain_hits();
  LoadsDecoder decoder;
  HitCounter visitor;
  decoder.decode(frames[96], visitor);
  const std::size_t before = allocations;
  for (const std::string& frame : frames) decoder.decode(frame, visitor);
  const std::size_t after = allocations;
  CHECK(after - before == 0);
  CHECK(visitor.hits == 1'001);
  CHECK(visitor.refused == 0);
  // The counter counts.
  const std::string text(1'000, 'x');
  CHECK(allocations > after);
}

TEST_CASE("a batch of plain hits is decoded without allocating", "[schema][loads_decode]") {
  std::string batch = R"({"data_type":"batch","agent_id":"a","counts":{"add_hit":[)";
  for (int i = 0; i < 100; ++i) {
    batch += (i ? "," : "") +
             std::string(R"({"url":"http://h/","method":"GET","status":200,"elapsed":0.1})");
  }
  batch += R"(],"stopTest":[{"test":"t"}],"widgets":[{"test":"t"}]}})";
  LoadsDecoder decoder;
  HitCounter visitor;
  decoder.decode(batch, visitor);
  const std::size_t before = allocations;
  for (int i = 0; i < 10; ++i) decoder.decode(batch, visitor);
  const std::size_t after = allocations;
  CHECK(after - before == 0);
  CHECK(visitor.hits == 1'100);
}
