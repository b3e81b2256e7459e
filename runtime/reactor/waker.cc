// Waker over eventfd. Interface: waker.h.

#include <weft/runtime/reactor/waker.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/eventfd.h>
#include <system_error>

#include <weft/base/sys.h>
#include <weft/runtime/reactor/interest.h>

namespace weft::runtime::reactor {

Result<Waker> Waker::create(Registry& registry, Token token) {
  internal::Selector& selector = registry.selector();
  RefPtr<internal::Identity> identity(selector.identity());
  if (!identity->claim_waker()) return Err(std::errc::file_exists);
  Result<OwnedFd> event = sys::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (!event) {
    identity->release_waker();
    return Err(event.error());
  }
  const Result<void> added = selector.add(event->borrow(), token, Interest::kReadable);
  if (!added) {
    identity->release_waker();
    return Err(added.error());
  }
  return Waker(*std::move(event), std::move(identity));
}

Waker& Waker::operator=(Waker&& other) noexcept {
  if (this == &other) return *this;
  release();
  event_ = std::move(other.event_);
  selector_ = std::move(other.selector_);
  return *this;
}

void Waker::release() noexcept {
  if (selector_ == nullptr) return;
  // Closing takes it out of the selector: nobody else has this descriptor.
  event_ = OwnedFd();
  selector_->release_waker();
}

Result<void> Waker::wake() const noexcept {
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

}  // namespace weft::runtime::reactor
