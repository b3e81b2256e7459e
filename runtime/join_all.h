// join_all: waits for all awaitables of a range.
//
// Spec: T-66, T-67 (exceptions); api.md (join_all).
//
// Up to kPollAll members are polled on every wake-up, with the task's own waker, as join does.
// Above that each gets a waker of its own (wake_group.h), and a wake-up polls only the members that
// it is for: n completions cost n polls and not n * n / 2. One allocation for the members in either
// case, one more for the wakers and two for their lists in the second.
//
//   std::vector<Task<int>> tasks = ...;
//   std::vector<int> results = co_await weft::join_all(std::move(tasks));

#ifndef WEFT_RUNTIME_JOIN_ALL_H_
#define WEFT_RUNTIME_JOIN_ALL_H_

#include <cstddef>
#include <cstdint>
#include <exception>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/join_member.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/wait_report.h>
#include <weft/runtime/wake_group.h>

namespace weft {
namespace internal {

// How the elements of a range, as forwarded, are held (see Branch). A range that makes its elements
// when it is iterated gives them away. Of the others, an lvalue or a view has elements that belong
// to somebody else: they are borrowed.
template <class Range>
struct ElementOf {
  using Reference = std::ranges::range_reference_t<Range>;
  static constexpr bool kIsBorrowed =
      std::is_lvalue_reference_v<Range> || std::ranges::view<std::remove_cvref_t<Range>>;
  using type = std::conditional_t<
      !std::is_lvalue_reference_v<Reference>, std::remove_cvref_t<Reference>,
      std::conditional_t<kIsBorrowed, Reference, std::remove_reference_t<Reference>&&>>;
};

// `Range` is R& (borrowed) or R (held here).
template <class Range>
class JoinAllState {
  using Element = typename ElementOf<Range>::type;
  using Member = JoinMember<Element>;
  static constexpr std::size_t kPollAll = 30;

 public:
  using result_type = std::vector<typename Member::value_type>;
  static constexpr const char* kWaitingOn = "join_all";

  explicit JoinAllState(Range&& range) : range_(std::forward<Range>(range)) {}
  JoinAllState(JoinAllState&& other) noexcept(std::is_nothrow_constructible_v<Range, Range&&>)
      : range_(std::forward<Range>(other.range_)) {
    WEFT_CHECK(!other.has_started_, kMovedAfterAwait);
  }
  JoinAllState& operator=(JoinAllState&&) = delete;
  ~JoinAllState() {
    if (group_) group_->close();
  }

  bool poll(Context& cx) noexcept {
    if (!has_started_) start();
    if (!has_failed_ && !(group_ ? poll_woken(cx) : poll_all(cx))) return false;
    return !has_failed_ || end_all(cx);
  }
  bool poll_cancel(Context& cx) noexcept
    requires Member::kCancelDriven
  {
    bool have_ended = true;
    for (Member& member : members_) have_ended &= member.poll_cancel(cx);
    return have_ended;
  }
  bool poll_abandon(Context& cx) noexcept
    requires Member::kCancelDriven
  {
    bool have_ended = true;
    for (Member& member : members_) have_ended &= member.poll_abandon(cx);
    return have_ended;
  }
  void describe(WaitReport& report) noexcept {
    report.note("members pending", pending_);
    for (Member& member : members_) member.describe(report);
  }
  result_type take() {
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
    result_type results;
    results.reserve(members_.size());
    for (Member& member : members_) results.push_back(std::move(member.value()));
    return results;
  }

 private:
  // Not before the first poll: until then the range may move, with its elements.
  void start() noexcept {
    has_started_ = true;
    try {
      if constexpr (std::ranges::sized_range<Range>) members_.reserve(std::ranges::size(range_));
      for (auto&& element : range_) members_.emplace_back(static_cast<Element&&>(element));
      WEFT_CHECK(members_.size() <= UINT32_MAX, "join_all: more than 2^32 - 1 awaitables");
      if (members_.size() > kPollAll) {
        group_ = make_ref<WakeGroup>(static_cast<std::uint32_t>(members_.size()));
      }
    } catch (...) {
      fail(std::current_exception());
    }
    pending_ = members_.size();
  }

  // Polls all that have not completed, from another one on each time (T-66). True: done, or failed.
  bool poll_all(Context& cx) noexcept {
    const std::size_t first = first_;
    first_ = first + 1 < members_.size() ? first + 1 : 0;
    for (std::size_t i = first; i < members_.size(); ++i) {
      if (poll_member(i, cx)) return true;
    }
    for (std::size_t i = 0; i < first; ++i) {
      if (poll_member(i, cx)) return true;
    }
    return pending_ == 0;
  }
  // Polls those that were woken, each with its own waker.
  bool poll_woken(Context& cx) noexcept {
    group_->begin_round(cx);
    while (group_->has_woken()) {
      // The rest would only find out, one by one, that there is none. They stay in the round.
      if (!cx.has_budget()) return false;
      const std::uint32_t index = group_->take_woken();
      SlotContext slot(*group_, index, cx);
      if (poll_member(index, slot.get())) return true;
    }
    return pending_ == 0;
  }
  // True: it has failed.
  bool poll_member(std::size_t index, Context& cx) noexcept {
    Member& member = members_[index];
    if (!member.is_pending() || !member.poll(cx, thrown_)) return false;
    --pending_;
    if (thrown_ != nullptr) has_failed_ = true;
    return has_failed_;
  }

  void fail(std::exception_ptr thrown) noexcept {
    thrown_ = std::move(thrown);
    has_failed_ = true;
  }
  // Destroys all members, values included, the last one first. True: done.
  bool end_all(Context& cx) noexcept {
    bool have_ended = true;
    for (std::size_t i = members_.size(); i-- > 0;) have_ended &= members_[i].end(cx);
    return have_ended;
  }

  Range range_;
  std::vector<Member> members_;  // does not grow any more once one has been polled
  RefPtr<WakeGroup> group_;      // above kPollAll members
  std::exception_ptr thrown_;
  std::size_t pending_ = 0;
  std::size_t first_ = 0;  // the member that poll_all() begins with
  bool has_started_ = false;
  bool has_failed_ = false;
};

}  // namespace internal

// Yields a std::vector of the results, in the order of the range (void is std::monostate), when all
// have completed. An rvalue range is moved in, an lvalue range borrowed: its elements are awaited
// where they stand and must stay there. The elements of a view are borrowed too. The range is
// iterated once, on the first poll.
//
// If one throws, the others are cancelled and destroyed (borrowed ones survive), and then join_all
// throws the same; so it does with std::bad_alloc. Takes no budget itself. Cancel safe only if
// results that are lost do not matter.
template <std::ranges::input_range Range>
[[nodiscard]] auto join_all(Range&& range) {
  using State = internal::JoinAllState<Range>;
  return internal::InPlaceAwaitable<State>(std::in_place, std::forward<Range>(range));
}

}  // namespace weft

#endif  // WEFT_RUNTIME_JOIN_ALL_H_
