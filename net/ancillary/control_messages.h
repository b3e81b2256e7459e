// ControlMessages: the control messages that lie one after the other in a piece of memory.
//
// Spec: ancillary.md A-1..A-4, "Parsing".
//
// The bytes may be anything, at any address: what a kernel wrote, or a stranger. Every step of the
// iterator consumes at least a header, nothing outside is read, and what does not parse is left
// over in rest(). The rules, for a message that begins with n bytes left:
//
//   bool is_from_root(net::ControlMessages messages) {
//     for (const net::ControlMessage& message : messages) {
//       const auto sender = net::ScmCredentials::from(message);
//       if (sender && sender->uid == 0) return true;
//     }
//     return false;
//   }

#ifndef WEFT_NET_ANCILLARY_CONTROL_MESSAGES_H_
#define WEFT_NET_ANCILLARY_CONTROL_MESSAGES_H_

#include <cstddef>
#include <iterator>
#include <span>

#include <weft/net/ancillary/control_message.h>

namespace weft::net {

// A view, thread-safe as a span is.
class ControlMessages {
 public:
  class Iterator;

  // No messages.
  constexpr ControlMessages() noexcept = default;
  // Nothing is looked at before begin().
  static constexpr ControlMessages from_bytes(std::span<const std::byte> bytes) noexcept {
    return ControlMessages(bytes);
  }

  // What it was made from, parsable or not.
  constexpr std::span<const std::byte> as_bytes() const noexcept { return bytes_; }
  // There is not even one message.
  bool empty() const noexcept;

  Iterator begin() const noexcept;
  std::default_sentinel_t end() const noexcept { return std::default_sentinel; }

 private:
  explicit constexpr ControlMessages(std::span<const std::byte> bytes) noexcept : bytes_(bytes) {}

  std::span<const std::byte> bytes_;
};

// A forward iterator; stays valid as long as the bytes do.
class ControlMessages::Iterator {
 public:
  using value_type = ControlMessage;
  using difference_type = std::ptrdiff_t;
  using pointer = const ControlMessage*;
  using reference = ControlMessage;
  using iterator_category = std::input_iterator_tag;  // of C++17: it gives values
  using iterator_concept = std::forward_iterator_tag;

  Iterator() noexcept = default;
  explicit Iterator(std::span<const std::byte> bytes) noexcept { parse(bytes); }

  // Not at the end.
  ControlMessage operator*() const noexcept { return current_; }
  const ControlMessage* operator->() const noexcept { return &current_; }

  Iterator& operator++() noexcept {
    parse(rest_);
    return *this;
  }
  Iterator operator++(int) noexcept {
    Iterator before = *this;
    ++*this;
    return before;
  }

  // At the end: the bytes that could not be parsed. Before: those after the current message.
  std::span<const std::byte> rest() const noexcept { return rest_; }

  // Of iterators over the same bytes.
  friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
    return a.at_end_ == b.at_end_ && a.rest_.data() == b.rest_.data() &&
           a.rest_.size() == b.rest_.size();
  }
  friend bool operator==(const Iterator& it, std::default_sentinel_t) noexcept {
    return it.at_end_;
  }

 private:
  void parse(std::span<const std::byte> bytes) noexcept;

  ControlMessage current_{0, 0, {}};
  std::span<const std::byte> rest_;
  bool at_end_ = true;
};

inline ControlMessages::Iterator ControlMessages::begin() const noexcept {
  return Iterator(bytes_);
}
inline bool ControlMessages::empty() const noexcept { return begin() == end(); }

}  // namespace weft::net

#endif  // WEFT_NET_ANCILLARY_CONTROL_MESSAGES_H_
