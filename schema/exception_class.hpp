#pragma once

#include <string_view>

namespace weir::schema {

// How much a text looks like the name of an exception class; exc_info is put in order by comparing
// its first two items (docs/protocol.md):
//   3  <type '...'> or <class '...'>
//   2  an identifier, dotted or with :: or $, whose last part begins with a capital and ends in
//      Error, Exception, Warning, Failure, Exit, Interrupt, Timeout, Fault or Iteration
//   1  such an identifier whose last part begins with a capital
//   0  anything else
int class_likeness(std::string_view text);

// The class without <type '...'>, <class '...'> and a leading "exceptions." or "builtins.".
std::string_view bare_class_name(std::string_view text);

}  // namespace weir::schema
