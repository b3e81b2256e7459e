// Making a system call by way of the thread's table, and turning its answer into a Result.
//
// Interface of the calls: sys.h; of the table: sys_table.h. This is what the functions of weft::sys
// are made of.

#ifndef WEFT_BASE_INTERNAL_SYS_CALL_H_
#define WEFT_BASE_INTERNAL_SYS_CALL_H_

#include <cerrno>
#include <cstddef>
#include <sys/types.h>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/base/sys_table.h>

namespace weft::sys::internal {

// The calling thread's table. A plain thread_local, since base stands below the seam of loom/; it
// is touched by the plain functions of weft::sys only, never inside a coroutine.
inline constinit thread_local const Table* current_table = nullptr;

// Calls the table's entry if there is one, else `Direct`: both are known at compile time, so that
// without a table this is a load, a branch and a direct call.
template <auto Entry, auto Direct, class... Args>
inline auto call(Args... args) noexcept {
  if (const Table* const active = current_table; active != nullptr) [[unlikely]] {
    if (const auto entry = active->*Entry; entry != nullptr) return entry(args...);
  }
  return Direct(args...);
}

// The same until it ends otherwise than by EINTR.
template <auto Entry, auto Direct, class... Args>
inline auto call_retried(Args... args) noexcept {
  while (true) {
    const auto answer = call<Entry, Direct>(args...);
    if (answer != -1 || errno != EINTR) return answer;
  }
}

// errno is read by the first of these that runs after the call: nothing may come in between.
inline Result<std::size_t> to_count(ssize_t answer) noexcept {
  if (answer == -1) [[unlikely]]
    return Err(Error::last_os_error());
  return static_cast<std::size_t>(answer);
}
inline Result<int> to_number(int answer) noexcept {
  if (answer == -1) [[unlikely]]
    return Err(Error::last_os_error());
  return answer;
}
inline Result<void> to_done(int answer) noexcept {
  if (answer == -1) [[unlikely]]
    return Err(Error::last_os_error());
  return {};
}
inline Result<OwnedFd> to_fd(int answer) noexcept {
  if (answer == -1) [[unlikely]]
    return Err(Error::last_os_error());
  return OwnedFd(answer);
}

// For calls that return the error number, 0 for none.
inline Result<void> from_number(int number) noexcept {
  if (number != 0) [[unlikely]]
    return Err(Error::from_errno(number));
  return {};
}

}  // namespace weft::sys::internal

#endif  // WEFT_BASE_INTERNAL_SYS_CALL_H_
