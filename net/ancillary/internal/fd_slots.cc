// FdSlots. Interface and design: fd_slots.h.

#include <weft/net/ancillary/internal/fd_slots.h>

#include <algorithm>

#include <weft/net/ancillary/internal/control_layout.h>

namespace weft::net::internal {

FdSlots::FdSlots(std::span<std::byte> region) noexcept : region_(region), message_(region) {}

bool FdSlots::next() noexcept {
  for (;;) {
    while (payload_.size() < sizeof(int)) {
      if (message_ == std::default_sentinel) return false;
      if (message_->carries_fds()) {
        // The iterator sees the region as const; this is the same memory.
        const std::span<const std::byte> data = message_->data();
        payload_ =
            region_.subspan(static_cast<std::size_t>(data.data() - region_.data()), data.size());
        type_ = message_->type();
      }
      ++message_;
    }
    slot_ = payload_.data();
    payload_ = payload_.subspan(sizeof(int));
    if (fd() >= 0) return true;
  }
}

int FdSlots::fd() const noexcept { return load<int>(slot_); }

void FdSlots::clear() noexcept { store(slot_, -1); }

OwnedFd FdSlots::take() noexcept {
  const int taken = fd();
  clear();
  return OwnedFd(taken);
}

void drop_repeated(std::span<std::byte> region) noexcept {
  int highest = -1;
  FdSlots slots(region);
  for (std::size_t before = 0; slots.next(); ++before) {
    const int fd = slots.fd();
    if (fd > highest) {
      highest = fd;
      continue;
    }
    FdSlots earlier(region);
    for (std::size_t i = 0; i < before && earlier.next(); ++i) {
      if (earlier.fd() != fd) continue;
      slots.clear();
      --before;  // the walks of later ones do not meet this slot any more
      break;
    }
  }
}

void close_all(std::span<std::byte> region) noexcept {
  for (FdSlots slots(region); slots.next();) static_cast<void>(slots.take());
}

}  // namespace weft::net::internal
