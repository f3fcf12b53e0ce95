#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "schema/loads_decode_reader.hpp"

namespace weir::schema::loads {

// Parses one JSON document with simdjson, and what simdjson refuses but we read once more after
// repairing it. The document is valid until the next parse or release.
class DocumentParser {
 public:
  explicit DocumentParser(std::size_t depth) : depth_(depth) {}

  // Strictly JSON. REQUIRES: SIMDJSON_PADDING readable bytes after the text, until the next parse.
  bool parse(std::string_view json);
  // The text that parse() just refused, with repairs. Returns whether it is a document now.
  bool parse_repaired(std::string_view json);

  const simdjson::dom::element& root() const { return root_; }
  // NaN and Infinity read as null in the document.
  std::size_t repaired() const { return repaired_; }
  // Why the last parse failed.
  Refusal refusal() const;
  // Gives back the memory that a large document took.
  void release();

 private:
  simdjson::error_code try_parse(std::string_view json);
  simdjson::error_code parse_at(std::string_view json, std::size_t depth);

  std::size_t depth_;
  std::unique_ptr<simdjson::dom::parser> parser_ = std::make_unique<simdjson::dom::parser>();
  simdjson::dom::element root_;
  std::string repaired_text_;
  std::size_t repaired_ = 0;
  simdjson::error_code error_ = simdjson::SUCCESS;
};

}  // namespace weir::schema::loads
