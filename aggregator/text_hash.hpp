#pragma once

#include <cstdint>
#include <string_view>

namespace weir::aggregator {

// A hash of texts that come from outside, keyed with random numbers of this process: nobody can
// choose many texts that share one place of a map. Differs from process to process. Thread-safe.
std::uint64_t hash_text(std::string_view text);

}  // namespace weir::aggregator
