// Threads of a model. Interface: thread.h.

#include <weft/loom/checker/thread.h>

#include <weft/base/check.h>
#include <weft/loom/checker/execution.h>

namespace weft::loom::checker {

using internal::Execution;
using internal::ThreadId;

namespace internal {

unsigned spawn_thread(std::function<void()> body, std::source_location where) {
  Execution* const execution = Execution::current();
  WEFT_CHECK(execution != nullptr,
             "loom::checker::Thread: threads exist in models only; call check() or model()", where);
  return execution->spawn(std::move(body), where);
}

void** thread_local_slot(const void* key, void (*destroy)(void* value)) {
  Execution* const execution = Execution::current();
  if (execution == nullptr) return nullptr;
  auto& locals = execution->self().locals;
  for (LocalValue& local : locals) {
    if (local.key == key) return &local.value;
  }
  locals.push_back({key, nullptr, destroy});
  return &locals.back().value;
}

}  // namespace internal

Thread& Thread::operator=(Thread&& other) noexcept {
  Thread old(std::move(*this));
  id_ = other.id_;
  joinable_ = std::exchange(other.joinable_, false);
  return *this;
}

Thread::~Thread() {
  Execution* const execution = Execution::current();
  // After a failure, closures that own threads are destroyed outside of the model.
  if (!joinable_ || execution == nullptr) return;
  execution->fail(FailureKind::kMisuse, "thread " + std::to_string(id_) +
                                            " was neither joined nor detached before its Thread "
                                            "was destroyed");
}

void Thread::join(Where where) {
  WEFT_CHECK(joinable_, "loom::checker::Thread::join: there is no thread to join", where);
  joinable_ = false;
  Execution::current()->join(static_cast<ThreadId>(id_), where);
}

void Thread::detach(Where where) {
  WEFT_CHECK(joinable_, "loom::checker::Thread::detach: there is no thread to detach", where);
  joinable_ = false;
  Execution::current()->detach(static_cast<ThreadId>(id_));
}

void yield_now(std::source_location where) {
  if (Execution* const execution = Execution::current(); execution != nullptr) {
    execution->yield(where);
  }
}

void expect(bool condition, const char* message, std::source_location where) {
  if (condition) return;
  Execution* const execution = Execution::current();
  WEFT_CHECK(execution != nullptr, message, where);
  execution->fail(FailureKind::kAssertion,
                  std::string("assertion at ") + internal::describe(where) + ": " + message);
}

}  // namespace weft::loom::checker
