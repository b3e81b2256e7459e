// Thread: an operating system thread behind the seam.
//
// Spec: architecture.md "Atomics go through one seam", "A seam for simulation"; R-123 (a thread
// that cannot be created is a result).
//
// Design. std::thread can neither choose a stack size nor fail without throwing; both are needed.
// So this wraps pthreads, and every call goes through weft::sys, where a test can make it fail. A
// WEFT_LOOM build replaces the class and the two functions by the checker's.
//
// The function and its name go to the new thread in one heap block, which the new thread owns as
// soon as it exists and frees before it ends; if it never exists, spawn() frees it.
//
//   Result<loom::Thread> worker =
//       loom::Thread::spawn({.name = "weft-worker"}, [core] { run(core); });

#ifndef WEFT_LOOM_THREAD_H_
#define WEFT_LOOM_THREAD_H_

#ifdef WEFT_LOOM

#include <weft/loom/checker/thread.h>

namespace weft::loom {

using checker::spin_hint;
using checker::Thread;
using checker::ThreadOptions;
using checker::yield_thread;

}  // namespace weft::loom

#else

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <pthread.h>
#include <source_location>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>

namespace weft::loom {

struct ThreadOptions {
  // Cut to the 15 bytes that the system keeps. Empty: the same as the parent's.
  std::string name = {};
  // In bytes, rounded up to whole pages and to the system's least. 0: the system's default.
  std::size_t stack_size = 0;
};

namespace internal {

// What the new thread runs; see spawn_thread().
class ThreadBody {
 public:
  explicit ThreadBody(std::string_view name) noexcept;
  virtual ~ThreadBody() = default;
  ThreadBody(const ThreadBody&) = delete;
  ThreadBody& operator=(const ThreadBody&) = delete;

  virtual void run() = 0;

  const char* name() const noexcept { return name_; }

 private:
  char name_[16] = {};
};

template <class F>
class ThreadBodyOf final : public ThreadBody {
 public:
  template <class G>
  ThreadBodyOf(std::string_view name, G&& fn) : ThreadBody(name), fn_(std::forward<G>(fn)) {}
  void run() override { std::invoke(std::move(fn_)); }

 private:
  F fn_;
};

Result<::pthread_t> spawn_thread(std::size_t stack_size, std::unique_ptr<ThreadBody> body);

}  // namespace internal

// Move-only. A running thread must be joined or detached before its Thread is destroyed or assigned
// to: anything else is fatal, as with std::thread. Not thread-safe.
class [[nodiscard]] Thread {
 public:
  // No thread.
  Thread() noexcept = default;

  // Starts a thread that calls fn() and ends; fn is moved or copied into it and destroyed on it.
  // Fails with resource_unavailable_try_again when the system has no room for a thread, and then fn
  // has not run. Throws std::bad_alloc. An exception that leaves fn ends the program.
  template <class F>
    requires std::invocable<std::decay_t<F>>
  static Result<Thread> spawn(const ThreadOptions& options, F&& fn) {
    auto body = std::make_unique<internal::ThreadBodyOf<std::decay_t<F>>>(options.name,
                                                                          std::forward<F>(fn));
    return internal::spawn_thread(options.stack_size, std::move(body))
        .transform([](::pthread_t handle) { return Thread(handle); });
  }

  Thread(Thread&& other) noexcept
      : handle_(other.handle_), joinable_(std::exchange(other.joinable_, false)) {}
  Thread& operator=(Thread&& other) noexcept;
  ~Thread();

  // There is a thread that was neither joined nor detached.
  bool joinable() const noexcept { return joinable_; }

  // Waits until the thread has ended, its thread-locals destroyed; what it did is then visible.
  // Fatal if there is none, or if it is the calling thread.
  void join(std::source_location where = std::source_location::current());

  // Lets it run on by itself. Fatal if there is none.
  void detach(std::source_location where = std::source_location::current());

 private:
  explicit Thread(::pthread_t handle) noexcept : handle_(handle), joinable_(true) {}

  ::pthread_t handle_ = {};  // meaningful while joinable_
  bool joinable_ = false;
};

// Tells the processor that this is a loop waiting for another core.
inline void spin_hint() noexcept {
#if defined(__x86_64__) || defined(__i386__)
  asm volatile("pause");
#elif defined(__aarch64__)
  asm volatile("isb");
#endif
}

// Lets another thread have this processor.
void yield_thread() noexcept;

}  // namespace weft::loom

#endif  // WEFT_LOOM

#endif  // WEFT_LOOM_THREAD_H_
