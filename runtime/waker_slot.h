// WakerSlot: room for the waker of one waiting consumer, without a lock.
//
// Spec: SY-116, SY-117, SY-118 (docs/spec/sync.md).
//
// One consumer registers, any thread wakes. The law of use: the consumer registers and *then* looks
// at the condition again; a producer makes the condition true and *then* wakes. So either the
// consumer sees the condition, or the producer sees the waker.
//
//   state_     kFull            a waker is stored; nobody is at it
//              kRegistering     the consumer is at waker_
//              kWaking          a waking thread is at waker_; with kRegistering: it left its
//                               wake-up to the consumer
//              0                no waker, nobody at it
//
//              0, kFull --register--> kRegistering --register--> kFull
//                                          '--wake--> kRegistering|kWaking --register--> 0, woken
//              kFull --wake--> kWaking --wake--> 0, woken
//
//   writers    register_waker(): the consumer. wake(), take(): anyone.
//   pairing    [WS1] release when the consumer leaves kRegistering, or a waking thread kWaking ->
//              acquire by whoever enters either: waker_ as the other left it.
//              [WS2] release in wake() -> acquire in register_waker(): what the producer wrote
//              before it woke is visible to a consumer that finds kWaking, or that registers after
//              it. All changes are read-modify-writes, so none ends another's release sequence.
//   Checked by tests/loom/task/waker_slot_loom.cc.
//
// The producer that changes the condition by a seq_cst read-modify-write may ask
// wake_if_registered(), which costs a load while nobody waits.

#ifndef WEFT_RUNTIME_WAKER_SLOT_H_
#define WEFT_RUNTIME_WAKER_SLOT_H_

#include <cstdint>
#include <utility>

#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/runtime/context.h>
#include <weft/runtime/waker.h>

namespace weft::internal {

// Thread-safe, except that only one thread at a time may be in register_waker().
class WakerSlot {
 public:
  WakerSlot() noexcept = default;
  WakerSlot(const WakerSlot&) = delete;
  WakerSlot& operator=(const WakerSlot&) = delete;

  // The consumer: from now on wake() wakes the computation that `cx` polls, and only it. Copies no
  // waker if that is so already. May wake `cx` at once. Look at the condition again afterwards.
  void register_waker(Context& cx) noexcept;

  // A producer, after it made the condition true: wakes the registered waker and forgets it.
  void wake() noexcept { std::move(take()).wake(); }

  // The same, for a producer whose change of the condition was a seq_cst read-modify-write, if the
  // consumer's second look at the condition is a seq_cst load.
  void wake_if_registered() noexcept {
    // seq_cst: not before the caller's change of the condition. The consumer's exchange of state_
    // and its second look stand in the opposite order, so one of the two sees the other's.
    if (state_.load(std::memory_order_seq_cst) != 0) wake();
  }

  // Takes the waker out without waking it: the consumer's interest ends. Empty if there is none.
  [[nodiscard]] Waker take() noexcept;

 private:
  static constexpr std::uint32_t kFull = 1;
  static constexpr std::uint32_t kRegistering = 2;
  static constexpr std::uint32_t kWaking = 4;

  [[nodiscard]] bool enter_registering() noexcept;
  [[nodiscard]] bool leave_registering() noexcept;

  loom::Atomic<std::uint32_t> state_{0};
  loom::Cell<Waker> waker_;  // guarded by kRegistering without kWaking, or kWaking alone
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_WAKER_SLOT_H_
