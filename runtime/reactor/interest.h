// Interest: what a source is watched for.
//
// Spec: reactor.md section 1, M-27.
//
// A set that is never empty: to watch for nothing is to deregister. The bits 0x04 and 0x08 belong
// to the BSDs' AIO and LIO, which Linux does not have.
//
//   using runtime::reactor::Interest;
//
//   // What is left to watch for when everything has been sent; nothing if that was all.
//   std::optional<Interest> when_sent(Interest interest) {
//     return interest.remove(Interest::kWritable);
//   }

#ifndef WEFT_RUNTIME_REACTOR_INTEREST_H_
#define WEFT_RUNTIME_REACTOR_INTEREST_H_

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <type_traits>

namespace weft::runtime::reactor {

class Interest {
 public:
  static const Interest kReadable;
  static const Interest kWritable;
  static const Interest kPriority;  // out-of-band data, and whatever else a device calls urgent

  constexpr bool is_readable() const noexcept { return (bits_ & kReadableBit) != 0; }
  constexpr bool is_writable() const noexcept { return (bits_ & kWritableBit) != 0; }
  constexpr bool is_priority() const noexcept { return (bits_ & kPriorityBit) != 0; }

  // True if every bit of `other` is in this set.
  constexpr bool contains(Interest other) const noexcept {
    return (bits_ & other.bits_) == other.bits_;
  }

  // What is left without `other`; nothing if nothing is left.
  [[nodiscard]] constexpr std::optional<Interest> remove(Interest other) const noexcept {
    const auto left = static_cast<std::uint8_t>(bits_ & ~other.bits_);
    return left != 0 ? std::optional<Interest>(Interest(left)) : std::nullopt;
  }

  // "READABLE | WRITABLE", in the order readable, writable, priority.
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

  explicit constexpr Interest(std::uint8_t bits) noexcept : bits_(bits) {}

  std::uint8_t bits_;
};

inline constexpr Interest Interest::kReadable{kReadableBit};
inline constexpr Interest Interest::kWritable{kWritableBit};
inline constexpr Interest Interest::kPriority{kPriorityBit};

static_assert(std::is_trivially_copyable_v<Interest> && sizeof(Interest) == 1);

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_INTEREST_H_
