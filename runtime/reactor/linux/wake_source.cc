// WakeSource over eventfd. Interface: wake_source.h.

#include <weft/runtime/reactor/linux/wake_source.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/eventfd.h>
#include <system_error>

#include <weft/base/sys.h>
#include <weft/runtime/reactor/interest.h>

namespace weft::runtime::reactor::internal {

Result<WakeSource> WakeSource::create(const Selector& selector, Token token) noexcept {
  if (PollSet* const set = selector.poll_set()) {
    return WakeSource(OwnedFd(), RefPtr<PollSet>(*set), token);
  }
  Result<OwnedFd> event = sys::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (!event) return Err(event.error());
  const Result<void> added = selector.add(event->borrow(), token, Interest::kReadable);
  if (!added) return Err(added.error());
  return WakeSource(*std::move(event), nullptr, token);
}

void WakeSource::end() noexcept {
  // Closing takes it out of epoll: nobody else has this descriptor.
  event_ = OwnedFd();
  if (set_ != nullptr) set_->cancel_wake();
  set_ = nullptr;
}

Result<void> WakeSource::wake() const noexcept {
  if (set_ == nullptr) return write();
  set_->wake(token_);
  return {};
}

Result<void> WakeSource::write() const noexcept {
  const std::uint64_t one = 1;
  for (;;) {
    const Result<std::size_t> written = sys::write(event_, std::as_bytes(std::span(&one, 1)));
    if (written) return {};
    if (written.error() != std::errc::operation_would_block) return Err(written.error());
    // The counter is full after 2^64 - 2 wakes. Whoever else empties it at the same time is about
    // to write, too; so "nothing to read" is fine.
    std::array<std::byte, sizeof(std::uint64_t)> count;
    const Result<std::size_t> emptied = sys::read(event_, count);
    if (!emptied && emptied.error() != std::errc::operation_would_block) {
      return Err(emptied.error());
    }
  }
}

}  // namespace weft::runtime::reactor::internal
