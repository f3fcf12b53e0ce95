#pragma once

#include <string>

namespace weir::tools {

// What weir doctor finds, a line each on stdout as it is found: what it is about, what there is to
// say, and what to do.
class Findings {
 public:
  void ok(const std::string& what, const std::string& detail);
  void problem(const std::string& what, const std::string& detail, const std::string& advice);
  void repaired(const std::string& what, const std::string& detail);

  bool has_problems() const { return problems_ > 0; }

 private:
  static void line(const std::string& word, const std::string& what, const std::string& text);

  int problems_ = 0;
};

}  // namespace weir::tools
