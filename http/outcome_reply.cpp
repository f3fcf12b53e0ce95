#include "http/outcome_reply.hpp"

namespace weir::http {

std::optional<HttpError> error_of(const Outcome& outcome) {
  switch (outcome.verdict) {
    case Outcome::Verdict::done:
      return {};
    case Outcome::Verdict::later:
      return HttpError{503, "retry_later", outcome.detail};
    case Outcome::Verdict::not_found:
      return HttpError{404, "not_found", outcome.detail, "run"};
    case Outcome::Verdict::conflict:
      return HttpError{409, "conflict", outcome.detail, "run"};
    case Outcome::Verdict::key_is_used:
      return HttpError{422, "key_is_used", outcome.detail, "Idempotency-Key"};
  }
  return HttpError{500, "internal", "an outcome without a name"};
}

HttpError no_room() {
  return {503, "retry_later", "more is waiting than http.inbox_bytes: try again"};
}

}  // namespace weir::http
