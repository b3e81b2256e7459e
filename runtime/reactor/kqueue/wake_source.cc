// WakeSource over EVFILT_USER. Interface: wake_source.h.

#include <weft/runtime/reactor/kqueue/wake_source.h>

#include <span>

#include <weft/base/check.h>
#include <weft/runtime/reactor/kqueue/changes.h>

namespace weft::runtime::reactor::internal {

namespace {

// Users' events have numbers of their own, of which one queue needs one.
constexpr std::uintptr_t kIdent = 0;

}  // namespace

Result<WakeSource> WakeSource::create(const Selector& selector, Token token) noexcept {
  Result<OwnedFd> queue = selector.as_fd().try_clone();
  if (!queue) return Err(queue.error());
  NativeEvent setup = change_of(kIdent, EVFILT_USER, EV_ADD | EV_CLEAR, token);
  const Result<void> made = make_changes(*queue, std::span(&setup, 1), {});
  if (!made) return Err(made.error());
  return WakeSource(*std::move(queue), token);
}

Result<void> WakeSource::wake() const noexcept {
  NativeEvent trigger = change_of(kIdent, EVFILT_USER, EV_ADD, token_);
  trigger.fflags = NOTE_TRIGGER;
  return make_changes(queue_, std::span(&trigger, 1), {});
}

void WakeSource::end() noexcept {
  if (!queue_) return;
  NativeEvent removal = change_of(kIdent, EVFILT_USER, EV_DELETE, token_);
  const Result<void> removed = make_changes(queue_, std::span(&removal, 1), {});
  WEFT_DCHECK(removed, "Waker: its event was not in its queue");
  queue_ = OwnedFd();
}

}  // namespace weft::runtime::reactor::internal
