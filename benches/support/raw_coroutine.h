// raw::Task: the least that a lazy coroutine which can be awaited may do, as a yardstick.
//
// Symmetric transfer at both ends, frames of one size from a thread-local free list; no exceptions,
// no cancellation, no scheduler, no header.

#ifndef WEFT_BENCHES_SUPPORT_RAW_COROUTINE_H_
#define WEFT_BENCHES_SUPPORT_RAW_COROUTINE_H_

#include <coroutine>
#include <cstddef>
#include <exception>
#include <new>
#include <utility>

namespace raw {

// Frames up to kFrameSize; larger ones come from the heap.
class FrameList {
 public:
  static constexpr std::size_t kFrameSize = 128;

  static void* take() {
    if (first_ == nullptr) return ::operator new(kFrameSize);
    return std::exchange(first_, first_->next);
  }
  static void give_back(void* frame) noexcept {
    // SAFETY(storage): a free block of kFrameSize bytes, which nobody else refers to any more.
    first_ = ::new (frame) Free{first_};
  }

 private:
  struct Free {
    Free* next;
  };
  static inline thread_local Free* first_ = nullptr;
};

class [[nodiscard]] Task {
 public:
  struct promise_type {
    static void* operator new(std::size_t size) {
      return size <= FrameList::kFrameSize ? FrameList::take() : ::operator new(size);
    }
    static void operator delete(void* frame, std::size_t size) noexcept {
      if (size <= FrameList::kFrameSize) {
        FrameList::give_back(frame);
      } else {
        ::operator delete(frame);
      }
    }

    Task get_return_object() noexcept {
      return Task(std::coroutine_handle<promise_type>::from_promise(*this));
    }
    std::suspend_always initial_suspend() const noexcept { return {}; }
    auto final_suspend() const noexcept {
      struct Awaiter {
        bool await_ready() const noexcept { return false; }
        std::coroutine_handle<> await_suspend(
            std::coroutine_handle<promise_type> ended) const noexcept {
          return ended.promise().continuation;
        }
        void await_resume() const noexcept {}
      };
      return Awaiter();
    }
    void return_value(int result) noexcept { value = result; }
    void unhandled_exception() noexcept { std::terminate(); }

    std::coroutine_handle<> continuation = std::noop_coroutine();
    int value = 0;
  };

  explicit Task(std::coroutine_handle<promise_type> frame) noexcept : frame_(frame) {}
  Task(Task&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  Task& operator=(Task&&) = delete;
  ~Task() {
    if (frame_) frame_.destroy();
  }

  auto operator co_await() && noexcept {
    struct Awaiter {
      std::coroutine_handle<promise_type> frame;
      bool await_ready() const noexcept { return false; }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) const noexcept {
        frame.promise().continuation = awaiting;
        return frame;
      }
      int await_resume() const noexcept { return frame.promise().value; }
    };
    return Awaiter{frame_};
  }

  // Runs a task that waits for nothing but other tasks of the kind.
  int run() {
    frame_.resume();
    return frame_.promise().value;
  }

 private:
  std::coroutine_handle<promise_type> frame_;
};

}  // namespace raw

#endif  // WEFT_BENCHES_SUPPORT_RAW_COROUTINE_H_
