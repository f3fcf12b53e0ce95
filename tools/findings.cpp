#include "tools/findings.hpp"

#include "tools/store_options.hpp"
#include "tools/terminal_text.hpp"

namespace weir::tools {

void Findings::ok(const std::string& what, const std::string& detail) { line("ok", what, detail); }

void Findings::problem(const std::string& what, const std::string& detail,
                       const std::string& advice) {
  ++problems_;
  line("problem", what, detail + "; " + advice);
}

void Findings::repaired(const std::string& what, const std::string& detail) {
  line("repaired", what, detail);
}

void Findings::line(const std::string& word, const std::string& what, const std::string& text) {
  print(word + " " + printable(what) + ": " + printable(text) + "\n");
}

}  // namespace weir::tools
