// ReceivedFds: the descriptors that came with a message, one after the other, each with its owner.
//
// Spec: ancillary.md A-9, A-K13.
//
// A range that is gone through once. What is moved out of the iterator is the caller's; what is
// not, is closed when the next one is taken, or with the range. It refers to the storage of the
// AncillaryData that it comes from, which has to stay.
//
//   for (OwnedFd fd : ancillary.received_fds()) keep(std::move(fd));

#ifndef WEFT_NET_ANCILLARY_RECEIVED_FDS_H_
#define WEFT_NET_ANCILLARY_RECEIVED_FDS_H_

#include <cstddef>
#include <iterator>
#include <span>
#include <sys/socket.h>
#include <utility>

#include <weft/base/fd.h>
#include <weft/net/ancillary/control_message.h>
#include <weft/net/ancillary/internal/fd_slots.h>

namespace weft::net {

// Not thread-safe.
class [[nodiscard]] ReceivedFds {
 public:
  class Iterator;

  ReceivedFds(ReceivedFds&& other) noexcept
      : region_(std::exchange(other.region_, {})),
        slots_(std::exchange(other.slots_, {})),
        current_(std::move(other.current_)),
        type_(other.type_),
        begun_(other.begun_),
        at_end_(other.at_end_) {}
  ReceivedFds& operator=(ReceivedFds&&) = delete;
  // Closes what was not taken.
  ~ReceivedFds() { internal::close_all(region_); }

  // At the first descriptor, or wherever the range has got to.
  Iterator begin() noexcept;
  std::default_sentinel_t end() const noexcept { return std::default_sentinel; }

 private:
  friend class AncillaryData;

  explicit ReceivedFds(std::span<std::byte> region) noexcept : region_(region), slots_(region) {}

  // Takes the next descriptor out of its slot; closes the one before if it is still here.
  void advance() noexcept {
    begun_ = true;
    at_end_ = !slots_.next();
    type_ = at_end_ ? 0 : slots_.type();
    current_ = at_end_ ? OwnedFd() : slots_.take();
  }

  std::span<std::byte> region_;
  internal::FdSlots slots_;
  OwnedFd current_;
  int type_ = 0;
  bool begun_ = false;
  bool at_end_ = false;
};

// An input iterator: there is one position, which all copies share.
class ReceivedFds::Iterator {
 public:
  using value_type = OwnedFd;
  using difference_type = std::ptrdiff_t;
  using iterator_concept = std::input_iterator_tag;

  Iterator() noexcept = default;

  // The current descriptor, to be moved from.
  OwnedFd&& operator*() const noexcept { return std::move(range_->current_); }
  // How it came: SCM_RIGHTS from the sender, or kScmPidFd from the kernel.
  int type() const noexcept { return range_->type_; }

  Iterator& operator++() noexcept {
    range_->advance();
    return *this;
  }
  void operator++(int) noexcept { ++*this; }

  friend bool operator==(const Iterator& it, std::default_sentinel_t) noexcept {
    return it.is_at_end();
  }

 private:
  friend class ReceivedFds;
  explicit Iterator(ReceivedFds& range) noexcept : range_(&range) {}
  bool is_at_end() const noexcept { return range_ == nullptr || range_->at_end_; }

  ReceivedFds* range_ = nullptr;
};

inline ReceivedFds::Iterator ReceivedFds::begin() noexcept {
  if (!begun_) advance();
  return Iterator(*this);
}

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_RECEIVED_FDS_H_
