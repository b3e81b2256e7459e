// OneshotCore: the protocol of a oneshot channel, without its value.
//
// Spec: SY-58 .. SY-65.
//
// One sender and one receiver share one heap block and one word; each half touches the value and
// the other's waker only when the word says that they are its own.
//
//   state_     kSent      the sender is finished: with kValue it left a value, without it died.
//                         Value and rx_waker_ belong to the receiver, but see kTxGone.
//              kClosed    the receiver wants nothing any more. Set without kSent it keeps kSent
//                         from ever being set, and the value in the block is the sender's again.
//              kRxWaker   rx_waker_ holds the receiver's waker, for the sender to take when it sets
//                         kSent; while the bit is clear it is the receiver's
//              kTxWaker   tx_waker_ holds the waker of Sender::closed(), for the receiver to call
//                         when it sets kClosed; while the bit is clear it is the sender's
//              kTxGone, kRxGone   the half does not touch the block any more: the second one frees
//              it
//   writers    the sender: kSent, kValue, kTxWaker, kTxGone. The receiver: the others.
//   pairing    [O1] release with kSent -> acquire by the receiver: the value.
//              [O2] release with kRxWaker -> acquire by the sender that sets kSent: rx_waker_.
//              [O3] release with kClosed -> acquire by the sender: what preceded close().
//              [O4] release with kTxWaker -> acquire by the receiver that sets kClosed: tx_waker_.
//              [O5] release with kTxGone or kRxGone -> acquire by who frees the block: everything.
//              Every change is a read-modify-write, so each is in the release sequences of all
//              before.
//
// A sender that finds no kRxWaker sets kSent and kTxGone in one step, and a receiver that finds
// kTxGone frees the block without telling anyone: create, send and receive take one
// read-modify-write altogether.

#ifndef WEFT_SYNC_INTERNAL_ONESHOT_CORE_H_
#define WEFT_SYNC_INTERNAL_ONESHOT_CORE_H_

#include <cstdint>

#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/runtime/context.h>
#include <weft/runtime/waker.h>

namespace weft::sync::internal {

class OneshotCore {
 public:
  OneshotCore() noexcept = default;
  OneshotCore(const OneshotCore&) = delete;
  OneshotCore& operator=(const OneshotCore&) = delete;

  // --- The sender's half.

  enum class Finish : std::uint8_t {
    kDone,    // the block is no longer the sender's
    kLast,    // and nobody else's: free it
    kClosed,  // the receiver had closed: nothing was sent, the block is still the sender's
  };
  // Says that the sender is finished, with a value in the block or without, and wakes the receiver.
  [[nodiscard]] Finish finish(bool with_value) noexcept {
    std::uint32_t seen = state_.load(std::memory_order_acquire);  // [O3]
    while ((seen & (kClosed | kRxWaker)) == 0) {
      const std::uint32_t next = seen | kSent | kTxGone | (with_value ? kValue : 0);
      if (state_.compare_exchange_weak(seen, next, std::memory_order_acq_rel,  // [O1] [O5]
                                       std::memory_order_acquire)) {           // [O3]
        return Finish::kDone;
      }
    }
    return finish_slowly(seen, with_value);
  }
  // True once the receiver has closed; else `cx` is woken when it does (SY-65).
  [[nodiscard]] bool poll_closed(Context& cx) noexcept;
  bool is_closed() const noexcept {
    return (state_.load(std::memory_order_acquire) & kClosed) != 0;  // [O3]
  }
  // After Finish::kClosed. True: free the block.
  [[nodiscard]] bool leave_as_sender() noexcept { return leave(kTxGone, kRxGone); }

  // --- The receiver's half.

  enum class Seen : std::uint8_t {
    kEmpty,   // nothing yet
    kValue,   // the value is there, and the receiver's
    kClosed,  // there will be none
  };
  [[nodiscard]] Seen look() const noexcept {
    const std::uint32_t seen = state_.load(std::memory_order_acquire);  // [O1]
    if ((seen & kValue) != 0) return Seen::kValue;
    return (seen & (kSent | kClosed)) != 0 ? Seen::kClosed : Seen::kEmpty;
  }
  // True once look() is not kEmpty; else `cx` is woken when that changes (SY-64).
  [[nodiscard]] bool poll_finished(Context& cx) noexcept {
    const std::uint32_t seen = state_.load(std::memory_order_acquire);  // [O1]
    return (seen & (kSent | kClosed)) != 0 || register_receiver(seen, cx);
  }
  // Refuses whatever has not been sent yet, and wakes Sender::closed() (SY-61).
  void close() noexcept;
  // The value has been taken or destroyed. True: free the block.
  [[nodiscard]] bool leave_as_receiver() noexcept { return leave(kRxGone, kTxGone); }

 private:
  static constexpr std::uint32_t kRxWaker = 1;
  static constexpr std::uint32_t kSent = 2;
  static constexpr std::uint32_t kClosed = 4;
  static constexpr std::uint32_t kTxWaker = 8;
  static constexpr std::uint32_t kValue = 16;
  static constexpr std::uint32_t kTxGone = 32;
  static constexpr std::uint32_t kRxGone = 64;

  Finish finish_slowly(std::uint32_t seen, bool with_value) noexcept;
  bool register_receiver(std::uint32_t seen, Context& cx) noexcept;
  bool leave(std::uint32_t mine, std::uint32_t other) noexcept {
    // If the other has left there is nobody to tell.
    if ((state_.load(std::memory_order_acquire) & other) != 0) return true;  // [O5]
    return (state_.fetch_or(mine, std::memory_order_acq_rel) & other) != 0;  // [O5]
  }

  loom::Atomic<std::uint32_t> state_{0};
  loom::Cell<Waker> rx_waker_;
  loom::Cell<Waker> tx_waker_;
  // Whom rx_waker_ and tx_waker_ were last registered for; never followed. The receiver's, and the
  // sender's: the waker itself may already be in the other's hands.
  const Wakeable* rx_target_ = nullptr;
  const Wakeable* tx_target_ = nullptr;
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_ONESHOT_CORE_H_
