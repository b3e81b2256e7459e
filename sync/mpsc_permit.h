// Permits of a bounded channel: the right to send, without waiting, later.
//
// Spec: SY-76, SY-77, SY-78, SY-83.
//
// A permit is a slot that is kept free. Sending uses it up; destroying it gives it back. It may be
// used also after the receiver has closed: then the receiver still waits for it (SY-82).
//
//   Task<bool> send_when_there_is_room(sync::mpsc::Sender<std::string> sender) {
//     auto permit = co_await sender.reserve();
//     if (!permit) co_return false;                  // the receiver has gone
//     std::move(*permit).send(expensive_message());  // cannot fail, does not wait
//     co_return true;
//   }

#ifndef WEFT_SYNC_MPSC_PERMIT_H_
#define WEFT_SYNC_MPSC_PERMIT_H_

#include <cstddef>
#include <optional>
#include <source_location>
#include <string_view>
#include <utility>

#include <weft/base/check.h>
#include <weft/sync/internal/mpsc_channel.h>

namespace weft::sync::mpsc {

template <class T>
class Sender;

// One slot, from reserve(). Move-only; empty when used or moved from. Must not outlive its sender.
template <class T>
class [[nodiscard]] Permit {
  using Channel = sync::internal::BoundedChannel<T>;

 public:
  Permit(Permit&& other) noexcept : channel_(std::exchange(other.channel_, nullptr)) {}
  Permit& operator=(Permit&& other) noexcept {
    Permit moved(std::move(other));
    std::swap(channel_, moved.channel_);
    return *this;
  }
  ~Permit() {
    if (channel_ != nullptr) channel_->release(1);
  }

  // Sends `value`. If the receiver is gone, the value goes with the channel (SY-78).
  void send(T value, std::source_location where = std::source_location::current()) && noexcept {
    WEFT_CHECK(channel_ != nullptr, "mpsc::Permit::send: this permit has been used", where);
    std::exchange(channel_, nullptr)->push(std::move(value));
  }

 private:
  template <class U>
  friend class PermitIterator;
  friend class Sender<T>;
  explicit Permit(Channel& channel) noexcept : channel_(&channel) {}

  Channel* channel_;
};

// Several slots, from reserve_many(): a source of permits. Move-only. Must not outlive its sender.
template <class T>
class [[nodiscard]] PermitIterator {
  using Channel = sync::internal::BoundedChannel<T>;

 public:
  PermitIterator(PermitIterator&& other) noexcept
      : channel_(other.channel_), count_(std::exchange(other.count_, 0)) {}
  PermitIterator& operator=(PermitIterator&& other) noexcept {
    PermitIterator moved(std::move(other));
    std::swap(channel_, moved.channel_);
    std::swap(count_, moved.count_);
    return *this;
  }
  // Gives back what was not drawn.
  ~PermitIterator() {
    if (count_ != 0) channel_->release(count_);
  }

  // One of the permits, until they are used up.
  std::optional<Permit<T>> next() noexcept {
    if (count_ == 0) return std::nullopt;
    --count_;
    return Permit<T>(*channel_);
  }
  // How many are left.
  std::size_t size() const noexcept { return count_; }

 private:
  friend class Sender<T>;
  PermitIterator(Channel& channel, std::size_t count) noexcept
      : channel_(&channel), count_(count) {}

  Channel* channel_;
  std::size_t count_;
};

// One slot together with the sender it came from, from reserve_owned(). Counts as a sender (SY-82).
// Move-only; empty when used or moved from.
template <class T>
class [[nodiscard]] OwnedPermit {
 public:
  OwnedPermit(OwnedPermit&& other) noexcept : sender_(std::exchange(other.sender_, std::nullopt)) {}
  OwnedPermit& operator=(OwnedPermit&& other) noexcept {
    OwnedPermit moved(std::move(other));
    sender_.swap(moved.sender_);
    return *this;
  }
  ~OwnedPermit() {
    if (sender_) sender_->channel().release(1);
  }

  // Sends `value` and gives the sender back. As Permit::send().
  Sender<T> send(T value,
                 std::source_location where = std::source_location::current()) && noexcept {
    Sender<T> sender = take("mpsc::OwnedPermit::send: this permit has been used", where);
    sender.channel().push(std::move(value));
    return sender;
  }
  // Gives back the slot, and the sender to the caller.
  Sender<T> release(std::source_location where = std::source_location::current()) && noexcept {
    Sender<T> sender = take("mpsc::OwnedPermit::release: this permit has been used", where);
    sender.channel().release(1);
    return sender;
  }

 private:
  friend class Sender<T>;
  explicit OwnedPermit(Sender<T> sender) noexcept : sender_(std::move(sender)) {}

  Sender<T> take(std::string_view message, std::source_location where) noexcept {
    WEFT_CHECK(sender_.has_value(), message, where);
    Sender<T> sender = *std::move(sender_);
    sender_.reset();
    return sender;
  }

  std::optional<Sender<T>> sender_;
};

}  // namespace weft::sync::mpsc

#endif  // WEFT_SYNC_MPSC_PERMIT_H_
