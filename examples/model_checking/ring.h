// A queue between one producer and one consumer. Checked by ring_model.cc.

#ifndef EXAMPLES_MODEL_CHECKING_RING_H_
#define EXAMPLES_MODEL_CHECKING_RING_H_

#include <array>
#include <cstddef>
#include <optional>
#include <utility>

#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>

template <class T, std::size_t Size>
class Ring {
 public:
  // The producer. False: full.
  bool push(T value) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) == Size) return false;
    slots_[tail % Size].with_mut([&](T& slot) { slot = std::move(value); });
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  // The consumer. Nothing: empty.
  std::optional<T> pop() {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return std::nullopt;
    std::optional<T> value;
    slots_[head % Size].with_mut([&](T& slot) { value = std::move(slot); });
    head_.store(head + 1, std::memory_order_release);
    return value;
  }

 private:
  weft::loom::Atomic<std::size_t> head_{0};  // written by the consumer
  weft::loom::Atomic<std::size_t> tail_{0};  // written by the producer
  std::array<weft::loom::Cell<T>, Size> slots_{};
};

#endif  // EXAMPLES_MODEL_CHECKING_RING_H_
