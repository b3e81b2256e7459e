// JoinState: what join and try_join have in common: a fixed number of members, polled until all
// have completed or one has failed.
//
// Spec: T-61, T-66, T-67, R-167.
//
// Every poll goes over the members that have not completed, beginning one further than the last
// time: a member that uses up the task's budget whenever it is polled would otherwise keep those
// behind it from ever making progress. When a member fails, the others are ended first (a scope in
// one may take several polls) and the failure is reported afterwards.

#ifndef WEFT_RUNTIME_JOIN_STATE_H_
#define WEFT_RUNTIME_JOIN_STATE_H_

#include <cstddef>
#include <exception>
#include <tuple>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/join_member.h>
#include <weft/runtime/wait_report.h>

namespace weft::internal {

// What join() calls a failure: only an exception.
struct NeverFails {
  template <class Value>
  static bool is_failure(const Value&) noexcept {
    return false;
  }
};

// `Policy::is_failure(value)` says whether a member's value fails the whole; `A` as for Branch.
template <bool kBiased, class Policy, class... A>
class JoinState {
  static constexpr std::size_t kMembers = sizeof...(A);

 public:
  template <class... Args>
  explicit JoinState(std::in_place_t, Args&&... args) : members_(std::forward<Args>(args)...) {}

  bool poll(Context& cx) noexcept {
    if (failed_ == kNone && !poll_members(cx)) return false;
    return failed_ == kNone || end_others(cx, kIndices);
  }
  bool poll_cancel(Context& cx) noexcept
    requires(JoinMember<A>::kCancelDriven || ...)
  {
    return for_all([&cx](auto& member) { return member.poll_cancel(cx); }, kIndices);
  }
  bool poll_abandon(Context& cx) noexcept
    requires(JoinMember<A>::kCancelDriven || ...)
  {
    return for_all([&cx](auto& member) { return member.poll_abandon(cx); }, kIndices);
  }
  void describe(WaitReport& report) noexcept {
    std::apply([&report](auto&... member) { (member.describe(report), ...); }, members_);
  }

 protected:
  static constexpr std::size_t kNone = kMembers;
  static constexpr std::make_index_sequence<kMembers> kIndices{};

  // The member that failed, or kNone.
  std::size_t failed() const noexcept { return failed_; }
  void rethrow_if_thrown() {
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }
  template <std::size_t I>
  auto& value() noexcept {
    return std::get<I>(members_).value();
  }

 private:
  // True: all have completed, or one has failed.
  bool poll_members(Context& cx) noexcept {
    const std::size_t first = first_;
    if constexpr (!kBiased) first_ = first + 1 < kMembers ? first + 1 : 0;
    return poll_members_from(first, cx, kIndices) || pending_ == 0;
  }
  // True: one has failed.
  template <std::size_t... I>
  bool poll_members_from(std::size_t first, Context& cx, std::index_sequence<I...>) noexcept {
    return ((I >= first && poll_member<I>(cx)) || ...) ||
           (!kBiased && ((I < first && poll_member<I>(cx)) || ...));
  }
  template <std::size_t I>
  bool poll_member(Context& cx) noexcept {
    auto& member = std::get<I>(members_);
    if (!member.is_pending() || !member.poll(cx, thrown_)) return false;
    --pending_;
    if (thrown_ == nullptr && !Policy::is_failure(member.value())) [[likely]]
      return false;
    failed_ = I;
    return true;
  }

  // Destroys all members but the one that failed, values included, the last one first. True: done.
  template <std::size_t... I>
  bool end_others(Context& cx, std::index_sequence<I...>) noexcept {
    return ((kMembers - 1 - I == failed_ || std::get<kMembers - 1 - I>(members_).end(cx)) & ... &
            true);
  }

  // The last one first. True: all answered so.
  template <class End, std::size_t... I>
  bool for_all(End end, std::index_sequence<I...>) noexcept {
    return (end(std::get<kMembers - 1 - I>(members_)) & ... & true);
  }

  std::tuple<JoinMember<A>...> members_;
  std::exception_ptr thrown_;  // what the member that failed threw, if it did
  std::size_t pending_ = kMembers;
  std::size_t first_ = 0;  // the member that the next poll begins with
  std::size_t failed_ = kNone;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_JOIN_STATE_H_
