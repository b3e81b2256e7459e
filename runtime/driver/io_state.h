// IoState: everything about one registered descriptor that is asked without a lock, in one word.
//
// Spec; reactor.md D-1, D-3, D-4; net.md G-10, U-5, P-5.
//
//      63    62 .. 32        31        30 .. 16   15 .. 0
//   +--------+---------+-------------+----------+-----------+
//   | closed |  calls  | shut down   |   tick   | readiness |
//   +--------+---------+-------------+----------+-----------+
//
//   readiness  what the kernel has reported and nobody has found used up
//   tick       counts the reports. Who found the readiness used up clears it only if no report has
//              come since he looked: a late "would block" must not erase a newer edge. There is one
//              width of tick everywhere, and clearing touches nothing but the readiness bits.
//   shut down  the driver is gone; set once, never cleared
//   calls      how many system calls on the descriptor are under way. It may be closed at zero
//              only, so that no call can hit a descriptor that has meanwhile got the same number.
//   closed     the owner has closed it; set once, never cleared. No call begins any more.
//
// One word, because a call then costs two read-modify-writes: one that begins it, and one that ends
// it and says in the same step that the readiness is used up.
//
//   writers    driver's holder: add(), set_shut_down().   owner: begin_close().   anyone: the rest.
//   pairing    [I1] release in every write -> acquire in look(), begin_call(), end_call(),
//              begin_close(), end_close(): who ends the last call of a closed descriptor, and then
//              closes it, comes after everything that was done with it; and who finds a descriptor
//              ready or shut down comes after what the driver did before it said so. All writes are
//              read-modify-writes, so they continue each other's release sequence.

#ifndef WEFT_RUNTIME_DRIVER_IO_STATE_H_
#define WEFT_RUNTIME_DRIVER_IO_STATE_H_

#include <cstdint>

#include <weft/base/check.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/driver/ready.h>

namespace weft::internal {

// The state as it was at one moment; clearing needs it again.
class IoSeen {
 public:
  explicit constexpr IoSeen(std::uint64_t word = 0) noexcept : word_(word) {}

  runtime::Ready ready() const noexcept {
    return runtime::Ready::from_bits(static_cast<std::uint16_t>(word_));
  }
  std::uint32_t tick() const noexcept { return static_cast<std::uint32_t>(word_ >> 16) & 0x7fff; }
  bool is_shut_down() const noexcept { return (word_ >> 31 & 1) != 0; }
  bool is_closed() const noexcept { return (word_ >> 63) != 0; }
  // The kernel has not reported anything yet: nothing is known. (True once more each time the tick
  // comes round while nothing is ready, which does no harm: see io_call.h.)
  bool is_fresh() const noexcept { return tick() == 0 && ready().is_empty(); }

 private:
  std::uint64_t word_;
};

class IoState {
 public:
  IoSeen look() const noexcept { return IoSeen(word_.load(std::memory_order_acquire)); }  // [I1]

  // The driver: the kernel has reported `ready`.
  void add(runtime::Ready ready) noexcept {
    update([ready](std::uint64_t word) {
      const std::uint64_t tick = (word + kTick) & kTickMask;
      return (word & ~kTickMask) | tick | ready.bits();
    });
  }
  // The driver: there will be no more reports.
  void set_shut_down() noexcept {
    word_.fetch_or(kShutDown, std::memory_order_acq_rel);  // [I1]
  }

  // `used_up` was found used up by someone who had seen `seen`. Nothing happens if the kernel has
  // reported since.
  void clear(runtime::Ready used_up, IoSeen seen) noexcept {
    update([=](std::uint64_t word) { return cleared(word, used_up, seen); });
  }

  // Before a system call on the descriptor. False: it is closed and must not be used.
  [[nodiscard]] bool begin_call() noexcept {
    // relaxed: only a guess for the exchange.
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    do {
      if ((word & kClosed) != 0) return false;
    } while (!word_.compare_exchange_weak(word, word + kCall, std::memory_order_acq_rel,  // [I1]
                                          std::memory_order_relaxed));
    return true;
  }
  // After it. True: that was the last call, and the descriptor was closed meanwhile: the caller
  // closes it.
  [[nodiscard]] bool end_call() noexcept {
    const std::uint64_t before = word_.fetch_sub(kCall, std::memory_order_acq_rel);  // [I1]
    WEFT_DCHECK((before & kCallMask) != 0, "IoState::end_call: none was begun");
    return is_last_of_closed(before);
  }
  // end_call() and clear() in one.
  [[nodiscard]] bool end_call(runtime::Ready used_up, IoSeen seen) noexcept {
    return is_last_of_closed(
        update([=](std::uint64_t word) { return cleared(word, used_up, seen) - kCall; }));
  }

  // Closing counts as a call, so that the descriptor stays open until it has been taken out of the
  // selector. begin_close() answers false if it is closed already; end_close() as end_call().
  [[nodiscard]] bool begin_close() noexcept {
    // relaxed: only a guess for the exchange.
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    do {
      if ((word & kClosed) != 0) return false;
    } while (!word_.compare_exchange_weak(word, (word | kClosed) + kCall,
                                          std::memory_order_acq_rel,  // [I1]
                                          std::memory_order_relaxed));
    return true;
  }
  [[nodiscard]] bool end_close() noexcept { return end_call(); }

  // begin_close() for an owner who wants the descriptor itself back: only while no call is under
  // way, since he may close it at once.
  enum class Take { kTaken, kInUse, kWasClosed };
  [[nodiscard]] Take begin_take() noexcept {
    // relaxed: only a guess for the exchange.
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    do {
      if ((word & kClosed) != 0) return Take::kWasClosed;
      if ((word & kCallMask) != 0) return Take::kInUse;
    } while (!word_.compare_exchange_weak(word, (word | kClosed) + kCall,
                                          std::memory_order_acq_rel,  // [I1]
                                          std::memory_order_relaxed));
    return Take::kTaken;
  }

 private:
  static constexpr std::uint64_t kTick = std::uint64_t{1} << 16;
  static constexpr std::uint64_t kTickMask = std::uint64_t{0x7fff} << 16;
  static constexpr std::uint64_t kShutDown = std::uint64_t{1} << 31;
  static constexpr std::uint64_t kCall = std::uint64_t{1} << 32;
  static constexpr std::uint64_t kCallMask = std::uint64_t{0x7fff'ffff} << 32;
  static constexpr std::uint64_t kClosed = std::uint64_t{1} << 63;

  static std::uint64_t cleared(std::uint64_t word, runtime::Ready used_up, IoSeen seen) noexcept {
    if (IoSeen(word).tick() != seen.tick()) return word;
    return word & ~std::uint64_t{used_up.bits()};
  }

  static bool is_last_of_closed(std::uint64_t before) noexcept {
    return (before & kClosed) != 0 && (before & kCallMask) == kCall;
  }

  // Replaces the word by change(word), unless that is the same, and returns the old one.
  template <class Change>
  std::uint64_t update(Change change) noexcept {
    // relaxed: only a guess for the exchange. If nothing is to be changed, nothing is published.
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    for (;;) {
      const std::uint64_t changed = change(word);
      if (changed == word) return word;
      if (word_.compare_exchange_weak(word, changed, std::memory_order_acq_rel,  // [I1]
                                      std::memory_order_relaxed)) {
        return word;
      }
    }
  }

  // See the head of this file.
  loom::Atomic<std::uint64_t> word_{0};
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_DRIVER_IO_STATE_H_
