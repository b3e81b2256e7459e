// RefCounted, RefPtr: shared ownership with the count inside the object.
//
// An object that several threads keep alive without knowing of each other (a driver, a readiness
// record) derives from RefCounted<itself>; whoever keeps it holds a RefPtr. One word instead of
// shared_ptr's two and a control block, and a RefPtr can be made again from a plain reference,
// which is what callbacks and queue nodes carry.
//
// An object is made with one reference, which make_ref() hands out.
//
//   class Driver : public RefCounted<Driver> { ... };
//   RefPtr<Driver> driver = make_ref<Driver>(options);
//   RefPtr<Driver> another(*driver);                     // from a reference that is known alive

#ifndef WEFT_RUNTIME_REF_COUNTED_H_
#define WEFT_RUNTIME_REF_COUNTED_H_

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <weft/base/check.h>
#include <weft/loom/atomic.h>

namespace weft {

// CRTP: `Derived` is what the last reference deletes, so it is the class itself or has a virtual
// destructor. Neither copied nor moved, as its count. Every function may be called from any thread.
template <class Derived>
class RefCounted {
 public:
  // Adds a reference. The caller holds one, or knows somebody who does for the length of the call.
  void retain() const noexcept {
    // relaxed: whoever may call this already sees the object; a count alone publishes nothing.
    [[maybe_unused]] const auto before = references_.fetch_add(1, std::memory_order_relaxed);
    WEFT_DCHECK(before != 0, "RefCounted::retain: the object is being destroyed");
  }

  // Adds a reference unless the last one has been given back. For a caller that keeps the object's
  // memory from being freed (by a lock that the destructor takes) without keeping it in use.
  [[nodiscard]] bool try_retain() const noexcept {
    // relaxed: as in retain(); what the caller reads of the object is ordered by that lock.
    auto count = references_.load(std::memory_order_relaxed);
    while (count != 0) {
      if (references_.compare_exchange_weak(count, count + 1, std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  // Gives a reference back; the last one deletes the object.
  void release() const noexcept {
    const auto before = references_.fetch_sub(1, std::memory_order_acq_rel);  // [C1]
    WEFT_DCHECK(before != 0, "RefCounted::release: more references given back than taken");
    if (before == 1) delete static_cast<const Derived*>(this);
  }

 protected:
  ~RefCounted() = default;

 private:
  friend Derived;  // nothing else is made of it
  RefCounted() noexcept = default;

  // How many references there are. Written by all holders with read-modify-writes only, from one
  // up to some number and down to zero, which is final.
  // [C1] release in release() -> acquire in the last release(): what every holder did with the
  // object comes before its destruction. Increments in between keep the release sequence.
  mutable loom::Atomic<std::uint32_t> references_{1};
};

// Holds one reference, or none. Thread-compatible: one RefPtr is used by one thread at a time, the
// object by as many as hold one.
template <class T>
class [[nodiscard]] RefPtr {
 public:
  RefPtr() noexcept = default;
  RefPtr(std::nullptr_t) noexcept {}  // NOLINT(google-explicit-constructor): as every pointer
  // Another reference to an object that is in use.
  explicit RefPtr(T& object) noexcept : object_(&object) { object_->retain(); }

  // Takes over a reference that the caller holds; release() gives it back.
  static RefPtr adopt(T* object) noexcept {
    RefPtr made;
    made.object_ = object;
    return made;
  }
  // Another reference, or none if the last one has been given back: see RefCounted::try_retain().
  static RefPtr try_from(T& object) noexcept {
    return object.try_retain() ? adopt(&object) : RefPtr();
  }

  RefPtr(const RefPtr& other) noexcept : object_(other.object_) {
    if (object_ != nullptr) object_->retain();
  }
  RefPtr(RefPtr&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <std::derived_from<T> Derived>
    requires(!std::same_as<Derived, T>)
  RefPtr(RefPtr<Derived> other) noexcept  // NOLINT(google-explicit-constructor): as every pointer
      : object_(std::move(other).release()) {}
  RefPtr& operator=(const RefPtr& other) noexcept {
    RefPtr copy(other);
    std::swap(object_, copy.object_);
    return *this;
  }
  RefPtr& operator=(RefPtr&& other) noexcept {
    RefPtr moved(std::move(other));
    std::swap(object_, moved.object_);
    return *this;
  }
  ~RefPtr() {
    if (object_ != nullptr) object_->release();
  }

  T* get() const noexcept { return object_; }
  T& operator*() const noexcept {
    WEFT_DCHECK(object_ != nullptr);
    return *object_;
  }
  T* operator->() const noexcept {
    WEFT_DCHECK(object_ != nullptr);
    return object_;
  }
  explicit operator bool() const noexcept { return object_ != nullptr; }

  // Gives the reference to the caller.
  [[nodiscard]] T* release() && noexcept { return std::exchange(object_, nullptr); }
  void reset() noexcept { *this = RefPtr(); }

  friend bool operator==(const RefPtr& a, const RefPtr& b) noexcept {
    return a.object_ == b.object_;
  }

 private:
  T* object_ = nullptr;
};

// A new T and its first reference. Throws std::bad_alloc and what the constructor throws.
template <class T, class... Args>
RefPtr<T> make_ref(Args&&... args) {
  return RefPtr<T>::adopt(new T(std::forward<Args>(args)...));
}

}  // namespace weft

#endif  // WEFT_RUNTIME_REF_COUNTED_H_
