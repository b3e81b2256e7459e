// Completion<T>: the right to complete one waiting operation with a T, once, from anywhere.
//
// Spec.
//
// A completion is what foreign code holds of an await: from_callback() and from_awaitable() make
// one. It is a copyable function object, because callbacks are kept in std::functions, and its
// copies are one and the same: the first call counts, later ones answer false. A C library takes it
// as a pointer, by release() and adopt().
//
// Copies and the awaitable share one cell:
//
//   phase_     kOpen      not completed
//              kWriting   somebody has called and is at value_
//              kFinished  value_ is there
//              kDropped   the last copy was destroyed and none had been called
//              kClosed    the awaitable was destroyed before anyone had called
//
//              kOpen --call--> kWriting --call--> kFinished
//                '--last copy--> kDropped   '--awaitable--> kClosed  (both from kOpen)
//
//   writers    call, drop: whoever has a copy. close: the awaitable.
//   pairing    [CM1] release in finish() -> acquire in the awaitable's look: value_.
//              [CM2] release in close() -> acquire in is_closed(): what preceded the destruction.
//              The awaitable registers in waiter_ and then looks at phase_; everyone else changes
//              phase_ and then wakes waiter_ (waker_slot.h).
//   Checked by tests/loom/bridge/completion_loom.cc.

#ifndef WEFT_RUNTIME_COMPLETION_H_
#define WEFT_RUNTIME_COMPLETION_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <type_traits>
#include <utility>
#include <variant>

#include <weft/base/check.h>
#include <weft/loom/allocation.h>
#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/runtime/context.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/waker.h>
#include <weft/runtime/waker_slot.h>

namespace weft {

template <class T>
class Completion;

namespace internal {

// The cell without its value: see the head of this file.
class CompletionState {
 public:
  CompletionState(const CompletionState&) = delete;
  CompletionState& operator=(const CompletionState&) = delete;

  // --- Copies

  // True: the caller is the one that completes; finish() has to follow.
  [[nodiscard]] bool begin() noexcept { return leave_open(Phase::kWriting); }
  void finish() noexcept;
  bool is_closed() const noexcept {
    return phase_.load(std::memory_order_acquire) == Phase::kClosed;  // [CM2]
  }
  void add_copy() noexcept {
    // relaxed: whoever copies one has one.
    copies_.fetch_add(1, std::memory_order_relaxed);
  }
  // True: that was the last one.
  [[nodiscard]] bool remove_copy() noexcept;

  // --- The awaitable

  // True: finished or dropped. False: `cx` will be woken.
  [[nodiscard]] bool poll(Context& cx) noexcept;
  // After poll() has answered true.
  bool was_dropped() const noexcept {
    // relaxed: the phase does not change any more.
    return phase_.load(std::memory_order_relaxed) == Phase::kDropped;
  }
  // Nobody is woken any more. True: nobody has called, and whoever does now comes too late.
  bool close() noexcept;

 protected:
  CompletionState() noexcept = default;
  ~CompletionState() = default;

  // True: that was the last reference. One belongs to the awaitable and one to all copies.
  [[nodiscard]] bool remove_reference() noexcept {
    return references_.fetch_sub(1, std::memory_order_acq_rel) == 1;  // [CM4]
  }
  void add_reference() noexcept {
    // relaxed: whoever adds one has one.
    references_.fetch_add(1, std::memory_order_relaxed);
  }

 private:
  enum class Phase : std::uint8_t { kOpen, kWriting, kFinished, kDropped, kClosed };

  [[nodiscard]] bool leave_open(Phase phase) noexcept;
  bool has_ended() const noexcept {
    const Phase phase = phase_.load(std::memory_order_acquire);  // [CM1]
    return phase == Phase::kFinished || phase == Phase::kDropped;
  }

  loom::Atomic<Phase> phase_{Phase::kOpen};
  // Changed by whoever makes or drops a copy.
  // [CM3] release in remove_copy() -> acquire in the last one: that nobody has called is final.
  loom::Atomic<std::uint32_t> copies_{1};
  // [CM4] release in remove_reference() -> acquire in the last one: all use is over.
  loom::Atomic<std::uint32_t> references_{1};
  WakerSlot waiter_;
};

template <class T>
class CompletionCell final : public CompletionState {
 public:
  using Value = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
  static_assert(std::is_nothrow_move_constructible_v<Value>,
                "weft::Completion: T must be nothrow move constructible; use a std::unique_ptr<T>");
  using Outcome = std::variant<std::monostate, Value, std::exception_ptr>;

  // The first reference.
  static RefPtr<CompletionCell> create() {
    return RefPtr<CompletionCell>::adopt(loom::make<CompletionCell>());
  }

  // Completes with the alternative `Index`, unless somebody else has.
  template <std::size_t Index, class Kept>
  bool complete(Kept&& kept) noexcept {
    if (!begin()) return false;
    outcome_.with_mut(
        [&](Outcome& outcome) { outcome.template emplace<Index>(std::forward<Kept>(kept)); });
    finish();
    return true;
  }
  // Once, after poll() has answered true.
  Outcome take() noexcept {
    return outcome_.with_mut([](Outcome& outcome) { return std::move(outcome); });
  }

  void retain() noexcept { add_reference(); }
  void release() noexcept {
    if (remove_reference()) loom::free(this);
  }

 private:
  loom::Cell<Outcome> outcome_;  // of whoever is in kWriting, then the awaitable's
};

// The awaitable's side.
template <class T>
class CompletionWait {
  using Cell = CompletionCell<T>;

 public:
  // Once. Throws std::bad_alloc.
  Completion<T> start() {
    cell_ = Cell::create();
    return Completion<T>(RefPtr<Cell>(*cell_));
  }
  bool has_started() const noexcept { return static_cast<bool>(cell_); }
  // As CompletionState's. close() answers false if nothing was started.
  bool poll(Context& cx) noexcept { return cell_->poll(cx); }
  bool was_dropped() const noexcept { return cell_->was_dropped(); }
  bool close() noexcept { return cell_ && cell_->close(); }
  // The value, or the exception is thrown.
  T take() {
    typename Cell::Outcome outcome = cell_->take();
    if (auto* thrown = std::get_if<2>(&outcome); thrown != nullptr) {
      std::rethrow_exception(std::move(*thrown));
    }
    if constexpr (!std::is_void_v<T>) return std::get<1>(std::move(outcome));
  }

 private:
  RefPtr<Cell> cell_;  // null: not started, or moved from
};

}  // namespace internal

// Copyable; copies may be used by different threads at once. Using one that was moved from is a
// check failure. None of its functions waits, or runs anything of the awaiting task.
template <class T>
class Completion {
  using Cell = internal::CompletionCell<T>;
  using Value = typename Cell::Value;

 public:
  // For the awaitables: the first copy. Takes over a reference.
  explicit Completion(RefPtr<Cell> cell) noexcept : cell_(std::move(cell).release()) {}
  Completion(const Completion& other) noexcept : cell_(other.cell_) {
    if (cell_ != nullptr) cell_->add_copy();
  }
  Completion(Completion&& other) noexcept : cell_(std::exchange(other.cell_, nullptr)) {}
  Completion& operator=(Completion other) noexcept {
    std::swap(cell_, other.cell_);
    return *this;
  }
  // The last copy, if none was called: ends the await, which says that no value will come.
  ~Completion() {
    if (cell_ != nullptr && cell_->remove_copy()) cell_->release();
  }

  // Completes the await with a T made of `args`; without any for void. False, and the value is
  // destroyed: it was completed before, or nobody waits any more. Throws what making the T throws.
  template <class... Args>
    requires std::constructible_from<Value, Args...>
  bool operator()(Args&&... args) const {
    Cell& cell = checked();
    return cell.template complete<1>(Value(std::forward<Args>(args)...));
  }
  // Completes it with an exception, which comes out of the co_await. False: as above.
  bool fail(std::exception_ptr thrown) const {
    Cell& cell = checked();
    return cell.template complete<2>(std::move(thrown));
  }
  // Nobody waits any more: the value is not needed.
  bool is_closed() const { return checked().is_closed(); }

  // Gives this copy away as a pointer, for callbacks of C; adopt() has to follow once. Without it
  // the await never learns that nobody will call, and memory is lost.
  [[nodiscard]] void* release() && {
    Cell& cell = checked();
    cell_ = nullptr;
    return &cell;
  }
  // The copy that release() gave away, with the same T.
  static Completion adopt(void* released) noexcept {
    Completion adopted;
    // SAFETY(cast): by contract what release() of the same type returned, and adopted once.
    adopted.cell_ = static_cast<Cell*>(released);
    return adopted;
  }

 private:
  Completion() noexcept = default;

  Cell& checked() const {
    WEFT_CHECK(cell_ != nullptr, "weft::Completion: it was moved from, or released");
    return *cell_;
  }

  Cell* cell_ = nullptr;  // null: moved from, or released
};

}  // namespace weft

#endif  // WEFT_RUNTIME_COMPLETION_H_
