#include <weft/runtime/stall_report.h>

namespace weft::runtime {
namespace {

std::string milliseconds(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count()) +
         " ms";
}

}  // namespace

std::string StallReport::to_string() const {
  std::string text = "weft: worker " + std::to_string(worker) + " has been held for " +
                     milliseconds(held) + " (the limit is " + milliseconds(limit) + ")";
  if (backtrace.empty()) {
    text +=
        "; its thread blocks the signal that asks what it does, or waits in the kernel where no "
        "signal "
        "reaches it\n";
  } else {
    text += task.has_value() ? " by task " + task->to_string() : " by the argument of block_on";
    if (!name.empty()) text += " \"" + name + "\"";
    text += task.has_value() ? ", spawned at " : ", called at ";
    text += std::string(spawned_at.file_name()) + ":" + std::to_string(spawned_at.line()) + "\n";
  }
  for (std::size_t i = 0; i < backtrace.size(); ++i) {
    text += "  #" + std::to_string(i) + " " + backtrace[i] + "\n";
  }
  if (suppressed != 0) text += "  not reported before: " + std::to_string(suppressed) + "\n";
  return text;
}

}  // namespace weft::runtime
