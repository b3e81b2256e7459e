// OnceCell: a value that is made at most once, by whoever comes first.
//
// Spec: SY-112, SY-113; SY-119.
//
// Design. A flag, room for the value, and a semaphore with one permit: who holds the permit may
// make the value. If making it fails, or is cancelled, the permit goes to the next waiter, who runs
// his own function. Once there is a value the semaphore is closed, which ends the waits of all
// others. Making the value by way of the same cell waits for ever.
//
//   sync::OnceCell<std::string> config;
//
//   Task<std::size_t> use() {
//     // load() -> Task<std::string>
//     const std::string& loaded = co_await config.get_or_init(load);
//     co_return loaded.size();
//   }
//   Task<bool> try_use() {
//     // fetch() -> Task<Result<std::string>>; an error leaves the cell empty.
//     const auto fetched = co_await config.get_or_try_init(fetch);
//     co_return fetched.has_value() && **fetched == "config";
//   }

#ifndef WEFT_SYNC_ONCE_CELL_H_
#define WEFT_SYNC_ONCE_CELL_H_

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <utility>

#include <weft/base/result.h>
#include <weft/loom/atomic.h>
#include <weft/runtime/leaf.h>
#include <weft/sync/internal/batch_semaphore.h>
#include <weft/sync/internal/manual_value.h>
#include <weft/sync/internal/once_init.h>

namespace weft::sync {

// Why set() refused `value`.
template <class T>
class SetError {
 public:
  static SetError already_initialized(T refused) noexcept {
    return SetError(true, std::move(refused));
  }
  static SetError initializing(T refused) noexcept { return SetError(false, std::move(refused)); }

  // There is a value.
  bool is_already_initialized() const noexcept { return is_initialized_; }
  // Somebody is making one just now.
  bool is_initializing() const noexcept { return !is_initialized_; }
  std::string_view message() const noexcept {
    return is_initialized_ ? "OnceCell: already initialized" : "OnceCell: being initialized";
  }
  T value;

 private:
  SetError(bool is_initialized, T refused) noexcept
      : value(std::move(refused)), is_initialized_(is_initialized) {}
  bool is_initialized_;
};

// Thread-safe, except what is said to be for exclusive owners; needs no runtime. Must outlive its
// waiters.
template <class T>
class OnceCell {
  static_assert(internal::kMovesSafely<T>,
                "OnceCell: T must be nothrow move constructible and destructible");

 public:
  using value_type = T;

  OnceCell() noexcept { permit_.emplace(1); }
  explicit OnceCell(T value) noexcept : OnceCell() { publish(std::move(value)); }
  // A copy of the value, if there is one: a cell of its own.
  OnceCell(const OnceCell& other)
    requires std::copy_constructible<T>
      : OnceCell() {
    if (const T* value = other.get()) publish(T(*value));
  }
  OnceCell& operator=(const OnceCell&) = delete;
  ~OnceCell() {
    if (is_set_.unsync_load()) value_.destroy();
  }

  bool initialized() const noexcept { return is_set_.load(std::memory_order_acquire); }  // [OC1]
  // The value; null if there is none.
  const T* get() const noexcept { return initialized() ? &value_.value : nullptr; }
  // For exclusive owners.
  T* get_mut() noexcept { return is_set_.unsync_load() ? &value_.value : nullptr; }

  // Sets the value, unless there is one or somebody is making one; the error gives it back.
  Result<void, SetError<T>> set(T value) noexcept {
    switch (permit_->try_acquire(1)) {
      case internal::TryAcquire::kAcquired:
        break;
      case internal::TryAcquire::kClosed:
        return Err(SetError<T>::already_initialized(std::move(value)));
      case internal::TryAcquire::kNoPermits:
        // Whoever holds the permit may have stored its value by now.
        if (initialized()) return Err(SetError<T>::already_initialized(std::move(value)));
        return Err(SetError<T>::initializing(std::move(value)));
    }
    publish(std::move(value));
    return {};
  }

  // The value: const T&, valid as long as the cell has it. If there is none, `fn()` is called and
  // what it returns awaited, by one caller at a time: fn returns an awaitable of T. What either
  // throws comes out of the co_await. Cancel-safe in that the next waiter then runs its own `fn`.
  // Takes budget if it has to wait.
  template <class F>
    requires std::same_as<AwaitResult<std::invoke_result_t<F&>>, T>
  [[nodiscard]] auto get_or_init(F fn) noexcept(std::is_nothrow_move_constructible_v<F>) {
    return internal::OnceInit<OnceCell, F>(*this, std::move(fn));
  }

  // The same for an `fn` whose awaitable yields Result<T, E>: Result<const T*, E>. An error leaves
  // the cell empty, and the next waiter runs its own `fn`.
  template <class F>
    requires std::same_as<typename AwaitResult<std::invoke_result_t<F&>>::value_type, T>
  [[nodiscard]] auto get_or_try_init(F fn) noexcept(std::is_nothrow_move_constructible_v<F>) {
    return internal::OnceInit<OnceCell, F>(*this, std::move(fn));
  }

  // For exclusive owners: the value, taken out; the cell can be set again.
  std::optional<T> take() noexcept {
    if (!is_set_.unsync_load()) return std::nullopt;
    is_set_.with_mut([](bool& is_set) { is_set = false; });
    permit_.emplace(1);
    return value_.take();
  }
  std::optional<T> into_inner() && noexcept { return take(); }

  // Equal contents; two empty cells are equal.
  friend bool operator==(const OnceCell& a, const OnceCell& b)
    requires std::equality_comparable<T>
  {
    const T* const left = a.get();
    const T* const right = b.get();
    if (left == nullptr || right == nullptr) return left == right;
    return *left == *right;
  }

 private:
  template <class Cell, class F>
  friend class internal::OnceInit;

  // By who holds the permit.
  void publish(T value) noexcept {
    value_.construct(std::move(value));
    is_set_.store(true, std::memory_order_release);  // [OC1]
    permit_->close();
  }

  // Set by who holds the permit, before it closes the semaphore; read by anyone.
  // [OC1] release in publish() -> acquire by readers: the value.
  loom::Atomic<bool> is_set_{false};
  internal::ManualValue<T> value_;                  // there exactly if is_set_
  std::optional<internal::BatchSemaphore> permit_;  // never empty; replaced by take()
};

}  // namespace weft::sync

#endif  // WEFT_SYNC_ONCE_CELL_H_
