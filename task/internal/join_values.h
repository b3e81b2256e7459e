// join_values, abort_and_join: the bodies of join_all() and of shutdown().
//
// Spec: T-34, T-38, T-39.
//
// join_values() ends with all values, or with the first failure. The collection of tasks moves into
// the coroutine's frame. So whichever way it ends, by a failure or by being destroyed, the
// collection's destructor aborts what is left.

#ifndef WEFT_TASK_INTERNAL_JOIN_VALUES_H_
#define WEFT_TASK_INTERNAL_JOIN_VALUES_H_

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <weft/runtime/join_error.h>
#include <weft/runtime/task.h>

namespace weft::internal {

// The value; throws what the task threw, or BadResultAccess<JoinError> if it was cancelled.
template <class T>
T value_of(JoinResult<T>&& result) {
  if (!result && result.error().is_exception()) result.error().rethrow();
  return std::move(result).value();
}

// `Tasks` has size() and join_next(), which yields std::optional<JoinResult<T>>.
template <class T, class Tasks>
Task<std::vector<T>> join_values(Tasks tasks) {
  std::vector<T> values;
  values.reserve(tasks.size());
  for (;;) {
    std::optional<JoinResult<T>> next = co_await tasks.join_next();
    if (!next) break;
    values.push_back(value_of<T>(*std::move(next)));
  }
  co_return values;
}
template <class T, class Tasks>
  requires std::is_void_v<T>
Task<> join_values(Tasks tasks) {
  for (;;) {
    std::optional<JoinResult<void>> next = co_await tasks.join_next();
    if (!next) break;
    value_of<void>(*std::move(next));
  }
}

// `Tasks` has abort_all() and join_next(). It must outlive the result.
template <class Tasks>
Task<> abort_and_join(Tasks& tasks) {
  tasks.abort_all();
  for (;;) {
    const auto next = co_await tasks.join_next();
    if (!next.has_value()) break;
  }
}

}  // namespace weft::internal

#endif  // WEFT_TASK_INTERNAL_JOIN_VALUES_H_
