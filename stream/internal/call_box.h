// CallBox: an object and the awaitable that was got from it, at a place of their own.
// Operation: the same for an awaitable that stands alone.
//
// Spec: ST-2, ST-35.
//
// An awaitable may not move once it has been polled, nor may what it refers to; streams are to be
// movable nevertheless. So what a stream waits for between two polls stands in a block of its own,
// which is allocated once and used for one wait after the other.

#ifndef WEFT_STREAM_INTERNAL_CALL_BOX_H_
#define WEFT_STREAM_INTERNAL_CALL_BOX_H_

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::stream::internal {

// Empties `slot` when it goes.
template <class T>
struct ResetAtEnd {
  std::optional<T>& slot;
  ~ResetAtEnd() { slot.reset(); }
};

// `Call()(held)` makes the awaitable. Empty when moved from.
template <class Held, class Call>
class CallBox {
  using Branch = weft::internal::Branch<std::invoke_result_t<Call, Held&>>;

 public:
  using value_type = typename Branch::collected_type;
  static constexpr bool kCancelDriven = Branch::kCancelDriven;

  // Throws std::bad_alloc.
  explicit CallBox(Held held) : box_(std::make_unique<Box>(std::move(held))) {}

  // One step of the call that is under way, or of a new one.
  Poll<value_type> poll(Context& cx) {
    std::optional<Branch>& call = box_->call;
    if (!call) call.emplace(Call()(box_->held));
    if (!call->poll(cx)) return kPending;
    const ResetAtEnd<Branch> reset{call};
    return Poll<value_type>(call->take_collected());
  }
  bool poll_cancel(Context& cx) noexcept {
    return box_ == nullptr || !box_->call || box_->call->poll_cancel(cx);
  }
  bool poll_abandon(Context& cx) noexcept {
    return box_ == nullptr || !box_->call || box_->call->poll_abandon(cx);
  }

  Held& held() noexcept { return box_->held; }
  const Held& held() const noexcept { return box_->held; }
  // Gives the object up; the call that is under way is destroyed.
  Held release() && {
    box_->call.reset();
    return std::move(box_->held);
  }

 private:
  struct Box {
    explicit Box(Held object) : held(std::move(object)) {}
    Held held;
    std::optional<Branch> call;  // refers to held
  };
  std::unique_ptr<Box> box_;
};

// An awaitable of type A, one after the other. Empty when moved from.
template <class A>
class Operation {
  using Branch = weft::internal::Branch<A>;

 public:
  using value_type = typename Branch::collected_type;
  static constexpr bool kCancelDriven = Branch::kCancelDriven;

  bool is_under_way() const noexcept { return block_ != nullptr && block_->has_value(); }
  // Only if none is under way. Throws std::bad_alloc the first time.
  void start(A awaitable) {
    if (block_ == nullptr) block_ = std::make_unique<std::optional<Branch>>();
    block_->emplace(std::move(awaitable));
  }
  // True: complete; take() the result.
  bool poll(Context& cx) noexcept { return (*block_)->poll(cx); }
  value_type take() {
    const ResetAtEnd<Branch> reset{*block_};
    return (*block_)->take_collected();
  }
  bool poll_cancel(Context& cx) noexcept { return !is_under_way() || (*block_)->poll_cancel(cx); }
  bool poll_abandon(Context& cx) noexcept { return !is_under_way() || (*block_)->poll_abandon(cx); }

 private:
  std::unique_ptr<std::optional<Branch>> block_;  // kept for the next one
};

}  // namespace weft::stream::internal

#endif  // WEFT_STREAM_INTERNAL_CALL_BOX_H_
