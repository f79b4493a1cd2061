#include "kernel/order.h"

#include "base/error.h"
#include "report/fields.h"

namespace finwait::report {

template <>
struct Fields<scenario::Origin> : LeavingOut<> {
  using T = scenario::Origin;
  static constexpr std::tuple list{&T::file, &T::topologies, &T::overrides,
                                   &T::number};
};

template <>
struct Fields<kernel::Order> : LeavingOut<> {
  using T = kernel::Order;
  static constexpr std::tuple list{
      &T::cases,   &T::jobs,   &T::kernel_events, &T::keep_frames,
      &T::command, &T::folder, &T::environment};
};

}  // namespace finwait::report

namespace finwait::kernel {

std::string BytesOf(const Order& order) {
  std::string bytes;
  nlohmann::json::to_cbor(report::ToFields(order), bytes);
  return bytes;
}

Order OrderOf(std::string_view bytes) {
  try {
    return report::FromFields<Order>(nlohmann::json::from_cbor(bytes));
  } catch (const nlohmann::json::exception& error) {
    throw Error("reading what a guest is to do", error.what());
  }
}

}  // namespace finwait::kernel
