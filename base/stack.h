// Stack and StackContext: a flow of control with a stack of its own, and switching between them.
//
// Spec: TE-12 (stackful fibers, stacks reused, sanitizers told).
//
// Design. The one user of Boost.Context, of which only the three instructions-long jump is used.
// What that jump does not do, and what is here instead:
//   - a guard page below every stack, so that an overflow is a fault and not a corrupted neighbour;
//   - telling AddressSanitizer and ThreadSanitizer about every switch: without it they take the
//     memory of one stack for another's, and exceptions end in false reports;
//   - exceptions. The runtime of C++ keeps the exceptions being handled per thread; a switch inside
//     a catch block would mix them up, so each context carries its own.
//
// A context is either the one that a thread is in already (default constructed; it learns of the
// stack when it first switches away, and stays on its thread) or one with a stack, on which it
// begins a function that must never return: it switches away for the last time instead (leave_for).
// One with a stack may be switched to from another thread than before. For what runs on it that is
// as for a coroutine: no address of a thread-local is good beyond a switch.
//
//   StackContext host, fiber;
//   fiber.start(stack, [](void* argument) { ...; fiber.leave_for(host); }, &data);
//   host.switch_to(fiber);     // returns when something switches to host again

#ifndef WEFT_BASE_STACK_H_
#define WEFT_BASE_STACK_H_

#include <array>
#include <bit>
#include <cstddef>
#include <utility>
#include <vector>

#include <weft/base/result.h>

namespace weft::internal {

// Memory for a stack, with an inaccessible page below it. Move-only.
class Stack {
 public:
  // None.
  Stack() noexcept = default;
  // `size` bytes, rounded up to pages. Fails with not_enough_memory.
  static Result<Stack> create(std::size_t size) noexcept;

  Stack(Stack&& other) noexcept
      : mapping_(std::exchange(other.mapping_, nullptr)),
        mapped_(std::exchange(other.mapped_, 0)),
        guard_(other.guard_) {}
  Stack& operator=(Stack&& other) noexcept {
    Stack moved(std::move(other));
    std::swap(mapping_, moved.mapping_);
    std::swap(mapped_, moved.mapped_);
    std::swap(guard_, moved.guard_);
    return *this;
  }
  ~Stack();

  explicit operator bool() const noexcept { return mapping_ != nullptr; }
  // The usable part: its lowest address and its size.
  std::byte* lowest() const noexcept { return mapping_ + guard_; }
  std::size_t size() const noexcept { return mapped_ - guard_; }

  // How much of it has been written to since it was made, in bytes: from its upper end down to the
  // lowest word that is not zero. Reads all that is below, so it is for measuring.
  std::size_t high_water() const noexcept;

 private:
  Stack(std::byte* mapping, std::size_t mapped, std::size_t guard) noexcept
      : mapping_(mapping), mapped_(mapped), guard_(guard) {}

  std::byte* mapping_ = nullptr;
  std::size_t mapped_ = 0;
  std::size_t guard_ = 0;
};

// Idle stacks, kept for reuse: making one costs two system calls and the first touch of its pages.
// Their sizes are powers of two. Not thread-safe.
class StackPool {
 public:
  static constexpr std::size_t kSmallest = std::size_t{16} << 10;
  static constexpr std::size_t kLargest = std::size_t{16} << 20;

  // Never holds more than `capacity` bytes of stacks.
  explicit StackPool(std::size_t capacity) noexcept : capacity_(capacity) {}

  // An idle stack of exactly `size` bytes; none if there is none.
  Stack take(std::size_t size) noexcept;
  // Nothing runs on it any more. Gives it back if there is no room for it, or if its size is not a
  // power of two between the two above.
  Stack give_back(Stack stack) noexcept;

 private:
  static constexpr std::size_t kSizes = std::bit_width(kLargest) - std::bit_width(kSmallest) + 1;
  // Null for sizes that are not kept.
  std::vector<Stack>* idle_of(std::size_t size) noexcept;

  std::size_t capacity_;
  std::size_t held_ = 0;  // bytes
  std::array<std::vector<Stack>, kSizes> idle_;
};

// A flow of control that is either running or suspended in switch_to(). Immovable; used by one
// thread at a time. Destroying a suspended one abandons what is on its stack: no destructor there
// runs.
class StackContext {
 public:
  using Entry = void (*)(void* argument);

  StackContext() noexcept = default;
  StackContext(const StackContext&) = delete;
  StackContext& operator=(const StackContext&) = delete;
  ~StackContext();

  // The next switch to this context calls entry(argument) on `stack`, which stays the caller's and
  // has to outlive the context's use of it. What the context was doing before is abandoned. `entry`
  // must neither return nor let an exception out.
  void start(const Stack& stack, Entry entry, void* argument) noexcept;

  // Suspends this context, which is the running one, and continues `next`. Returns when a context
  // switches to this one.
  void switch_to(StackContext& next) noexcept { jump(next, /*for_good=*/false); }

  // The same for the last time: this context is never switched to again unless restarted.
  [[noreturn]] void leave_for(StackContext& next) noexcept;

 private:
  // What the C++ runtime keeps per thread about exceptions: the Itanium ABI's __cxa_eh_globals.
  struct ExceptionState {
    void* caught = nullptr;
    unsigned int uncaught = 0;
  };
  struct Launcher;

  // Keeps the thread's, and gives it those of `next`.
  void exchange_exceptions(StackContext& next) noexcept;
  void jump(StackContext& next, bool for_good) noexcept;
  void arrived(StackContext* from) noexcept;

  void* resume_point_ = nullptr;  // where the jump continues; null while running
  Entry entry_ = nullptr;
  void* argument_ = nullptr;
  StackContext* going_to_ = nullptr;        // during a jump away from this one
  ExceptionState exceptions_;               // while suspended
  std::byte* thread_exceptions_ = nullptr;  // where the thread that it runs on keeps them

  // For the sanitizers; unused otherwise.
  const void* stack_lowest_ = nullptr;
  std::size_t stack_size_ = 0;
  void* fake_stack_ = nullptr;
  void* thread_sanitizer_fiber_ = nullptr;
  bool owns_thread_sanitizer_fiber_ = false;
};

}  // namespace weft::internal

#endif  // WEFT_BASE_STACK_H_
