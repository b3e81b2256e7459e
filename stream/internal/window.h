// Window: up to a number of awaitables under way at once, each with a waker of its own.
//
// Spec: ST-44..ST-46.
//
//   slots_  [ running | free | complete | running ]     one awaitable each, in blocks that stay
//   fresh_  those started and not polled yet
//   group_  the wakers: a wake-up polls only what it is for (runtime/wake_group.h)
//
// n completions cost n polls. The blocks of the slots are allocated when a slot is used for the
// first time, and used again.

#ifndef WEFT_STREAM_INTERNAL_WINDOW_H_
#define WEFT_STREAM_INTERNAL_WINDOW_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/runtime/context.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/wake_group.h>
#include <weft/stream/internal/call_box.h>

namespace weft::stream::internal {

// Movable; one thread at a time.
template <class A>
class Window {
 public:
  using value_type = typename Operation<A>::value_type;
  static constexpr bool kCancelDriven = Operation<A>::kCancelDriven;
  static constexpr std::size_t kMost = std::size_t{1} << 20;
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit Window(std::size_t most) noexcept : most_(static_cast<std::uint32_t>(most)) {}
  Window(Window&&) noexcept = default;
  Window& operator=(Window&&) = delete;
  ~Window() {
    if (group_) group_->close();
  }

  // Room is what is neither under way nor complete and not taken.
  bool has_room() const noexcept { return used_ < most_; }
  bool is_empty() const noexcept { return used_ == 0; }
  std::size_t size() const noexcept { return used_; }

  // Takes `awaitable` in and returns its slot. Only if there is room. Throws std::bad_alloc, and
  // then it is lost.
  std::uint32_t start(A awaitable);

  // Polls what was started or woken until one is complete: its slot, to take() from. kNone: all
  // wait, and one of them wakes `cx`.
  std::uint32_t poll(Context& cx);
  // Whether poll() has said so of `slot`, which is in use.
  bool is_complete(std::uint32_t slot) const noexcept { return is_complete_[slot]; }
  // The result, or what it threw. Frees the slot.
  value_type take(std::uint32_t slot) {
    free_.push_back(slot);  // has room: see start()
    --used_;
    return slots_[slot].take();
  }

  bool poll_cancel(Context& cx) noexcept {
    bool have_ended = true;
    for (Operation<A>& slot : slots_) have_ended &= slot.poll_cancel(cx);
    return have_ended;
  }
  bool poll_abandon(Context& cx) noexcept {
    bool have_ended = true;
    for (Operation<A>& slot : slots_) have_ended &= slot.poll_abandon(cx);
    return have_ended;
  }

 private:
  std::uint32_t take_next() noexcept {
    if (fresh_.empty()) return group_->take_woken();
    const std::uint32_t slot = fresh_.front();
    fresh_.pop_front();
    return slot;
  }
  // True: complete.
  bool poll_slot(std::uint32_t slot, Context& cx) noexcept {
    weft::internal::SlotContext own(*group_, slot, cx);
    return slots_[slot].poll(own.get());
  }

  std::uint32_t most_;
  std::uint32_t used_ = 0;
  std::vector<Operation<A>> slots_;  // grows up to most_
  std::vector<bool> is_complete_;    // of each: polled, complete, not taken
  std::vector<std::uint32_t> free_;
  std::deque<std::uint32_t> fresh_;
  RefPtr<weft::internal::WakeGroup> group_;
};

template <class A>
std::uint32_t Window<A>::start(A awaitable) {
  WEFT_DCHECK(has_room());
  if (!group_) group_ = make_ref<weft::internal::WakeGroup>(most_);
  if (free_.empty()) {
    free_.reserve(slots_.size() + 1);
    is_complete_.push_back(false);
    slots_.emplace_back();
    free_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
  }
  const std::uint32_t slot = free_.back();
  fresh_.push_back(slot);
  slots_[slot].start(std::move(awaitable));
  is_complete_[slot] = false;
  free_.pop_back();
  ++used_;
  return slot;
}

template <class A>
std::uint32_t Window<A>::poll(Context& cx) {
  if (is_empty()) return kNone;
  group_->begin_round(cx);
  while (!fresh_.empty() || group_->has_woken()) {
    // The rest would only find out, one by one, that there is none. They stay in the round.
    if (!cx.has_budget()) return kNone;
    const std::uint32_t slot = take_next();
    // A slot that is not used, or not again yet, was woken for what it held before.
    if (slot >= slots_.size() || !slots_[slot].is_under_way() || is_complete_[slot]) continue;
    if (!poll_slot(slot, cx)) continue;
    is_complete_[slot] = true;
    return slot;
  }
  return kNone;
}

}  // namespace weft::stream::internal

#endif  // WEFT_STREAM_INTERNAL_WINDOW_H_
