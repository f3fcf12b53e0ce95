#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "broker/ack_wire.hpp"
#include "broker/journal_key.hpp"
#include "schema/ids.hpp"

// The input is a request's kind, one byte, and its fields. Whatever it is: no crash, what is taken
// is within its limits, and the key that the journal keeps of it comes back.

using namespace weir;
using namespace weir::broker;

namespace {

void must(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

void check(const Hello& hello) {
  must(schema::is_valid_id(hello.worker_id), "a worker_id is an id");
  must(hello.run_id.empty() || schema::is_valid_id(hello.run_id), "a run_id is an id");
  must(hello.epoch > 0 && hello.epoch >> 63U == 0, "an epoch fits into the store");
  const std::string key = encode_journal_key({hello.epoch, 7, hello.worker_id, hello.run_id});
  const auto back = decode_journal_key(key);
  must(back && back->epoch == hello.epoch && back->seq == 7 && back->worker_id == hello.worker_id &&
           back->run_id == hello.run_id,
       "a key comes back");
}

void check(const AckedBatch& batch) { must(batch.seq > 0 && batch.seq >> 63U == 0, "a seq"); }
void check(const Ping& ping) { must(encode_pong(ping.cookie, {}).size() == 16, "a pong"); }
void check(const EndOfBatches& /*end*/) {}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(bytes), size};
  const auto request = decode_ack_request(input.substr(0, 1), input.substr(size > 0 ? 1 : 0));
  if (request) {
    std::visit([](const auto& said) { check(said); }, *request);
  } else {
    must(!request.error().detail.empty(), "a refusal says why");
  }
  if (const auto key = decode_journal_key(input)) {
    must(encode_journal_key(*key) == input, "a key is what it was");
  }
  return 0;
}
