// A JoinSet as a stream of its tasks' results.
//
// Spec: ST-22.
//
//   Task<int> sum_of_squares(int last) {
//     JoinSet<int> squares;
//     for (int n = 1; n <= last; ++n) squares.spawn(square(n));
//     stream::JoinSetStream results(std::move(squares));
//     int sum = 0;
//     while (auto result = co_await results.next()) sum += result->value();
//     co_return sum;
//   }

#ifndef WEFT_STREAM_JOIN_SET_STREAM_H_
#define WEFT_STREAM_JOIN_SET_STREAM_H_

#include <optional>
#include <utility>

#include <weft/runtime/context.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/poll.h>
#include <weft/stream/internal/size_hint.h>
#include <weft/stream/internal/stream_base.h>
#include <weft/task/join_set.h>

namespace weft::stream {

// Yields JoinResult<T> of each task, in the order in which they end; ends when the set is empty.
// Destroying it aborts the tasks that are left. Cancel safe.
template <class T>
class [[nodiscard]] JoinSetStream : public internal::StreamBase<JoinSetStream<T>, JoinResult<T>> {
 public:
  explicit JoinSetStream(JoinSet<T> set) noexcept : set_(std::move(set)) {}
  // The set, which may get more tasks.
  JoinSet<T>& inner() noexcept { return set_; }
  JoinSet<T> into_inner() && noexcept { return std::move(set_); }

 private:
  friend class internal::StreamBase<JoinSetStream, JoinResult<T>>;
  Poll<std::optional<JoinResult<T>>> poll_item(Context& cx) { return set_.poll_join_next(cx); }
  SizeHint hint() const noexcept { return internal::exactly(set_.size()); }

  JoinSet<T> set_;
};
template <class T>
JoinSetStream(JoinSet<T>) -> JoinSetStream<T>;

}  // namespace weft::stream

#endif  // WEFT_STREAM_JOIN_SET_STREAM_H_
