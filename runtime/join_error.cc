#include <weft/runtime/join_error.h>

#include <exception>
#include <string>

#include <weft/base/check.h>

namespace weft {

void JoinError::rethrow(std::source_location where) const {
  WEFT_CHECK(is_exception(),
             "JoinError::rethrow: the task was cancelled, there is no exception; ask "
             "is_exception()",
             where);
  std::rethrow_exception(exception_);
}

std::string JoinError::to_string() const {
  std::string text = "task " + id_.to_string();
  if (is_cancelled()) return text + " was cancelled";
  text += " threw";
  try {
    std::rethrow_exception(exception_);
  } catch (const std::exception& e) {
    text += std::string(": ") + e.what();
  } catch (const std::string& message) {
    text += ": " + message;
  } catch (const char* message) {
    text += std::string(": ") + message;
  } catch (...) {
    // Of another type: there is nothing to print.
  }
  return text;
}

}  // namespace weft
