#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "schema/loads_decode_shape.hpp"

namespace weir::schema::loads {

// The shapes seen of late. Bounded: a new one starts in the middle of the order and moves to the
// front only once it is used, so that a client whose every object has a new shape drives out others
// like itself but no shape in use.
class ShapeSet {
 public:
  static constexpr std::size_t kMaxShapes = 16;

  ShapeSet();

  // Reads the object at the cursor in the first shape that fits, and moves past it. Unless the fit
  // is exact, message and cursor are left in the middle.
  Fit read(Place place, std::string_view data_type, Cursor& cursor, Message& message);

  // Adds the shape of the object at the cursor. False if it has none to keep; see Shape::learn().
  // Views that a message has of a shape's counter name are lost.
  bool learn(Place place, std::string_view data_type, Cursor cursor);

  std::size_t size() const { return shapes_.size(); }

 private:
  using Index = std::uint8_t;
  static constexpr std::size_t kProbation = kMaxShapes / 2;

  void use(Index index);

  std::vector<Shape> shapes_;
  std::vector<Index> order_;  // of shapes_, the one used last first
  // What came after each shape the last time: runners take turns, and so do the messages of one.
  std::array<Index, kMaxShapes> next_{};
  Index last_ = 0;
  Shape draft_;
};

}  // namespace weir::schema::loads
