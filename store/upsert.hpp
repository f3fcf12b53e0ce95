#pragma once

#include <string>
#include <string_view>

namespace weir::store {

// The SQL of the two ways in which rows are written. Columns are comma-separated names; parameters
// stand in the order of the columns, those of the key first.

// Inserts a row, or replaces the other columns of the row with the same key.
std::string upsert_sql(std::string_view table, std::string_view key, std::string_view columns);

// The second half of that: what to do if the row is there.
std::string or_replace_sql(std::string_view key, std::string_view columns);

// Inserts a row, or adds to its one other column.
std::string add_sql(std::string_view table, std::string_view key, std::string_view column);

std::string insert_sql(std::string_view table, std::string_view columns);

}  // namespace weir::store
