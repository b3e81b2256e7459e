// task::Builder: spawning a task that has a name.
//
// Spec: T-14.
//
//   Task<std::string> named() {
//     auto handle = task::Builder().name("accept loop").spawn(accept_all()).value();
//     const std::string name(handle.name());
//     const auto accepted = co_await handle;
//     co_return name + ": " + std::to_string(accepted.value());
//   }
//
// Hooks see the name in TaskMeta::name(), and so do AbortHandle and JoinHandle. It is
// kept with the task, in one allocation beside it; tasks without a name pay nothing.

#ifndef WEFT_TASK_BUILDER_H_
#define WEFT_TASK_BUILDER_H_

#include <source_location>
#include <string>
#include <string_view>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/task.h>
#include <weft/runtime/task/blocking_task.h>
#include <weft/runtime/task/spawn_task.h>
#include <weft/task/internal/spawn_forms.h>

namespace weft::task {

// A plain value; may be used again.
class Builder : public weft::internal::SpawnForms<Builder> {
  using Forms = weft::internal::SpawnForms<Builder>;
  using Location = std::source_location;

 public:
  Builder() = default;

  // Empty is the same as none. Throws std::bad_alloc.
  Builder& name(std::string_view name) {
    name_ = name;
    return *this;
  }

  // Spawn a Task, or what a callable returns for the arguments after it: spawn(task),
  // spawn(callable, args...), spawn_on(handle, ...), spawn_local(...), spawn_local_on(local_set,
  // ...), spawn_blocking(callable, args...), spawn_blocking_on(handle, callable, args...). As the
  // functions of weft, of Handle and of LocalSet with these names, but they return a
  // Result<JoinHandle<T>>. Only those of blocking jobs have errors: Errc::runtime_shutdown when the
  // runtime is stopping, and resource_unavailable_try_again when the system gives no thread and the
  // pool has none. The job will not run then.
  using Forms::spawn;
  using Forms::spawn_blocking;
  using Forms::spawn_blocking_on;
  using Forms::spawn_local;
  using Forms::spawn_local_on;
  using Forms::spawn_on;

 private:
  friend Forms;

  template <class T>
  Result<JoinHandle<T>> start_task(weft::internal::TaskHome& home, Location where, Task<T> task) {
    return weft::internal::spawn_named_task(home, std::move(task), where, name_);
  }
  template <class F, class... Args>
  auto start_blocking(weft::internal::Scheduler& scheduler, Location where, F&& callable,
                      Args&&... args) {
    return weft::internal::try_spawn_blocking_on(scheduler, where, name_, std::forward<F>(callable),
                                                 std::forward<Args>(args)...);
  }

  std::string name_;
};

}  // namespace weft::task

#endif  // WEFT_TASK_BUILDER_H_
