#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "broker/durability.hpp"
#include "broker/journal_worker.hpp"
#include "broker/key_ledger.hpp"
#include "broker/reception.hpp"
#include "http/ports.hpp"

namespace weir::broker {

// Takes messages that came over HTTP: journals and applies them, and answers when they are safe;
// with an idempotency key once. Used by the core thread only.
class HttpReception {
 public:
  using Done = std::function<void(http::Outcome)>;
  struct Counts {
    std::uint64_t requests = 0;     // taken
    std::uint64_t replayed = 0;     // known by their key: answered, not applied
    std::uint64_t retry_later = 0;  // no space, or no room
  };

  // `journal` may be null: then messages are safe at once. References must outlive this.
  HttpReception(Durability durability, Reception& reception, KeyLedger& keys,
                JournalWorker* journal)
      : durability_(durability),
        reception_(reception),
        keys_(keys),
        journal_(durability == Durability::off ? nullptr : journal) {}

  void take(const http::Messages& messages, Done done, schema::Timestamp now);
  // Answers those whose messages became safe. If the journal has failed, all others too: they have
  // to be sent again.
  void answer();
  // At the end: nobody waits any longer.
  void give_up();
  // Senders are asked to come later while the results file does not keep up, and until what was
  // recovered is safe: an answer by key says that it is.
  void hold(bool held) { held_ = held; }
  void begin() { began_ = true; }
  bool began() const { return began_; }
  const Counts& counts() const { return counts_; }

 private:
  struct Waiting {
    std::uint64_t position;
    http::Outcome outcome;
    Done done;
  };
  void answer_when_safe(std::uint64_t position, http::Outcome outcome, Done done);
  void refuse(const Done& done, std::string why);
  const char* why_not_now(std::size_t bytes) const;

  Durability durability_;
  Reception& reception_;
  KeyLedger& keys_;
  JournalWorker* journal_;
  bool held_ = false;
  bool began_ = false;
  Counts counts_;
  std::deque<Waiting> waiting_;  // ascending by position; bounded by http.connections
};

// What the journal keeps with messages that came over HTTP.
struct HttpKey {
  std::uint64_t fingerprint = 0;
  std::string_view worker_id, run_id, idempotency_key;
};
std::string encode_http_key(const HttpKey& key);
// Empty if it is none.
std::optional<HttpKey> decode_http_key(std::string_view bytes);

// Applies messages of the journal and remembers their key.
void replay_http(Reception& reception, KeyLedger& keys, const store::JournalRecord& record);

}  // namespace weir::broker
