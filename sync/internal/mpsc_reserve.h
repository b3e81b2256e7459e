// The leaves of a bounded channel's senders: waiting for permits, and what is done with them.
//
// Spec: SY-74, SY-76, SY-77, SY-83.
//
// An awaitable owns what the operation consumes (the message, the sender); its leaf refers to it.
// So an awaitable that stands as an lvalue and loses a select still has its message.

#ifndef WEFT_SYNC_INTERNAL_MPSC_RESERVE_H_
#define WEFT_SYNC_INTERNAL_MPSC_RESERVE_H_

#include <cstddef>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/internal/mpsc_channel.h>
#include <weft/sync/internal/mpsc_permits.h>

namespace weft::sync::internal {

// The wait for `count` permits of `Channel`. If it fails or is destroyed while it held some, that
// may have been the last thing a closed channel waited for.
template <class Channel>
class PermitWait : public Leaf {
 public:
  PermitWait(Channel& channel, std::size_t count) noexcept
      : look_again_(channel), waiter_(channel.permits(), count) {}

  bool poll(Context& cx) noexcept {
    return waiter_.poll(cx) != MpscPermits::Waiter::Progress::kPending;
  }
  void describe(WaitReport& report) noexcept {
    report.object(&look_again_.channel);
    report.note("of its capacity wanted", waiter_.count());
  }
  static constexpr const char* kWaitingOn = "mpsc send";

 protected:
  Channel& channel() const noexcept { return look_again_.channel; }
  // True: the permits are the caller's. False: the channel is closed.
  [[nodiscard]] bool take_permits() noexcept {
    if (!waiter_.has_acquired()) return false;
    waiter_.take();
    look_again_.is_needed = false;
    return true;
  }

 private:
  struct LookAgain {
    explicit LookAgain(Channel& of) noexcept : channel(of) {}
    ~LookAgain() {
      if (is_needed) channel.permits_were_returned();
    }
    LookAgain(const LookAgain&) = delete;
    LookAgain& operator=(const LookAgain&) = delete;
    Channel& channel;
    bool is_needed = true;
  };

  LookAgain look_again_;  // before waiter_: destroyed after it has returned its permits (SY-83)
  MpscPermits::Waiter waiter_;
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_MPSC_RESERVE_H_
