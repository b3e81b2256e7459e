#include <weft/runtime/handle.h>

#include <weft/runtime/observe/observer.h>

namespace weft::runtime {

Handle Handle::current(std::source_location where) {
  return Handle(RefPtr<internal::Scheduler>(internal::require_scheduler("Handle::current", where)));
}

Result<Handle, TryCurrentError> Handle::try_current() noexcept {
  internal::Scheduler* const scheduler = internal::thread_context().scheduler;
  if (scheduler != nullptr) return Handle(RefPtr<internal::Scheduler>(*scheduler));
  if (internal::thread_locals_destroyed()) return Err(TryCurrentError::thread_local_destroyed());
  return Err(TryCurrentError::missing_context());
}

Result<void> Handle::write_trace() const {
  const auto& observer = scheduler_->config().task_hooks.observer;
  const internal::Trace* const trace = observer != nullptr ? observer->trace() : nullptr;
  if (trace == nullptr) return Err(Error(std::errc::operation_not_permitted));
  return trace->write();
}

std::optional<std::string> Handle::name() const {
  const std::string& name = scheduler_->config().name;
  if (name.empty()) return std::nullopt;
  return name;
}

std::string_view TryCurrentError::to_string() const noexcept {
  return thread_local_destroyed_ ? "the thread-local runtime context has been destroyed"
                                 : "there is no runtime: called outside the context of one";
}

}  // namespace weft::runtime
