#include "broker/admission.hpp"

#include <array>

namespace weir::broker {
namespace {

std::optional<schema::Purpose> purpose_of(std::string_view domain) {
  if (domain == "ingest" || domain == "acked") return schema::Purpose::report;
  if (domain == "feed" || domain == "relay") return schema::Purpose::look;
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Verdict verdict) {
  constexpr std::array<std::string_view, 4> kNames{"admitted", "key", "role", "limit"};
  return kNames.at(static_cast<std::size_t>(verdict));
}

Verdict Admission::decide(const ConnectionQuestion& question, Clock::time_point now,
                          std::string& name) {
  name.clear();
  if (keys_) {
    keys_->refresh(now);
    if (question.mechanism != "CURVE") return Verdict::refused_key;
    const schema::Grant* grant = keys_->find(question.public_key);
    if (grant == nullptr) return Verdict::refused_key;
    name = grant->name;
    const auto purpose = purpose_of(question.domain);
    if (!purpose || !may(grant->role, *purpose)) return Verdict::refused_role;
  }
  return limit_.admit(now) ? Verdict::admitted : Verdict::refused_limit;
}

}  // namespace weir::broker
