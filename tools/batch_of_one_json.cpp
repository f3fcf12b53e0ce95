#include "tools/batch_of_one_json.hpp"

#include <nlohmann/json.hpp>

#include "schema/loads_encode.hpp"

namespace weir::tools {

std::string batch_of_one(const schema::Message& message) {
  const nlohmann::json name = schema::data_type(message.body);
  const std::string key = name.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return R"({"data_type":"batch","counts":{)" + key + ":[" + schema::loads_encode(message) + "]}}";
}

}  // namespace weir::tools
