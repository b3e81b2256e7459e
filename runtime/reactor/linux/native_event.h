// NativeEvent: the kernel's event record, and what its bits mean. The Linux version.
//
// Spec: reactor.md section 3 (the table of predicates), R-130.
//
// The selector over poll(2) fills in the same records: its bits have the same numbers. The record
// is packed on x86-64, so its fields are copied out and never bound to a reference.

#ifndef WEFT_RUNTIME_REACTOR_LINUX_NATIVE_EVENT_H_
#define WEFT_RUNTIME_REACTOR_LINUX_NATIVE_EVENT_H_

#include <cstdint>
#include <sys/epoll.h>

#include <weft/runtime/reactor/token.h>

namespace weft::runtime::reactor::internal {

using NativeEvent = ::epoll_event;

inline Token token_of(const NativeEvent& event) noexcept { return Token{event.data.u64}; }

inline bool has(const NativeEvent& event, std::uint32_t bits) noexcept {
  return (event.events & bits) == bits;
}

inline bool is_readable(const NativeEvent& event) noexcept {
  return (event.events & (EPOLLIN | EPOLLPRI)) != 0;
}
inline bool is_writable(const NativeEvent& event) noexcept { return has(event, EPOLLOUT); }
inline bool is_error(const NativeEvent& event) noexcept { return has(event, EPOLLERR); }
// EPOLLRDHUP alone would also be set by our own SHUT_RD before there is anything to read.
inline bool is_read_closed(const NativeEvent& event) noexcept {
  return has(event, EPOLLHUP) || has(event, EPOLLIN | EPOLLRDHUP);
}
// Exactly EPOLLERR is a full pipe whose reader went away.
inline bool is_write_closed(const NativeEvent& event) noexcept {
  return has(event, EPOLLHUP) || has(event, EPOLLOUT | EPOLLERR) || event.events == EPOLLERR;
}
inline bool is_priority(const NativeEvent& event) noexcept { return has(event, EPOLLPRI); }
// epoll knows neither.
inline bool is_aio(const NativeEvent&) noexcept { return false; }
inline bool is_lio(const NativeEvent&) noexcept { return false; }

}  // namespace weft::runtime::reactor::internal

#endif  // WEFT_RUNTIME_REACTOR_LINUX_NATIVE_EVENT_H_
