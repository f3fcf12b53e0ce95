#include "broker/arrival_clock.hpp"

#include <ctime>

#include "broker/utc_clock.hpp"

namespace weir::broker {

ArrivalClock::Reading ArrivalClock::read() {
  std::timespec boot{};
  clock_gettime(CLOCK_BOOTTIME, &boot);
  return {utc_now(), std::chrono::seconds{boot.tv_sec} + std::chrono::nanoseconds{boot.tv_nsec}};
}

schema::Timestamp ArrivalClock::at(const Reading& reading) {
  const auto passed =
      std::chrono::duration_cast<std::chrono::microseconds>(reading.since_boot - last_.since_boot);
  const std::chrono::microseconds set_by = (reading.utc - last_.utc) - passed;
  if (std::chrono::abs(set_by) >= kStep) apart_ += set_by;
  last_ = reading;
  return reading.utc - apart_;
}

}  // namespace weir::broker
