#include "store/upsert.hpp"

#include <algorithm>

namespace weir::store {
namespace {

// f(name) for each of "a, b, c", joined by ", ".
template <class F>
std::string each_column(std::string_view columns, F&& f) {
  std::string text;
  while (!columns.empty()) {
    const std::size_t end = std::min(columns.find(','), columns.size());
    const std::string_view name = columns.substr(0, end);
    if (!text.empty()) text += ", ";
    text += f(std::string{name});
    columns.remove_prefix(end);
    columns.remove_prefix(std::min(columns.find_first_not_of(", "), columns.size()));
  }
  return text;
}

std::string joined(std::string_view a, std::string_view b) {
  return std::string{a} + ", " + std::string{b};
}

}  // namespace

std::string insert_sql(std::string_view table, std::string_view columns) {
  return "INSERT INTO " + std::string{table} + " (" + std::string{columns} + ") VALUES (" +
         each_column(columns, [](const std::string&) { return "?"; }) + ")";
}

std::string or_replace_sql(std::string_view key, std::string_view columns) {
  const auto replace = [](const std::string& name) { return name + " = excluded." + name; };
  return " ON CONFLICT (" + std::string{key} + ") DO UPDATE SET " + each_column(columns, replace);
}

std::string upsert_sql(std::string_view table, std::string_view key, std::string_view columns) {
  return insert_sql(table, joined(key, columns)) + or_replace_sql(key, columns);
}

std::string add_sql(std::string_view table, std::string_view key, std::string_view column) {
  const std::string name{column};
  return insert_sql(table, joined(key, column)) + " ON CONFLICT (" + std::string{key} +
         ") DO UPDATE SET " + name + " = " + name + " + excluded." + name;
}

}  // namespace weir::store
