#pragma once

#include <span>
#include <string>
#include <string_view>

namespace weir::aggregator {

// One kind of path segment that varies from request to request.
struct TemplateRule {
  std::string_view name;
  bool (*matches)(std::string_view segment);
};

// The rules, in the order in which they are tried; docs/protocol.md has them in words.
std::span<const TemplateRule> template_rules();

// A URL as part of a label: without user information, query and fragment; with templating, path
// segments that match a rule are written {id}.
std::string label_url(std::string_view url, bool templating);

// A URL as it is stored with a raw hit: without user information, and without query and fragment
// unless they are to be kept.
std::string stored_url(std::string_view url, bool keep_query);

}  // namespace weir::aggregator
