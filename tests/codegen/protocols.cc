// The two protocols that every scheduled task passes through, whole: for comparing their machine
// code with and without the seam (compare.py). The queue instantiates itself for 256 tasks.

#include <cstdint>

// The sources themselves, so that one object holds all of both.
#include <runtime/scheduler/local_queue.cc>
#include <runtime/task/task_state.cc>

namespace weft::internal {

template TaskState::Completion TaskState::complete(std::uint32_t, void (&)()) noexcept;
template bool TaskState::drop_join_interest(bool, void (&)()) noexcept;

}  // namespace weft::internal
