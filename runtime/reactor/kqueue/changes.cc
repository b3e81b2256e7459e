// Changes to a kqueue. Interface: changes.h.

#include <weft/runtime/reactor/kqueue/changes.h>

#include <algorithm>
#include <cstddef>
#include <system_error>

#include <weft/base/kqueue/sys_kqueue.h>

namespace weft::runtime::reactor::internal {

NativeEvent change_of(std::uintptr_t ident, int filter, unsigned flags, Token token) noexcept {
  NativeEvent change{};
  // The types of the fields differ from system to system.
  change.ident = static_cast<decltype(change.ident)>(ident);
  change.filter = static_cast<decltype(change.filter)>(filter);
  change.flags = static_cast<decltype(change.flags)>(flags | EV_RECEIPT);
  // SAFETY(cast): only a number for the kernel to keep; token_of() is the way back.
  change.udata = reinterpret_cast<decltype(change.udata)>(token.value);
  return change;
}

Result<void> make_changes(BorrowedFd queue, std::span<NativeEvent> changes,
                          std::initializer_list<int> ignored) noexcept {
  const Result<std::size_t> count = sys::kevent(queue, changes, changes, nullptr);
  if (!count) {
    if (count.error() == std::errc::interrupted) return {};
    return Err(count.error());
  }
  for (const NativeEvent& receipt : changes.first(std::min(*count, changes.size()))) {
    if (!has(receipt, EV_ERROR) || receipt.data == 0) continue;
    const auto number = static_cast<int>(receipt.data);
    if (std::find(ignored.begin(), ignored.end(), number) != ignored.end()) continue;
    return Err(Error::from_errno(number));
  }
  return {};
}

}  // namespace weft::runtime::reactor::internal
