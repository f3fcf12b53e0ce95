#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "broker/ack_ledger.hpp"
#include "broker/ack_wire.hpp"
#include "broker/acked_intake.hpp"
#include "broker/durability.hpp"
#include "broker/journal_worker.hpp"
#include "broker/reception.hpp"
#include "broker/secret.hpp"

namespace weir::broker {

// Speaks weir-ack/1 with the senders of acknowledged batches: takes a batch once, in order,
// journals and applies it, and acknowledges it when it is safe. Used by the core thread only.
class AckedReception {
 public:
  struct Counts {
    std::uint64_t batches = 0;       // taken
    std::uint64_t duplicate = 0;     // sent again: acknowledged, not applied
    std::uint64_t out_of_order = 0;  // before their turn, or without a hello
    std::uint64_t retry_later = 0;   // no space, or no room
    std::uint64_t malformed = 0;     // taken, but nothing in them could be read
    std::uint64_t too_large = 0;     // taken, not read
    std::uint64_t denied = 0;        // hellos
    std::uint64_t bad_requests = 0;  // that are not of the protocol
  };
  // Why whoever shows a token of this hash, or none, is refused; empty: they are not.
  using Authorize = std::function<std::string(const std::optional<Sha256>& token)>;

  // `journal` may be null: then batches are safe at once. References must outlive this.
  AckedReception(AckedConfig config, Durability durability, AckedIntake& intake, AckLedger& ledger,
                 Reception& reception, JournalWorker* journal, Authorize authorize);

  // When it is somebody else's turn.
  struct Turn {
    std::size_t requests_max = 0, bytes_max = 0;
    std::chrono::steady_clock::time_point until;
  };
  // Takes requests until the turn is over; returns whether there may be more.
  bool receive(schema::Timestamp now, const Turn& turn);
  // Acknowledges what became safe since the last call, and what could not be sent then.
  void acknowledge();
  // Senders are asked to come later while the results file does not keep up, and until what was
  // recovered is safe: a welcome acknowledges it.
  void hold(bool held) { held_ = held; }
  void begin() { began_ = true; }
  bool began() const { return began_; }
  // Asks again who may go on: the list of tokens has changed.
  void authorize_again();
  // Lets time pass: forgets silent connections.
  void tick(schema::Timestamp now);

  const Counts& counts() const { return counts_; }
  std::size_t connections() const { return connections_.size(); }
  // Whether acknowledgements are owed for what was taken.
  bool owes() const { return !owed_.empty() || ledger_.waiting() > 0; }

 private:
  struct Connection {
    std::string worker_id, run_id;
    std::uint64_t epoch = 0;
    schema::Timestamp last;
    std::optional<Sha256> token;
  };
  using Connections = std::map<std::string, Connection, std::less<>>;

  void accept(const AckedIntake::Request& request, schema::Timestamp now);
  void on(const Hello& hello, std::string_view connection, schema::Timestamp now);
  void on(const AckedBatch& batch, std::string_view connection, schema::Timestamp now);
  void on(const Ping& ping, std::string_view connection, schema::Timestamp now);
  void on(const EndOfBatches& end, std::string_view connection, schema::Timestamp now);
  void take(const AckedBatch& batch, AckLedger::Sender& sender, Connections::iterator from,
            schema::Timestamp now);
  Connections::iterator connected(std::string_view connection, schema::Timestamp now);
  bool has_room_for(const AckedBatch& batch) const;
  void refuse(std::string_view connection, std::uint64_t seq, AckRefusal code,
              std::string_view message);
  AckedIntake::Sent answer(std::string_view connection, std::string_view kind,
                           std::string_view fields);
  void deny(std::string_view connection, std::string_view worker_id, std::string_view why);
  void forget(Connections::iterator connection);

  AckedConfig config_;
  Durability durability_;
  AckedIntake& intake_;
  AckLedger& ledger_;
  Reception& reception_;
  JournalWorker* journal_;
  Authorize authorize_;
  Connections connections_;                             // by what ZeroMQ calls them
  std::map<std::string, std::string, std::less<>> at_;  // worker_id -> its latest connection
  std::set<std::string, std::less<>> owed_;             // connections
  bool held_ = false;
  bool began_ = false;
  Counts counts_;
};

}  // namespace weir::broker
