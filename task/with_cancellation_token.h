// with_cancellation_token: CancellationToken::run_until_cancelled() with the awaitable first.
//
// Spec: T-46, T-55. Its relatives are time::timeout() and time::timeout_at().
//
//   Task<int> request_or_zero(CancellationToken token) {
//     const std::optional<int> reply = co_await with_cancellation_token(request(), token);
//     co_return reply.value_or(0);
//   }

#ifndef WEFT_TASK_WITH_CANCELLATION_TOKEN_H_
#define WEFT_TASK_WITH_CANCELLATION_TOKEN_H_

#include <utility>

#include <weft/task/cancellation_token.h>

namespace weft {

// What the awaitable yields as a std::optional, or an empty one if the token was cancelled first.
// The token must outlive it; the second form keeps it.
template <class A>
[[nodiscard]] auto with_cancellation_token(A&& awaitable, const CancellationToken& token) {
  return token.run_until_cancelled(std::forward<A>(awaitable));
}
template <class A>
[[nodiscard]] auto with_cancellation_token_owned(A&& awaitable, const CancellationToken& token) {
  return token.run_until_cancelled_owned(std::forward<A>(awaitable));
}

}  // namespace weft

#endif  // WEFT_TASK_WITH_CANCELLATION_TOKEN_H_
