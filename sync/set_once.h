// SetOnce: a value that is set at most once, and that others can wait for.
//
// Spec: SY-114; SY-119.
//
//   sync::SetOnce<std::string> config;
//
//   Task<std::size_t> use() {
//     const std::string& loaded = co_await config.wait();
//     co_return loaded.size();
//   }
//   Task<bool> load() {
//     const auto set = config.set("config");
//     co_return set.has_value();  // false: it had been set before
//   }

#ifndef WEFT_SYNC_SET_ONCE_H_
#define WEFT_SYNC_SET_ONCE_H_

#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include <weft/base/result.h>
#include <weft/loom/atomic.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/internal/manual_value.h>
#include <weft/sync/internal/wait_queue.h>

namespace weft::sync {

// It was set before; `value` is the one that was refused.
template <class T>
struct SetOnceError {
  T value;
  explicit SetOnceError(T refused) noexcept : value(std::move(refused)) {}
  std::string_view message() const noexcept { return "SetOnce: already set"; }
};

// Thread-safe; needs no runtime. Must outlive its waiters.
template <class T>
class SetOnce {
  static_assert(internal::kMovesSafely<T>,
                "SetOnce: T must be nothrow move constructible and destructible");
  class Node;
  class Wait;

 public:
  SetOnce() noexcept = default;
  explicit SetOnce(T value) noexcept {
    value_.construct(std::move(value));
    is_set_.with_mut([](bool& is_set) { is_set = true; });
  }
  SetOnce(const SetOnce&) = delete;
  SetOnce& operator=(const SetOnce&) = delete;
  ~SetOnce() {
    if (is_set_.unsync_load()) value_.destroy();
  }

  // Sets the value and wakes who waits for it; the error gives it back if there is one already.
  Result<void, SetOnceError<T>> set(T value) noexcept {
    {
      std::lock_guard lock(mu_);
      if (initialized()) return Err(SetOnceError<T>(std::move(value)));
      value_.construct(std::move(value));
      is_set_.exchange(true, std::memory_order_seq_cst);  // [SO1]; seq_cst: for waiters_
    }
    waiters_.wake_all();
    return {};
  }

  bool initialized() const noexcept {
    return is_set_.load(std::memory_order_acquire);  // [SO1]
  }
  // The value; null if it has not been set.
  const T* get() const noexcept { return initialized() ? &value_.value : nullptr; }

  // Completes when there is a value: const T&, valid as long as this object. Cancel-safe; takes no
  // budget.
  [[nodiscard]] Wait wait() const noexcept { return Wait(*this); }

  // The value, taken out; for who has the object to himself.
  std::optional<T> into_inner() && noexcept {
    if (!is_set_.unsync_load()) return std::nullopt;
    is_set_.with_mut([](bool& is_set) { is_set = false; });
    return value_.take();
  }

 private:
  // Written once, by set() under mu_; read by anyone.
  // [SO1] release in set() -> acquire by readers: the value.
  loom::Atomic<bool> is_set_{false};
  loom::Mutex mu_;  // one set() at a time; not a SpinMutex, since T's constructor runs under it
  internal::ManualValue<T> value_;  // there exactly if is_set_
  mutable internal::WaitQueue waiters_;
};

template <class T>
class SetOnce<T>::Node : public Leaf {
 public:
  explicit Node(const SetOnce& cell) noexcept : cell_(cell), waiter_(cell.waiters_) {}
  bool poll(Context& cx) noexcept {
    if (cell_.initialized()) return true;
    waiter_.arm(cx);
    // seq_cst: the second look, see WaitQueue.
    return cell_.is_set_.load(std::memory_order_seq_cst);  // [SO1]
  }
  const T& take() const noexcept { return cell_.value_.value; }
  void describe(WaitReport& report) noexcept { report.object(&cell_); }
  static constexpr const char* kWaitingOn = "SetOnce";

 private:
  const SetOnce& cell_;
  internal::WaitQueue::Waiter waiter_;
};

template <class T>
class [[nodiscard]] SetOnce<T>::Wait {
 public:
  explicit Wait(const SetOnce& cell) noexcept : cell_(&cell) {}
  LeafAwaiter<Node> operator co_await() const noexcept { return LeafAwaiter<Node>(*cell_); }

 private:
  const SetOnce* cell_;
};

}  // namespace weft::sync

#endif  // WEFT_SYNC_SET_ONCE_H_
