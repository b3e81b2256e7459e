// FdSlots: walks over the descriptors in received control messages.
//
// Spec: ancillary.md A-W1, A-9, A-10, "Parsing"; A-K13.
//
// A slot is an int in the payload of an SCM_RIGHTS or SCM_PIDFD message, at any address. It holds
// an open descriptor of ours, or a negative number: none was there, or it has been taken. The walk
// never ends at a slot that is empty, and reads no further than the payloads do.

#ifndef WEFT_NET_ANCILLARY_INTERNAL_FD_SLOTS_H_
#define WEFT_NET_ANCILLARY_INTERNAL_FD_SLOTS_H_

#include <cstddef>
#include <span>

#include <weft/base/fd.h>
#include <weft/net/ancillary/control_messages.h>

namespace weft::net::internal {

class FdSlots {
 public:
  FdSlots() noexcept = default;
  // Over the messages in `region`, which lives as long as this object.
  explicit FdSlots(std::span<std::byte> region) noexcept;

  // Goes to the next slot that is not empty. False: there is none.
  bool next() noexcept;

  // Of the current slot.
  int fd() const noexcept;
  // SCM_RIGHTS or kScmPidFd.
  int type() const noexcept { return type_; }
  // Empties it.
  void clear() noexcept;
  // Empties it; who calls this owns the descriptor from now on, as nobody else did.
  OwnedFd take() noexcept;

 private:
  std::span<std::byte> region_;
  ControlMessages::Iterator message_;  // the one after the current
  std::span<std::byte> payload_;       // what is left of the current one, behind the slot
  std::byte* slot_ = nullptr;
  int type_ = 0;
};

// Empties the slots that repeat a number, so that each descriptor has one slot. Costs a step a slot
// where numbers ascend, as they do when the kernel installs descriptors.
void drop_repeated(std::span<std::byte> region) noexcept;

// Closes all that is left.
void close_all(std::span<std::byte> region) noexcept;

}  // namespace weft::net::internal

#endif  // WEFT_NET_ANCILLARY_INTERNAL_FD_SLOTS_H_
