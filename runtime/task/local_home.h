// LocalHome: the home of tasks that stay on the thread where they were spawned.
//
// Spec: T-22, T-23, T-73; R-55.
//
// The interface through which the free function spawn_local() reaches the LocalSet that is entered
// on the calling thread (ThreadContext::local); the LocalSet itself stands in a layer above.

#ifndef WEFT_RUNTIME_TASK_LOCAL_HOME_H_
#define WEFT_RUNTIME_TASK_LOCAL_HOME_H_

#include <source_location>

#include <weft/runtime/task/task_home.h>

namespace weft::internal {

class LocalHome : public TaskHome {
 public:
  // Makes sure that one more task can be spawned without memory. Throws std::bad_alloc. A check
  // failure at `where` on another thread than the owner's.
  virtual void prepare_spawn(std::source_location where) = 0;

 protected:
  LocalHome() noexcept : TaskHome(kNoWalk) {}
  ~LocalHome() = default;
};

// Where the calling thread's spawn_local() goes, ready for one more task: a LocalRuntime that this
// thread owns and is in, else the LocalSet that is entered or runs here. A check failure if there
// is neither.
TaskHome& require_local_home(std::source_location where);

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_TASK_LOCAL_HOME_H_
