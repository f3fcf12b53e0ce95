#include "schema/loads_decode_shapes.hpp"

#include <algorithm>
#include <utility>

namespace weir::schema::loads {
namespace {

// Of an object whose shape is not the expected one. The first that agrees with it so far may read
// on; otherwise a long text before an unforeseen key would be read once for each that does.
constexpr std::size_t kMaxTriedBytes = 2'048;

}  // namespace

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
  const auto read_as = [&](Index index, std::size_t bytes_max) {
    if (!shapes_[index].suits(place, data_type, start)) return Fit::other;
    cursor = start;
    cursor.end = cursor.at + std::min(bytes_max, start.left());
    const Fit fit = shapes_[index].read(cursor, message);
    cursor.end = start.end;
    if (fit == Fit::exact) use(index);
    return fit;
  };
  Fit fit = read_as(expected, start.left());
  for (std::size_t i = 0; i < order_.size() && fit == Fit::other; ++i) {
    if (order_[i] == expected) continue;
    fit = read_as(order_[i], kMaxTriedBytes);
    if (fit == Fit::odd_value && start.left() > kMaxTriedBytes)
      return read_as(order_[i], start.left());
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
