// Semaphore: a number of permits, of which tasks acquire some and give them back.
//
// Spec: SY-22 .. SY-26; SY-11 .. SY-21 (internal/batch_semaphore.h, where the design is).
//
//   sync::Semaphore connections(2);  // two at a time
//
//   Task<int> serve(int request) {
//     auto permit = co_await connections.acquire();
//     if (!permit) co_return -1;  // the semaphore was closed
//     co_return 2 * request;      // the permit is given back here
//   }
//
// The *_owned forms keep the semaphore alive and are for spawned tasks (SY-125).

#ifndef WEFT_SYNC_SEMAPHORE_H_
#define WEFT_SYNC_SEMAPHORE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <source_location>
#include <string_view>
#include <utility>

#include <weft/base/result.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>
#include <weft/sync/internal/batch_semaphore.h>

namespace weft::sync {

// The semaphore has been closed.
struct AcquireError {
  std::string_view message() const noexcept { return "semaphore closed"; }
  friend bool operator==(AcquireError, AcquireError) noexcept = default;
};

// Why a try_acquire*() has no permit.
class TryAcquireError {
 public:
  static constexpr TryAcquireError closed() noexcept { return TryAcquireError(true); }
  static constexpr TryAcquireError no_permits() noexcept { return TryAcquireError(false); }

  bool is_closed() const noexcept { return is_closed_; }
  // Too few are free, or others wait for them.
  bool is_no_permits() const noexcept { return !is_closed_; }
  std::string_view message() const noexcept {
    return is_closed_ ? "semaphore closed" : "no permits available";
  }
  friend bool operator==(TryAcquireError, TryAcquireError) noexcept = default;

 private:
  constexpr explicit TryAcquireError(bool is_closed) noexcept : is_closed_(is_closed) {}
  bool is_closed_;
};

class SemaphorePermit;
class OwnedSemaphorePermit;

// Thread-safe; needs no runtime (SY-1). Must outlive its permits and waiters, unless they are
// owned.
class Semaphore {
  template <class Permit, class Holder>
  class Acquire;
  using AcquireBorrowed = Acquire<SemaphorePermit, Semaphore*>;
  using AcquireOwned = Acquire<OwnedSemaphorePermit, std::shared_ptr<Semaphore>>;
  using Location = std::source_location;

 public:
  static constexpr std::size_t kMaxPermits = internal::BatchSemaphore::kMaxPermits;

  // Fatal with more than kMaxPermits (SY-11).
  explicit Semaphore(std::size_t permits, Location where = Location::current())
      : core_(checked(permits, where)) {}

  // Waits for the permits, in strict order of waiting: Result<SemaphorePermit, AcquireError>, the
  // error once the semaphore is closed. Cancel-safe: its place is lost, what it had been given goes
  // on to the next (SY-19). Takes budget.
  [[nodiscard]] AcquireBorrowed acquire() noexcept;
  [[nodiscard]] AcquireBorrowed acquire_many(std::uint32_t count) noexcept;
  [[nodiscard]] static AcquireOwned acquire_owned(std::shared_ptr<Semaphore> semaphore) noexcept;
  [[nodiscard]] static AcquireOwned acquire_many_owned(std::shared_ptr<Semaphore> semaphore,
                                                       std::uint32_t count) noexcept;

  // The permits if they are free and nobody waits for any. Never wait, never take budget.
  Result<SemaphorePermit, TryAcquireError> try_acquire() noexcept;
  Result<SemaphorePermit, TryAcquireError> try_acquire_many(std::uint32_t count) noexcept;
  static Result<OwnedSemaphorePermit, TryAcquireError> try_acquire_owned(
      std::shared_ptr<Semaphore> semaphore) noexcept;
  static Result<OwnedSemaphorePermit, TryAcquireError> try_acquire_many_owned(
      std::shared_ptr<Semaphore> semaphore, std::uint32_t count) noexcept;

  // As acquire*(), blocking the thread. Fatal on a thread that drives async tasks (SY-9).
  Result<SemaphorePermit, AcquireError> blocking_acquire(Location where = Location::current());
  Result<SemaphorePermit, AcquireError> blocking_acquire_many(std::uint32_t count,
                                                              Location where = Location::current());
  static Result<OwnedSemaphorePermit, AcquireError> blocking_acquire_owned(
      std::shared_ptr<Semaphore> semaphore, Location where = Location::current());
  static Result<OwnedSemaphorePermit, AcquireError> blocking_acquire_many_owned(
      std::shared_ptr<Semaphore> semaphore, std::uint32_t count,
      Location where = Location::current());

  // Adds permits, also when closed. Fatal if there would be more than kMaxPermits (SY-24, SY-25).
  void add_permits(std::size_t count, Location where = Location::current()) noexcept {
    core_.release(checked(count, where), where);
  }
  // Removes up to `count` free permits for good; returns how many.
  std::size_t forget_permits(std::size_t count) noexcept { return core_.forget(count); }
  // How many are free now.
  std::size_t available_permits() const noexcept { return core_.available(); }

  // All present and future acquires fail, also with permits free. Idempotent.
  void close() noexcept { core_.close(); }
  bool is_closed() const noexcept { return core_.is_closed(); }

 private:
  friend class SemaphorePermit;
  friend class OwnedSemaphorePermit;

  static std::size_t checked(std::size_t permits, Location where) {
    WEFT_CHECK(permits <= kMaxPermits, "Semaphore: more permits than Semaphore::kMaxPermits",
               where);
    return permits;
  }

  internal::BatchSemaphore core_;
};

namespace internal {

// What the two kinds of permit share: a number of permits of the semaphore that Holder points to.
// Holder is empty once there is nothing to give back.
template <class Derived, class Holder>
class PermitBase {
 public:
  PermitBase(PermitBase&& other) noexcept
      : holder_(std::exchange(other.holder_, nullptr)), count_(std::exchange(other.count_, 0)) {}

  // Drops the permits without giving them back.
  void forget() noexcept {
    count_ = 0;
    holder_ = nullptr;
  }

  // Takes over the permits of `other`. Fatal if it belongs to another semaphore (SY-23).
  void merge(Derived other, std::source_location where = std::source_location::current()) {
    WEFT_CHECK(holder_ == other.holder_,
               "SemaphorePermit::merge: the permits belong to different semaphores", where);
    count_ += std::exchange(other.count_, 0);
  }

  // Takes `count` permits out of this one; nothing if it has fewer (SY-23).
  std::optional<Derived> split(std::size_t count) noexcept {
    if (count > count_) return std::nullopt;
    count_ -= count;
    return Derived(holder_, count);
  }

  std::size_t num_permits() const noexcept { return count_; }

 protected:
  PermitBase(Holder holder, std::size_t count) noexcept
      : holder_(std::move(holder)), count_(count) {}
  ~PermitBase() = default;

  void swap(PermitBase& other) noexcept {
    std::swap(holder_, other.holder_);
    std::swap(count_, other.count_);
  }

  Holder holder_;
  std::size_t count_;
};

}  // namespace internal

// Permits that are given back when this is destroyed, on any thread. Move-only; empty when moved
// from.
class [[nodiscard]] SemaphorePermit : public internal::PermitBase<SemaphorePermit, Semaphore*> {
 public:
  SemaphorePermit(SemaphorePermit&&) noexcept = default;
  SemaphorePermit& operator=(SemaphorePermit&& other) noexcept {
    SemaphorePermit moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~SemaphorePermit() {
    if (count_ != 0) holder_->core_.release(count_);
  }

 private:
  friend class Semaphore;
  friend class internal::PermitBase<SemaphorePermit, Semaphore*>;
  using PermitBase::PermitBase;
};

// The same, and keeps the semaphore alive.
class [[nodiscard]] OwnedSemaphorePermit
    : public internal::PermitBase<OwnedSemaphorePermit, std::shared_ptr<Semaphore>> {
 public:
  OwnedSemaphorePermit(OwnedSemaphorePermit&&) noexcept = default;
  OwnedSemaphorePermit& operator=(OwnedSemaphorePermit&& other) noexcept {
    OwnedSemaphorePermit moved(std::move(other));
    swap(moved);
    return *this;
  }
  ~OwnedSemaphorePermit() {
    if (count_ != 0) holder_->core_.release(count_);
  }

  // The semaphore; null if moved from or forgotten.
  const std::shared_ptr<Semaphore>& semaphore() const noexcept { return holder_; }

 private:
  friend class Semaphore;
  friend class internal::PermitBase<OwnedSemaphorePermit, std::shared_ptr<Semaphore>>;
  using PermitBase::PermitBase;
};

// Movable until awaited. Holder is Semaphore* or std::shared_ptr<Semaphore>.
template <class Permit, class Holder>
class [[nodiscard]] Semaphore::Acquire {
  class Node : public Leaf {
   public:
    Node(Holder holder, std::uint32_t count) noexcept
        : holder_(std::move(holder)), waiter_(holder_->core_, count) {}
    bool poll(Context& cx) noexcept {
      return waiter_.poll(cx) != internal::BatchSemaphore::Waiter::Progress::kPending;
    }
    Result<Permit, AcquireError> take() noexcept {
      if (!waiter_.has_acquired()) return Err(AcquireError());
      waiter_.take();
      return Permit(std::move(holder_), waiter_.count());
    }
    void describe(WaitReport& report) noexcept {
      report.object(std::addressof(*holder_));
      report.note("wanted", waiter_.count());
      report.note("still missing", waiter_.missing());
    }
    static constexpr const char* kWaitingOn = "semaphore";

   private:
    Holder holder_;  // outlives waiter_
    internal::BatchSemaphore::Waiter waiter_;
  };

 public:
  Acquire(Holder holder, std::uint32_t count) noexcept
      : holder_(std::move(holder)), count_(count) {}

  LeafAwaiter<Node> operator co_await() const& noexcept {
    return LeafAwaiter<Node>(holder_, count_);
  }
  LeafAwaiter<Node> operator co_await() && noexcept {
    return LeafAwaiter<Node>(std::move(holder_), count_);
  }

 private:
  Holder holder_;
  std::uint32_t count_;
};

inline Semaphore::AcquireBorrowed Semaphore::acquire() noexcept { return acquire_many(1); }
inline Semaphore::AcquireBorrowed Semaphore::acquire_many(std::uint32_t count) noexcept {
  return AcquireBorrowed(this, count);
}
inline Semaphore::AcquireOwned Semaphore::acquire_owned(
    std::shared_ptr<Semaphore> semaphore) noexcept {
  return AcquireOwned(std::move(semaphore), 1);
}
inline Semaphore::AcquireOwned Semaphore::acquire_many_owned(std::shared_ptr<Semaphore> semaphore,
                                                             std::uint32_t count) noexcept {
  return AcquireOwned(std::move(semaphore), count);
}

}  // namespace weft::sync

#endif  // WEFT_SYNC_SEMAPHORE_H_
