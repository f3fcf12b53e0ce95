#pragma once

#include <string>
#include <string_view>

#include "aggregator/run.hpp"
#include "schema/error.hpp"

namespace weir::aggregator {

// A run as bytes and back: a loaded run that goes on equals one that was never interrupted. What
// is not kept is listed at Run::serialize(). Equal runs give equal bytes.
//
// The bytes: a format version, then a part for the run and one for each of its labels: the size of
// the fields, the fields in order (cereal's portable binary), and a checksum of both; size and
// checksum in 8 bytes, the lowest first. They are for this version of weir only: another format is
// refused, and so is damage of any kind.

std::string save_run(const Run& run);
// The same in pieces, to be put one after the other: the format and the part of the run; and the
// parts of its labels.
std::string save_head(const Run& run);
std::string save_label(const Run::LabelFigures& figures);

// The limits of `settings` hold for what comes later; a table that is over one already stays as it
// is. Nothing counts as collected, as after collect_again(). Errors: bad_type (damaged),
// newer_schema (another format).
schema::Result<Run> load_run(std::string_view bytes, const Settings& settings);

}  // namespace weir::aggregator
