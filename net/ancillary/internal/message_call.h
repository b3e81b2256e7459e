// MessageCall: what the builders' last functions return for an async socket.
//
// Spec: ancillary.md A-37; api.md "Conventions" (movable until awaited).
//
// A socket's own awaitable borrows slices and ancillary data. A builder is gone when its last
// function has returned, so this keeps what was in it: the one slice made from a span of bytes, and
// the empty ancillary data if none was given. The socket's function is called when this is awaited
// and its awaitable kept here, next to what it borrows.

#ifndef WEFT_NET_ANCILLARY_INTERNAL_MESSAGE_CALL_H_
#define WEFT_NET_ANCILLARY_INTERNAL_MESSAGE_CALL_H_

#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include <weft/net/ancillary/ancillary_data.h>
#include <weft/runtime/leaf.h>

namespace weft::net::internal {

// The buffers of a builder: one of its own, or the caller's. `Slice` may be const.
template <class Slice>
class MessageBuffers {
 public:
  explicit MessageBuffers(std::remove_const_t<Slice> one) noexcept : one_(one) {}
  explicit MessageBuffers(std::span<Slice> many) noexcept : many_(many) {}

  // Valid as long as this object stays where it is.
  std::span<Slice> slices() noexcept { return many_ ? *many_ : std::span<Slice>(&one_, 1); }

 private:
  std::remove_const_t<Slice> one_;
  std::optional<std::span<Slice>> many_;
};

// Buffers, and ancillary data: the caller's, or none.
template <class Slice>
class MessageParts {
 public:
  explicit MessageParts(MessageBuffers<Slice> buffers) noexcept : buffers_(buffers) {}

  void set_ancillary(AncillaryData& ancillary) noexcept { ancillary_ = &ancillary; }
  AncillaryData& ancillary() noexcept { return ancillary_ != nullptr ? *ancillary_ : none_; }
  std::span<Slice> slices() noexcept { return buffers_.slices(); }

 private:
  MessageBuffers<Slice> buffers_;
  AncillaryData* ancillary_ = nullptr;
  AncillaryData none_{std::span<std::byte>()};
};

// `start`, called with the slices and the ancillary data, returns the socket's awaitable.
template <class Slice, class Start>
class [[nodiscard]] MessageCall {
  using Inner = std::invoke_result_t<Start&, std::span<Slice>, AncillaryData&>;
  using Awaiter = decltype(std::declval<Inner&&>().operator co_await());

 public:
  MessageCall(MessageParts<Slice> parts, Start start)
      : parts_(std::move(parts)), start_(std::move(start)) {}

  Awaiter operator co_await() {
    inner_.emplace(start_(parts_.slices(), parts_.ancillary()));
    return std::move(*inner_).operator co_await();
  }

 private:
  MessageParts<Slice> parts_;
  Start start_;
  std::optional<Inner> inner_;  // since it was awaited
};

// Does it now if that gives a Result, and otherwise when it is awaited.
template <class Slice, class Start>
auto call_or_defer(MessageParts<Slice> parts, Start start) {
  using Given = decltype(start(parts.slices(), parts.ancillary()));
  if constexpr (Awaitable<Given>) {
    return MessageCall<Slice, Start>(std::move(parts), std::move(start));
  } else {
    return start(parts.slices(), parts.ancillary());
  }
}

}  // namespace weft::net::internal

#endif  // WEFT_NET_ANCILLARY_INTERNAL_MESSAGE_CALL_H_
