#include "schema/message.hpp"

namespace weir::schema {
namespace {

struct DataType {
  std::string_view operator()(const AddHit&) const { return "add_hit"; }
  std::string_view operator()(const StartTestRun&) const { return "startTestRun"; }
  std::string_view operator()(const StopTestRun&) const { return "stopTestRun"; }
  std::string_view operator()(const StartTest&) const { return "startTest"; }
  std::string_view operator()(const StopTest&) const { return "stopTest"; }
  std::string_view operator()(const AddSuccess&) const { return "addSuccess"; }
  std::string_view operator()(const AddFailure&) const { return "addFailure"; }
  std::string_view operator()(const AddError&) const { return "addError"; }
  std::string_view operator()(const SocketOpen&) const { return "socket_open"; }
  std::string_view operator()(const SocketClose&) const { return "socket_close"; }
  std::string_view operator()(const SocketMessage&) const { return "socket_message"; }
  std::string_view operator()(const Counter& counter) const { return counter.name; }
};

}  // namespace

std::string_view data_type(const Body& body) { return std::visit(DataType{}, body); }

}  // namespace weir::schema
