// Thread, yield_now, ThreadLocal: threads of a model.
//
// Spec: TE-12, TE-18, TE-27. Contracts: <weft/loom/thread.h>, <weft/loom/thread_local.h>.
//
// A model thread is a fiber (execution.h). Ending one destroys its thread-locals; joining it makes
// visible what it did. Threads exist in models only.

#ifndef WEFT_LOOM_CHECKER_THREAD_H_
#define WEFT_LOOM_CHECKER_THREAD_H_

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <source_location>
#include <string>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>

namespace weft::loom::checker {

struct ThreadOptions {
  std::string name{};
  std::size_t stack_size = 0;  // Options::stack_size counts
};

namespace internal {

unsigned spawn_thread(std::function<void()> body, std::source_location where);
void** thread_local_slot(const void* key, void (*destroy)(void* value));

}  // namespace internal

// Move-only. Must be joined or detached before it is destroyed or assigned to.
class [[nodiscard]] Thread {
  using Where = std::source_location;

 public:
  Thread() noexcept = default;

  // Never fails, except the whole model if there are too many (Options::max_threads).
  template <class F>
    requires std::invocable<std::decay_t<F>>
  static Result<Thread> spawn(const ThreadOptions&, F&& fn, Where where = Where::current()) {
    return start(std::forward<F>(fn), where);
  }

  // The same without what a model never needs.
  template <class F>
    requires std::invocable<std::decay_t<F>>
  explicit Thread(F&& fn, Where where = Where::current())
      : Thread(start(std::forward<F>(fn), where)) {}

  Thread(Thread&& other) noexcept
      : id_(other.id_), joinable_(std::exchange(other.joinable_, false)) {}
  Thread& operator=(Thread&& other) noexcept;
  ~Thread();

  bool joinable() const noexcept { return joinable_; }
  void join(Where where = Where::current());
  void detach(Where where = Where::current());

 private:
  struct FromId {};
  Thread(FromId, unsigned id) noexcept : id_(id), joinable_(true) {}

  template <class F>
  static Thread start(F&& fn, Where where) {
    // Shared, because a std::function has to be copyable; there is one copy.
    auto body = std::make_shared<std::decay_t<F>>(std::forward<F>(fn));
    return Thread(
        FromId{},
        internal::spawn_thread([body = std::move(body)] { std::invoke(std::move(*body)); }, where));
  }

  unsigned id_ = 0;
  bool joinable_ = false;
};

// In a loop that waits for another thread: lets the others run first. The loop comes back when one
// of them has changed something, and its loads then see what is newer than what it saw before.
void yield_now(std::source_location where = std::source_location::current());
inline void spin_hint(std::source_location where = std::source_location::current()) noexcept {
  yield_now(where);
}
inline void yield_thread(std::source_location where = std::source_location::current()) noexcept {
  yield_now(where);
}

// Ends the run as a failure, with the interleaving that led here, if `condition` is false. What a
// model asserts, asserts with this. Outside of a model it is fatal.
void expect(bool condition, const char* message,
            std::source_location where = std::source_location::current());

// One T per model thread and Tag; outside of a model one per OS thread.
template <class T, class Tag>
class ThreadLocal {
 public:
  ThreadLocal() = delete;

  static T* get() noexcept { return try_get(); }
  static T* get_here() noexcept { return try_get(); }
  static T* try_get() noexcept {
    void** const slot =
        internal::thread_local_slot(&kKey, [](void* value) { delete static_cast<T*>(value); });
    if (slot == nullptr) {
      static thread_local T outside{};
      return &outside;
    }
    if (*slot == nullptr) *slot = new T();
    return static_cast<T*>(*slot);
  }

 private:
  static constexpr char kKey = 0;
};

}  // namespace weft::loom::checker

#endif  // WEFT_LOOM_CHECKER_THREAD_H_
