#include "schema/loads_decode_delivery.hpp"

#include "schema/loads_decode_text.hpp"

namespace weir::schema::loads {

void Delivery::begin(MessageVisitor& visitor) {
  visitor_ = &visitor;
  counts_ = {};
}

void Delivery::accept(const Message& message) {
  ++counts_.messages;
  visitor_->on_message(message);
}

void Delivery::refuse(const Refusal& refusal, std::string_view sample) {
  // A field can be a name that a runner made up.
  constexpr std::size_t kMaxFieldBytes = 64;
  ++counts_.rejections;
  detail_.assign(printable(refusal.field, kMaxFieldBytes, field_));
  if (!detail_.empty()) detail_.append(": ");
  detail_.append(refusal.what);
  visitor_->on_rejection({.reason = refusal.code,
                          .detail = detail_,
                          .sample = printable(sample, sample_bytes_, sample_)});
}

}  // namespace weir::schema::loads
