// What mpsc::Sender::send_timeout() returns.
//
// Spec: SY-75, SY-1 (fatal without timers, also if there is room at once).
//
// The permit first, then the limit, as time::timeout does; composed here because the message has to
// come back with either error.

#ifndef WEFT_SYNC_INTERNAL_MPSC_SEND_TIMEOUT_H_
#define WEFT_SYNC_INTERNAL_MPSC_SEND_TIMEOUT_H_

#include <source_location>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/runtime/coop.h>
#include <weft/runtime/driver/current.h>
#include <weft/runtime/leaf.h>
#include <weft/sync/internal/mpsc_reserve.h>
#include <weft/sync/mpsc_error.h>
#include <weft/time/sleep.h>

namespace weft::sync::internal {

template <class Channel>
class MpscSendTimeout {
  using T = typename Channel::value_type;
  using Error = mpsc::SendTimeoutError<T>;

  class Node : public PermitWait<Channel> {
   public:
    explicit Node(MpscSendTimeout& send) noexcept
        : PermitWait<Channel>(*send.channel_, 1), send_(send) {}

    bool poll(Context& cx) noexcept {
      WEFT_CHECK(weft::internal::current_driver() != nullptr,
                 "mpsc::Sender::send_timeout: there is no reactor running, must be called from the "
                 "context of a weft runtime",
                 send_.where_);
      const bool had_budget = !cx.budget_exhausted();
      if (PermitWait<Channel>::poll(cx)) return true;
      is_over_ = poll_limit(cx, had_budget && cx.budget_exhausted());
      return is_over_;
    }
    Result<void, Error> take() {
      if (is_over_) {
        send_.limit_.take();
        return Err(Error::timeout(std::move(send_.value_)));
      }
      if (!this->take_permits()) return Err(Error::closed(std::move(send_.value_)));
      this->channel().push(std::move(send_.value_));
      return {};
    }

   private:
    // If the permit's wait has used up the budget just now, the limit is looked at without one.
    bool poll_limit(Context& cx, bool used_up_budget) noexcept {
      if (!used_up_budget) return send_.limit_.poll(cx);
      Budget unlimited = Budget::unconstrained();
      Budget* const own = cx.swap_budget(&unlimited);
      const bool is_over = send_.limit_.poll(cx);
      cx.swap_budget(own);
      return is_over;
    }

    MpscSendTimeout& send_;
    bool is_over_ = false;
  };

 public:
  MpscSendTimeout(Channel& channel, T value, time::Sleep limit, std::source_location where) noexcept
      : channel_(&channel), value_(std::move(value)), limit_(std::move(limit)), where_(where) {}

  LeafAwaiter<Node> operator co_await() noexcept { return LeafAwaiter<Node>(*this); }

 private:
  Channel* channel_;
  T value_;
  time::Sleep limit_;
  std::source_location where_;
};

}  // namespace weft::sync::internal

#endif  // WEFT_SYNC_INTERNAL_MPSC_SEND_TIMEOUT_H_
