// Interest and Ready: what one waits for on a descriptor, and what is known of it.
//
// Spec: reactor.md D-5, U-4; runtime.md R-130.
//
// The sets that the runtime's I/O uses above the reactor; weft::io has them by the same names. They
// are wider than the reactor's: an error is something to wait for, and that a direction is closed
// is something to know. Waiting to read ends also when there will be nothing to read: each interest
// is satisfied by its own readiness or by the end of its direction.
//
//   Interest both = Interest::kReadable | Interest::kWritable;
//   if ((seen & Ready::from_interest(both)).is_empty()) ...

#ifndef WEFT_RUNTIME_DRIVER_READY_H_
#define WEFT_RUNTIME_DRIVER_READY_H_

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <type_traits>

#include <weft/runtime/reactor/event.h>
#include <weft/runtime/reactor/interest.h>

namespace weft::runtime {

// A set that is never empty.
class Interest {
 public:
  static const Interest kReadable;
  static const Interest kWritable;
  static const Interest kPriority;
  static const Interest kError;

  constexpr bool is_readable() const noexcept { return (bits_ & kReadableBit) != 0; }
  constexpr bool is_writable() const noexcept { return (bits_ & kWritableBit) != 0; }
  constexpr bool is_priority() const noexcept { return (bits_ & kPriorityBit) != 0; }
  constexpr bool is_error() const noexcept { return (bits_ & kErrorBit) != 0; }

  // True if every bit of `other` is in this set.
  constexpr bool contains(Interest other) const noexcept {
    return (bits_ & other.bits_) == other.bits_;
  }

  // What is left without `other`; nothing if nothing is left.
  [[nodiscard]] constexpr std::optional<Interest> remove(Interest other) const noexcept {
    const auto left = static_cast<std::uint8_t>(bits_ & ~other.bits_);
    return left != 0 ? std::optional<Interest>(Interest(left)) : std::nullopt;
  }

  // What to register for. The kernel reports errors unasked, but registers nothing for nothing:
  // errors alone are watched as readable.
  reactor::Interest to_reactor() const noexcept;

  // "READABLE | WRITABLE", in the order readable, writable, priority, error.
  std::string to_string() const;

  friend constexpr Interest operator|(Interest a, Interest b) noexcept {
    return Interest(static_cast<std::uint8_t>(a.bits_ | b.bits_));
  }
  friend constexpr bool operator==(Interest, Interest) noexcept = default;
  friend std::ostream& operator<<(std::ostream& out, Interest interest);

 private:
  static constexpr std::uint8_t kReadableBit = 0x01;
  static constexpr std::uint8_t kWritableBit = 0x02;
  static constexpr std::uint8_t kPriorityBit = 0x10;
  static constexpr std::uint8_t kErrorBit = 0x20;

  explicit constexpr Interest(std::uint8_t bits) noexcept : bits_(bits) {}

  std::uint8_t bits_;
};

inline constexpr Interest Interest::kReadable{kReadableBit};
inline constexpr Interest Interest::kWritable{kWritableBit};
inline constexpr Interest Interest::kPriority{kPriorityBit};
inline constexpr Interest Interest::kError{kErrorBit};

// A set that may be empty.
class Ready {
 public:
  static const Ready kEmpty;
  static const Ready kReadable;
  static const Ready kWritable;
  static const Ready kReadClosed;
  static const Ready kWriteClosed;
  static const Ready kPriority;
  static const Ready kError;
  static const Ready kAll;

  constexpr Ready() noexcept = default;
  // What satisfies `interest`.
  static constexpr Ready from_interest(Interest interest) noexcept;
  // What `event` says.
  static Ready from_event(const reactor::Event& event) noexcept;
  // The set with these bits; others than kAll's are dropped.
  static constexpr Ready from_bits(std::uint16_t bits) noexcept;
  constexpr std::uint16_t bits() const noexcept { return bits_; }

  constexpr bool is_empty() const noexcept { return bits_ == 0; }
  // Readable or closed for reading: a read will not block. Likewise for writing.
  constexpr bool is_readable() const noexcept;
  constexpr bool is_writable() const noexcept;
  constexpr bool is_read_closed() const noexcept;
  constexpr bool is_write_closed() const noexcept;
  constexpr bool is_priority() const noexcept;
  constexpr bool is_error() const noexcept;

  constexpr bool contains(Ready other) const noexcept {
    return (bits_ & other.bits_) == other.bits_;
  }
  constexpr bool intersects(Ready other) const noexcept { return (bits_ & other.bits_) != 0; }

  // "READABLE | READ_CLOSED"; "EMPTY".
  std::string to_string() const;

  friend constexpr Ready operator|(Ready a, Ready b) noexcept { return Ready(a.bits_ | b.bits_); }
  friend constexpr Ready operator&(Ready a, Ready b) noexcept { return Ready(a.bits_ & b.bits_); }
  // a without what is in b.
  friend constexpr Ready operator-(Ready a, Ready b) noexcept { return Ready(a.bits_ & ~b.bits_); }
  friend constexpr bool operator==(Ready, Ready) noexcept = default;
  friend std::ostream& operator<<(std::ostream& out, Ready ready);

 private:
  explicit constexpr Ready(int bits) noexcept : bits_(static_cast<std::uint16_t>(bits)) {}

  std::uint16_t bits_ = 0;
};

inline constexpr Ready Ready::kEmpty{0};
inline constexpr Ready Ready::kReadable{0x01};
inline constexpr Ready Ready::kWritable{0x02};
inline constexpr Ready Ready::kReadClosed{0x04};
inline constexpr Ready Ready::kWriteClosed{0x08};
inline constexpr Ready Ready::kPriority{0x10};
inline constexpr Ready Ready::kError{0x20};
inline constexpr Ready Ready::kAll{0x3f};

constexpr Ready Ready::from_interest(Interest interest) noexcept {
  Ready ready;
  if (interest.is_readable()) ready = ready | kReadable | kReadClosed;
  if (interest.is_writable()) ready = ready | kWritable | kWriteClosed;
  if (interest.is_priority()) ready = ready | kPriority | kReadClosed;
  if (interest.is_error()) ready = ready | kError;
  return ready;
}
constexpr Ready Ready::from_bits(std::uint16_t bits) noexcept { return Ready(bits) & kAll; }

constexpr bool Ready::is_readable() const noexcept { return intersects(kReadable | kReadClosed); }
constexpr bool Ready::is_writable() const noexcept { return intersects(kWritable | kWriteClosed); }
constexpr bool Ready::is_read_closed() const noexcept { return contains(kReadClosed); }
constexpr bool Ready::is_write_closed() const noexcept { return contains(kWriteClosed); }
constexpr bool Ready::is_priority() const noexcept { return contains(kPriority); }
constexpr bool Ready::is_error() const noexcept { return contains(kError); }

inline Ready Ready::from_event(const reactor::Event& event) noexcept {
  Ready ready;
  if (event.is_readable()) ready = ready | kReadable;
  if (event.is_writable()) ready = ready | kWritable;
  if (event.is_read_closed()) ready = ready | kReadClosed;
  if (event.is_write_closed()) ready = ready | kWriteClosed;
  if (event.is_priority()) ready = ready | kPriority;
  if (event.is_error()) ready = ready | kError;
  return ready;
}

static_assert(std::is_trivially_copyable_v<Ready> && std::is_trivially_copyable_v<Interest>);

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_DRIVER_READY_H_
