// Changes to a kqueue: making them, and what the kernel said of each.
//
// Spec: reactor.md R-7, W-5.
//
// EV_RECEIPT makes kevent(2) answer each change with a record of its own, EV_ERROR in its flags and
// an errno, or zero, in data. Without it the first failure would end the call, and events would be
// taken out of the queue by a call that is not a poll.

#ifndef WEFT_RUNTIME_REACTOR_KQUEUE_CHANGES_H_
#define WEFT_RUNTIME_REACTOR_KQUEUE_CHANGES_H_

#include <cstdint>
#include <initializer_list>
#include <span>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/runtime/reactor/kqueue/native_event.h>
#include <weft/runtime/reactor/token.h>

namespace weft::runtime::reactor::internal {

// `flags`: EV_ADD, EV_DELETE and the like; EV_RECEIPT is added.
NativeEvent change_of(std::uintptr_t ident, int filter, unsigned flags, Token token) noexcept;

// Makes all of `changes` and replaces them by their receipts. The first error that is not among
// `ignored`, which are error numbers. An interrupted call has made the changes.
Result<void> make_changes(BorrowedFd queue, std::span<NativeEvent> changes,
                          std::initializer_list<int> ignored) noexcept;

}  // namespace weft::runtime::reactor::internal

#endif  // WEFT_RUNTIME_REACTOR_KQUEUE_CHANGES_H_
