#include <weft/runtime/metrics/task_monitor.h>

namespace weft::runtime {

Intervals<TaskMetrics> TaskMonitor::intervals() const {
  return Intervals<TaskMetrics>([state = state_, before = cumulative()]() mutable {
    const TaskMetrics now = state->read();
    return now - std::exchange(before, now);
  });
}

}  // namespace weft::runtime
