#include "broker/journal_key.hpp"

namespace weir::broker {
namespace {

constexpr std::size_t kNumbers = 16;

void add_number(std::string& out, std::uint64_t value) {
  for (int i = 0; i < 8; ++i, value >>= 8U) out += static_cast<char>(value & 0xFFU);
}

std::uint64_t number_at(std::string_view bytes, std::size_t offset) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) {
    value = value << 8U | static_cast<unsigned char>(bytes[offset + i]);
  }
  return value;
}

}  // namespace

// Epoch and seq, little-endian; the length of the worker_id in a byte; worker_id; run_id.
std::string encode_journal_key(const JournalKey& key) {
  std::string bytes;
  bytes.reserve(kNumbers + 1 + key.worker_id.size() + key.run_id.size());
  add_number(bytes, key.epoch);
  add_number(bytes, key.seq);
  bytes += static_cast<char>(key.worker_id.size());
  bytes += key.worker_id;
  bytes += key.run_id;
  return bytes;
}

std::optional<JournalKey> decode_journal_key(std::string_view bytes) {
  if (bytes.size() <= kNumbers) return std::nullopt;
  const std::size_t worker = static_cast<unsigned char>(bytes[kNumbers]);
  const std::string_view names = bytes.substr(kNumbers + 1);
  if (names.size() < worker) return std::nullopt;
  return JournalKey{number_at(bytes, 0), number_at(bytes, 8), names.substr(0, worker),
                    names.substr(worker)};
}

}  // namespace weir::broker
