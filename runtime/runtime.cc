#include <weft/runtime/runtime.h>

#include <exception>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/observe/observer.h>

namespace weft::runtime {

Result<Runtime> Runtime::create() { return Builder::new_multi_thread().enable_all().build(); }

Runtime& Runtime::operator=(Runtime&& other) noexcept {
  Runtime moved(std::move(other));
  std::swap(handle_, moved.handle_);
  std::swap(owns_, moved.owns_);
  return *this;
}

Runtime::~Runtime() {
  if (!owns_) return;
  const bool in_async_code = internal::thread_context().entered != internal::Entered::kNot;
  if (in_async_code && std::uncaught_exceptions() > 0) {
    // Nothing can be awaited while an exception is on its way through async code.
    stop(std::chrono::nanoseconds::zero(), std::source_location::current());
  } else {
    stop(std::nullopt, std::source_location::current());
  }
}

// By value, as tokens are passed: the caller's may end meanwhile.
// NOLINTNEXTLINE(performance-unnecessary-value-param)
std::optional<Error> Runtime::attach_current_thread(std::stop_token stop,
                                                    std::source_location where) const {
  return handle_.scheduler().attach_current_thread(stop, where);
}

void Runtime::shutdown_timeout(std::chrono::nanoseconds limit, std::source_location where) {
  if (owns_) stop(std::max(limit, std::chrono::nanoseconds::zero()), where);
}

void Runtime::shutdown_background() {
  if (owns_) stop(std::chrono::nanoseconds::zero(), std::source_location::current());
}

void Runtime::stop(std::optional<std::chrono::nanoseconds> limit, std::source_location where) {
  const bool may_wait = !limit.has_value() || *limit > std::chrono::nanoseconds::zero();
  WEFT_CHECK(!may_wait || internal::thread_context().entered == internal::Entered::kNot,
             "cannot drop a runtime in a context where blocking is not allowed: it was destroyed "
             "inside async code; use shutdown_background(), or destroy it elsewhere",
             where);
  owns_ = false;
  handle_.scheduler().shutdown(limit);
  const auto& observer = handle_.scheduler().config().task_hooks.observer;
  if (observer != nullptr) observer->stop(!limit.has_value());
}

}  // namespace weft::runtime
