#pragma once

#include <span>
#include <string_view>

#include "http/request.hpp"

namespace weir::http {

// A file that is part of the executable.
struct EmbeddedFile {
  std::string_view path;  // as it is asked for: /assets/style.css
  std::string_view type;
  std::string_view etag;  // in quotes; changes with what is in it
  std::string_view text;
  std::string_view gzip;  // the same, compressed
};

// All there are, by path; made at build time by tools/cmake/embed.py.
std::span<const EmbeddedFile> embedded_files();

// The file at the path of the request; 404 if there is none.
Handled embedded_file(const Request& request);
// The dashboard's page, whatever the path: its script looks at that.
Handled embedded_page(const Request& request);

}  // namespace weir::http
