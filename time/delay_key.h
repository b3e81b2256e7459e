// DelayKey: which entry of a DelayQueue is meant.
//
// Spec: T-50.
//
// A key is given out once: the place of an entry that has left is used again, its key is not. So a
// key that is held for too long is recognised, instead of naming somebody else's entry.
//
//   std::unordered_map<Address, time::DelayKey> last_seen;

#ifndef WEFT_TIME_DELAY_KEY_H_
#define WEFT_TIME_DELAY_KEY_H_

#include <cstddef>
#include <cstdint>
#include <functional>

namespace weft::time {

namespace internal {
template <class T>
class DelaySlab;
}  // namespace internal

// A plain value, of one queue. Names nothing when default-made.
class DelayKey {
 public:
  constexpr DelayKey() noexcept = default;

  friend constexpr bool operator==(DelayKey, DelayKey) noexcept = default;

 private:
  template <class T>
  friend class internal::DelaySlab;
  friend struct std::hash<DelayKey>;

  constexpr DelayKey(std::uint64_t serial, std::uint32_t index) noexcept
      : serial_(serial), index_(index) {}

  std::uint64_t serial_ = 0;  // counts insertions; 0: of none
  std::uint32_t index_ = 0;   // where the entry was inserted
};

}  // namespace weft::time

template <>
struct std::hash<weft::time::DelayKey> {
  std::size_t operator()(weft::time::DelayKey key) const noexcept {
    return std::hash<std::uint64_t>()(key.serial_);
  }
};

#endif  // WEFT_TIME_DELAY_KEY_H_
