#include "schema/loads_decode_shapes.hpp"

#include <algorithm>
#include <utility>

namespace weir::schema::loads {

ShapeSet::ShapeSet() {
  shapes_.reserve(kMaxShapes);
  order_.reserve(kMaxShapes);
}

Fit ShapeSet::read(Place place, std::string_view data_type, Cursor& cursor, Message& message) {
  if (shapes_.empty()) return Fit::other;
  const Cursor start = cursor;
  const Index expected = next_[last_];
  // A shape that fits up to an odd value has its bytes before it in common with all that do so, and
  // thus the key: none of them reads it.
  const auto read_as = [&](Index index) {
    if (!shapes_[index].suits(place, data_type, start)) return Fit::other;
    cursor = start;
    const Fit fit = shapes_[index].read(cursor, message);
    if (fit == Fit::exact) use(index);
    return fit;
  };
  Fit fit = read_as(expected);
  for (std::size_t i = 0; i < order_.size() && fit == Fit::other; ++i) {
    if (order_[i] == expected) continue;
    fit = read_as(order_[i]);
  }
  return fit;
}

void ShapeSet::use(Index index) {
  next_[last_] = index;
  last_ = index;
  if (order_.front() == index) return;
  const auto found = std::find(order_.begin(), order_.end(), index);
  std::rotate(order_.begin(), found, found + 1);
}

bool ShapeSet::learn(Place place, std::string_view data_type, Cursor cursor) {
  if (!draft_.learn(place, data_type, cursor)) return false;
  auto index = static_cast<Index>(shapes_.size());
  if (shapes_.size() < kMaxShapes) {
    shapes_.emplace_back();
  } else {
    index = order_.back();
    order_.pop_back();
  }
  std::swap(shapes_[index], draft_);
  const std::size_t place_in_order = std::min(kProbation, order_.size());
  order_.insert(order_.begin() + static_cast<std::ptrdiff_t>(place_in_order), index);
  return true;
}

}  // namespace weir::schema::loads
