// NativeEvent: the kernel's event record, and what its fields mean. The version of kqueue.
//
// Spec: reactor.md section 3 (the table of predicates).
//
// Reading and writing are two filters, so a source that is ready for both gives two events (M-E4).

#ifndef WEFT_RUNTIME_REACTOR_KQUEUE_NATIVE_EVENT_H_
#define WEFT_RUNTIME_REACTOR_KQUEUE_NATIVE_EVENT_H_

#include <cstddef>
#include <sys/types.h>
// After <sys/types.h>, which it needs on some of the systems.
#include <sys/event.h>

#include <weft/runtime/reactor/token.h>

namespace weft::runtime::reactor::internal {

using NativeEvent = struct ::kevent;

inline Token token_of(const NativeEvent& event) noexcept {
  // SAFETY(cast): a token's number, which the registration put there; nothing is read through it.
  // NetBSD has had an integer here, which the same cast takes.
  return Token{reinterpret_cast<std::size_t>(event.udata)};
}

inline bool has(const NativeEvent& event, unsigned flag) noexcept {
  return (event.flags & flag) != 0;
}

inline bool is_readable(const NativeEvent& event) noexcept {
  return event.filter == EVFILT_READ || event.filter == EVFILT_USER;
}
inline bool is_writable(const NativeEvent& event) noexcept { return event.filter == EVFILT_WRITE; }
// With EV_EOF, fflags is the socket's error.
inline bool is_error(const NativeEvent& event) noexcept {
  return has(event, EV_ERROR) || (has(event, EV_EOF) && event.fflags != 0);
}
inline bool is_read_closed(const NativeEvent& event) noexcept {
  return event.filter == EVFILT_READ && has(event, EV_EOF);
}
inline bool is_write_closed(const NativeEvent& event) noexcept {
  return event.filter == EVFILT_WRITE && has(event, EV_EOF);
}
inline bool is_priority(const NativeEvent&) noexcept { return false; }

#ifdef EVFILT_AIO
inline bool is_aio(const NativeEvent& event) noexcept { return event.filter == EVFILT_AIO; }
#else
inline bool is_aio(const NativeEvent&) noexcept { return false; }
#endif
#ifdef EVFILT_LIO
inline bool is_lio(const NativeEvent& event) noexcept { return event.filter == EVFILT_LIO; }
#else
inline bool is_lio(const NativeEvent&) noexcept { return false; }
#endif

}  // namespace weft::runtime::reactor::internal

#endif  // WEFT_RUNTIME_REACTOR_KQUEUE_NATIVE_EVENT_H_
