// CancellationToken: tells any number of tasks to stop, and they find out where they wait.
//
// Spec: T-43..T-49; issue of interoperation: std::stop_token both ways.
//
//   Task<int> count_until(CancellationToken token) {
//     int count = 0;
//     while (!token.is_cancelled()) {
//       ++count;
//       const auto yielded = co_await token.run_until_cancelled(yield_now());
//       if (!yielded) break;  // cancelled; what we awaited has been destroyed
//     }
//     co_return count;
//   }
//
//   Task<int> count_for_a_while() {
//     const CancellationToken token;
//     auto stop = [](CancellationToken parent) -> Task<> {
//       co_await yield_now();
//       parent.cancel();  // and with it the child
//     };
//     const auto both = co_await join(count_until(token.child_token()), stop(token));
//     co_return std::get<0>(both);
//   }
//
// Copies are the same token. A child is cancelled with its parent and never cancels it, so that a
// server's token stops all connections and a connection's only itself. Nothing is aborted: whoever
// holds a token decides what to do about it.
//
// A token is a counted handle to a node of a tree (internal/cancellation_tree.h).

#ifndef WEFT_TASK_CANCELLATION_TOKEN_H_
#define WEFT_TASK_CANCELLATION_TOKEN_H_

#include <cstddef>
#include <functional>
#include <stop_token>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/in_place_leaf.h>
#include <weft/runtime/leaf.h>
#include <weft/sync/notify.h>
#include <weft/task/internal/cancellation_tree.h>
#include <weft/task/internal/run_until_cancelled.h>

namespace weft {

class CancellationDropGuard;
class CancellationDropGuardRef;
class CancellationWait;
class OwnedCancellationWait;

// Thread-safe. Only assigned to or destroyed when moved from.
class [[nodiscard]] CancellationToken {
 public:
  // Not cancelled, no parent. Throws std::bad_alloc.
  CancellationToken() : node_(internal::CancellationNode::make_root()) {}
  CancellationToken(const CancellationToken& other) noexcept = default;
  CancellationToken(CancellationToken&& other) noexcept = default;
  CancellationToken& operator=(const CancellationToken& other) noexcept = default;
  CancellationToken& operator=(CancellationToken&& other) noexcept = default;
  // The last copy to go leaves its children to its parent, or to themselves if it has none.
  ~CancellationToken() = default;

  // A token that is cancelled when `outside` has a stop requested: within that call, or now. It
  // stops listening when its last copy goes. Throws std::bad_alloc.
  static CancellationToken from_stop_token(std::stop_token outside) {
    return CancellationToken(internal::CancellationNode::make_listening(std::move(outside)));
  }
  // A stop token that has a stop requested when this token is cancelled: within that call, whose
  // thread runs the stop callbacks. While a copy of this token exists; after that a stop is not
  // possible any more. Throws std::bad_alloc.
  std::stop_token stop_token() const { return node().stop_token(); }

  // A token that is cancelled with this one: already, if this one is. Throws std::bad_alloc.
  CancellationToken child_token() const { return CancellationToken(node().make_child()); }

  // Cancels this token and all its descendants, and wakes who waits for them. When it returns, all
  // of them are cancelled; before, one may be and another not yet. Cannot be undone; idempotent.
  void cancel() const noexcept { node().cancel(); }
  bool is_cancelled() const noexcept { return node().is_cancelled(); }

  // Completes when the token is cancelled, at once if it is. Cancel safe; takes no budget. The
  // token must outlive it.
  [[nodiscard]] CancellationWait cancelled() const noexcept;
  // The same, keeping the token.
  [[nodiscard]] OwnedCancellationWait cancelled_owned() const noexcept;

  // Yields what `awaitable` yields as a std::optional (void as std::monostate), or an empty one if
  // the token was cancelled first: the awaitable has been destroyed then (an lvalue is borrowed,
  // and survives). If both are ready at once the awaitable wins, but it is not even begun if the
  // token is cancelled already. As cancel safe as the awaitable. The token must outlive it.
  template <class A>
  [[nodiscard]] auto run_until_cancelled(A&& awaitable) const {
    using State = internal::RunUntilCancelled<A, internal::BorrowedNode>;
    return internal::InPlaceAwaitable<State>(std::in_place, std::forward<A>(awaitable),
                                             internal::BorrowedNode(node()));
  }
  // The same, keeping the token.
  template <class A>
  [[nodiscard]] auto run_until_cancelled_owned(A&& awaitable) const {
    using State = internal::RunUntilCancelled<A, internal::CancellationHandle>;
    return internal::InPlaceAwaitable<State>(std::in_place, std::forward<A>(awaitable), node_);
  }

  // An object that cancels the token when it is destroyed: one that keeps the token, and one that
  // the token must outlive.
  CancellationDropGuard drop_guard() const noexcept;
  CancellationDropGuardRef drop_guard_ref() const noexcept;

  // Whether they are the same token.
  friend bool operator==(const CancellationToken& a, const CancellationToken& b) noexcept {
    return a.node_.get() == b.node_.get();
  }

 private:
  friend class CancellationWait;
  friend class OwnedCancellationWait;
  friend struct std::hash<CancellationToken>;
  explicit CancellationToken(internal::CancellationHandle node) noexcept : node_(std::move(node)) {}

  internal::CancellationNode& node() const noexcept {
    WEFT_DCHECK(node_.get() != nullptr, "CancellationToken: used after it was moved from");
    return *node_.get();
  }

  internal::CancellationHandle node_;
};

// What cancelled() returns. Movable until it is awaited. As an lvalue it may be awaited again.
class [[nodiscard]] CancellationWait {
 public:
  auto operator co_await() noexcept { return wait_.operator co_await(); }

 private:
  friend class CancellationToken;
  explicit CancellationWait(internal::CancellationNode& node) noexcept : wait_(node) {}
  internal::NodeWait wait_;
};

// What cancelled_owned() returns. The same, keeping the token.
class [[nodiscard]] OwnedCancellationWait {
 public:
  auto operator co_await() noexcept { return wait_.operator co_await(); }

 private:
  friend class CancellationToken;
  explicit OwnedCancellationWait(internal::CancellationHandle node) noexcept
      : node_(std::move(node)), wait_(*node_.get()) {}
  internal::CancellationHandle node_;  // destroyed after wait_
  internal::NodeWait wait_;
};

// Cancels a token that it keeps when it is destroyed. Move-only.
class [[nodiscard]] CancellationDropGuard {
 public:
  CancellationDropGuard(CancellationDropGuard&& other) noexcept
      : token_(std::move(other.token_)), is_armed_(std::exchange(other.is_armed_, false)) {}
  CancellationDropGuard& operator=(CancellationDropGuard&& other) noexcept {
    CancellationDropGuard moved(std::move(other));
    std::swap(token_, moved.token_);
    std::swap(is_armed_, moved.is_armed_);
    return *this;
  }
  ~CancellationDropGuard() {
    if (is_armed_) token_.cancel();
  }

  // Gives the token back; this guard will not cancel it. Others may.
  CancellationToken disarm() && noexcept {
    is_armed_ = false;
    return std::move(token_);
  }

 private:
  friend class CancellationToken;
  explicit CancellationDropGuard(CancellationToken token) noexcept : token_(std::move(token)) {}
  CancellationToken token_;
  bool is_armed_ = true;
};

// Cancels a token that outlives it. Move-only.
class [[nodiscard]] CancellationDropGuardRef {
 public:
  CancellationDropGuardRef(CancellationDropGuardRef&& other) noexcept
      : token_(std::exchange(other.token_, nullptr)) {}
  CancellationDropGuardRef& operator=(CancellationDropGuardRef&& other) noexcept {
    CancellationDropGuardRef moved(std::move(other));
    std::swap(token_, moved.token_);
    return *this;
  }
  ~CancellationDropGuardRef() {
    if (token_ != nullptr) token_->cancel();
  }

  // Gives the token back; this guard will not cancel it. Not of one that was moved from.
  const CancellationToken& disarm() && noexcept { return *std::exchange(token_, nullptr); }

 private:
  friend class CancellationToken;
  explicit CancellationDropGuardRef(const CancellationToken& token) noexcept : token_(&token) {}
  const CancellationToken* token_;
};

inline CancellationWait CancellationToken::cancelled() const noexcept {
  return CancellationWait(node());
}
inline OwnedCancellationWait CancellationToken::cancelled_owned() const noexcept {
  return OwnedCancellationWait(node_);
}
inline CancellationDropGuard CancellationToken::drop_guard() const noexcept {
  return CancellationDropGuard(*this);
}
inline CancellationDropGuardRef CancellationToken::drop_guard_ref() const noexcept {
  return CancellationDropGuardRef(*this);
}

}  // namespace weft

template <>
struct std::hash<weft::CancellationToken> {
  std::size_t operator()(const weft::CancellationToken& token) const noexcept {
    return std::hash<const void*>{}(token.node_.get());
  }
};

#endif  // WEFT_TASK_CANCELLATION_TOKEN_H_
