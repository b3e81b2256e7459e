// ReusableBoxFuture<T>: a heap slot for an awaitable of any type that yields T.
//
// Spec: T-53.
//
//   Task<int> sum(int count) {
//     ReusableBoxFuture<int> next(read_number(0));
//     int total = 0;
//     for (int i = 1;; ++i) {
//       total += co_await next;
//       if (i > count) co_return total;
//       next.set(read_number(i));  // in the same block: it is of the same type
//     }
//   }
//
// For hand-written leaves that always wait for something, but not always for the same thing: the
// slot has a fixed type and a fixed place, and an awaitable may be replaced in it, also in the
// middle. The block is allocated again only if the new awaitable does not fit.

#ifndef WEFT_TASK_REUSABLE_BOX_FUTURE_H_
#define WEFT_TASK_REUSABLE_BOX_FUTURE_H_

#include <concepts>
#include <cstddef>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/result.h>
#include <weft/runtime/branch.h>
#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/poll.h>
#include <weft/runtime/wait_report.h>

namespace weft {

// Move-only; one thread at a time. Moving it does not move what is inside. Not to be used when
// moved from, but for assigning.
template <class T>
class [[nodiscard]] ReusableBoxFuture {
  // What the slot knows of what is in it.
  struct Ops {
    bool (*poll)(void* held, Context& cx) noexcept;
    T (*take)(void* held);
    bool (*poll_cancel)(void* held, Context& cx) noexcept;
    void (*describe)(void* held, WaitReport& report) noexcept;
    void (*destroy)(void* held) noexcept;
    std::size_t size;
    std::size_t alignment;
  };
  template <class A>
  static constexpr bool kFits =
      Awaitable<A> && !std::is_reference_v<A> && !std::same_as<A, ReusableBoxFuture>;
  class Node;

 public:
  // Throws std::bad_alloc, and what moving the awaitable throws.
  template <class A>
    requires kFits<A>
  explicit ReusableBoxFuture(A awaitable)
      : ops_(&kOpsOf<A>), block_(allocate(kOpsOf<A>.size, kOpsOf<A>.alignment)) {
    try {
      construct(std::move(awaitable));
    } catch (...) {
      free_block(block_, *ops_);
      throw;
    }
  }
  ReusableBoxFuture(ReusableBoxFuture&& other) noexcept
      : ops_(other.ops_), block_(std::exchange(other.block_, nullptr)), is_full_(other.is_full_) {}
  ReusableBoxFuture& operator=(ReusableBoxFuture&& other) noexcept {
    ReusableBoxFuture moved(std::move(other));
    std::swap(ops_, moved.ops_);
    std::swap(block_, moved.block_);
    std::swap(is_full_, moved.is_full_);
    return *this;
  }
  ~ReusableBoxFuture() {
    if (block_ == nullptr) return;
    destroy();
    free_block(block_, *ops_);
  }

  // Destroys the awaitable inside and puts this one in its place, in the same block if size and
  // alignment are the same. If it throws (std::bad_alloc, or moving the awaitable), the slot is
  // empty and may be set again.
  template <class A>
    requires kFits<A>
  void set(A awaitable) {
    if (has_room_for<A>()) return replace(std::move(awaitable));
    *this = ReusableBoxFuture(std::move(awaitable));
  }
  // The same, but never allocates: the error gives the awaitable back if it does not fit.
  template <class A>
    requires kFits<A>
  Result<void, A> try_set(A awaitable) {
    if (!has_room_for<A>()) return Err(std::move(awaitable));
    replace(std::move(awaitable));
    return {};
  }

  // Polls what is inside. Not again after it was ready, until it has been set; a check failure.
  Poll<T> poll(Context& cx) {
    if (!poll_inside(cx)) return kPending;
    if constexpr (std::is_void_v<T>) {
      take();
      return Poll<T>();
    } else {
      return Poll<T>(take());
    }
  }

  // Yields what is inside yields. As cancel safe as that; the awaitable stays in the slot.
  LeafAwaiter<Node> operator co_await() noexcept { return LeafAwaiter<Node>(*this); }

 private:
  template <class A>
  using Held = internal::Branch<A>;

  template <class A>
  static Held<A>& as(void* held) noexcept {
    // SAFETY(cast): kOpsOf<A> stands in ops_ exactly while a Held<A> is in the block.
    return *static_cast<Held<A>*>(held);
  }
  template <class A>
  static bool poll_as(void* held, Context& cx) noexcept {
    return as<A>(held).poll(cx);
  }
  template <class A>
  static T take_as(void* held) {
    return as<A>(held).take();
  }
  template <class A>
  static bool poll_cancel_as(void* held, Context& cx) noexcept {
    return as<A>(held).poll_cancel(cx);
  }
  template <class A>
  static void describe_as(void* held, WaitReport& report) noexcept {
    as<A>(held).describe(report);
  }
  template <class A>
  static void destroy_as(void* held) noexcept {
    // SAFETY(lifetime): the caller clears is_full_, so this is its only end.
    std::destroy_at(&as<A>(held));
  }
  template <class A>
  static constexpr Ops kOpsOf = {&poll_as<A>,     &take_as<A>,    &poll_cancel_as<A>,
                                 &describe_as<A>, &destroy_as<A>, sizeof(Held<A>),
                                 alignof(Held<A>)};

  template <class A>
  bool has_room_for() const noexcept {
    return ops_->size == kOpsOf<A>.size && ops_->alignment == kOpsOf<A>.alignment;
  }
  template <class A>
  void replace(A&& awaitable) {
    destroy();
    ops_ = &kOpsOf<A>;
    construct(std::forward<A>(awaitable));
  }
  template <class A>
  void construct(A&& awaitable) {
    // SAFETY(storage): the block has the size and alignment of kOpsOf<A>, and nothing is in it.
    ::new (block_) Held<A>(std::forward<A>(awaitable));
    is_full_ = true;
  }
  void destroy() noexcept {
    if (std::exchange(is_full_, false)) ops_->destroy(block_);
  }

  bool poll_inside(Context& cx) noexcept {
    WEFT_CHECK(is_full_,
               "ReusableBoxFuture: polled while it is empty; set() another awaitable first");
    return ops_->poll(block_, cx);
  }
  T take() {
    struct Empty {
      ReusableBoxFuture& slot;
      ~Empty() { slot.destroy(); }
    } const empty{*this};
    return ops_->take(block_);
  }

  static void* allocate(std::size_t size, std::size_t alignment) {
    return ::operator new(size, std::align_val_t(alignment));
  }
  static void free_block(void* block, const Ops& ops) noexcept {
    ::operator delete(block, ops.size, std::align_val_t(ops.alignment));
  }

  const Ops* ops_;  // of what is, or was last, in the block
  void* block_;     // null: moved from
  bool is_full_ = false;
};

template <class T>
class ReusableBoxFuture<T>::Node : public Leaf {
 public:
  static constexpr const char* kWaitingOn = "reusable box";
  explicit Node(ReusableBoxFuture& slot) noexcept : slot_(slot) {}
  bool poll(Context& cx) noexcept { return slot_.poll_inside(cx); }
  bool poll_cancel(Context& cx) noexcept {
    return !slot_.is_full_ || slot_.ops_->poll_cancel(slot_.block_, cx);
  }
  T take() { return slot_.take(); }
  static constexpr bool kIsTransparent = true;
  void describe(WaitReport& report) noexcept {
    if (slot_.is_full_) slot_.ops_->describe(slot_.block_, report);
  }

 private:
  ReusableBoxFuture& slot_;
};

}  // namespace weft

#endif  // WEFT_TASK_REUSABLE_BOX_FUTURE_H_
