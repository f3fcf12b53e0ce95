#pragma once

#include <cstddef>
#include <filesystem>

#include "schema/error.hpp"
#include "store/file_calls.hpp"
#include "store/journal_reader.hpp"

namespace weir::store {

// Makes what read_journal found the journal's durable end, before a JournalWriter is opened at
// report.next_position: cuts the last segment behind its sound bytes, so that no torn record is
// ever read, and syncs it (a record that was only in memory must not be lost once later ones
// count). Removes segments in which nothing was written; sets aside a last one in which nothing is
// readable. May be interrupted and made again, after reading again. Errors: no_space, io.
schema::Result<void> truncate_torn(const std::filesystem::path& folder, const JournalReport& report,
                                   const FileCalls& calls = {});

// Of damaged segments so many are kept for people; of more, those with the lowest positions go.
inline constexpr std::size_t kMaxSetAside = 16;

// Renames the damaged segments to <name>.damaged. Called when all that was read is safe elsewhere,
// and before the writer removes old segments. Errors: no_space, io.
schema::Result<void> set_aside(const std::filesystem::path& folder, const JournalReport& report,
                               const FileCalls& calls = {});

}  // namespace weir::store
