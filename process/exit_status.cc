// ExitStatus in words. Interface: exit_status.h.

#include <weft/process/exit_status.h>

#include <cstring>
#include <ostream>

namespace weft::process {

std::string ExitStatus::to_string() const {
  if (const std::optional<int> own = code()) return "exit status: " + std::to_string(*own);
  const std::optional<int> by = signal();
  if (!by) return "wait status: " + std::to_string(status_);
  std::string text = "signal: " + std::to_string(*by);
  if (const char* const name = ::sigabbrev_np(*by); name != nullptr) {
    text += std::string(" (SIG") + name + ")";
  }
  if (core_dumped()) text += " (core dumped)";
  return text;
}

std::ostream& operator<<(std::ostream& out, ExitStatus status) { return out << status.to_string(); }

}  // namespace weft::process
