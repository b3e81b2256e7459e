// Events: the array that Poll::poll() fills.
//
// Spec: reactor.md section 1, M-26.
//
// Made once and used for every poll. A poll brings at most capacity() events; the others wait in
// the kernel for the next one.
//
//   // How many sources can be read now, of at most events.capacity() that have something to say.
//   std::size_t count_readable(reactor::Poll& poll, reactor::Events& events) {
//     std::size_t count = 0;
//     if (!poll.poll(events, std::chrono::nanoseconds::zero())) return count;
//     for (const reactor::Event& event : events) count += event.is_readable() ? 1 : 0;
//     return count;
//   }

#ifndef WEFT_RUNTIME_REACTOR_EVENTS_H_
#define WEFT_RUNTIME_REACTOR_EVENTS_H_

#include <cstddef>
#include <limits>
#include <memory>
#include <source_location>
#include <span>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/reactor/event.h>

namespace weft::runtime::reactor {

class Events {
 public:
  // Room for `capacity` events, at least one.
  explicit Events(std::size_t capacity,
                  std::source_location where = std::source_location::current())
      : room_(std::make_unique<Event[]>(checked(capacity, where))), capacity_(capacity) {}

  Events(Events&& other) noexcept
      : room_(std::move(other.room_)),
        capacity_(std::exchange(other.capacity_, 0)),
        size_(std::exchange(other.size_, 0)) {}
  Events& operator=(Events&& other) noexcept {
    room_ = std::move(other.room_);
    capacity_ = std::exchange(other.capacity_, 0);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  std::size_t capacity() const noexcept { return capacity_; }
  bool empty() const noexcept { return size_ == 0; }
  const Event* begin() const noexcept { return room_.get(); }
  const Event* end() const noexcept { return room_.get() + size_; }
  void clear() noexcept { size_ = 0; }

 private:
  friend class Poll;

  // epoll_wait takes the number as an int and refuses zero.
  static std::size_t checked(std::size_t capacity, std::source_location where) noexcept {
    WEFT_CHECK(capacity > 0 && capacity <= std::numeric_limits<int>::max(),
               "Events: the capacity has to be at least 1 and fit an int", where);
    return capacity;
  }

  std::span<Event> room() noexcept { return {room_.get(), capacity_}; }
  void set_size(std::size_t size) noexcept { size_ = size; }

  std::unique_ptr<Event[]> room_;
  std::size_t capacity_;
  std::size_t size_ = 0;
};

}  // namespace weft::runtime::reactor

#endif  // WEFT_RUNTIME_REACTOR_EVENTS_H_
