// AttachedThreads. Interface and design: attached_threads.h.

#include <weft/runtime/scheduler/attached_threads.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include <weft/base/check.h>
#include <weft/loom/steady_clock.h>
#include <weft/runtime/scheduler/multi_thread.h>
#include <weft/runtime/scheduler/parker.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/scheduler/worker.h>

namespace weft::internal {

bool AttachedThreads::owns(const Worker& worker) const noexcept {
  return worker.index() >= scheduler_.config().workers;
}

AttachedThreads::Place& AttachedThreads::place_of(const Worker& worker) noexcept {
  return places_[worker.index() - scheduler_.config().workers];
}

Result<Worker*> AttachedThreads::reserve(std::source_location where) {
  const std::uint64_t self = thread_number();
  const std::lock_guard lock(mutex_);
  if (is_closed_) return nullptr;
  const auto is_free = [](const Place& place) { return place.state == State::kFree; };
  auto found = std::find_if(places_.begin(), places_.end(), is_free);
  if (found == places_.end()) {
    if (Result<void> added = add_place(where); !added) return Err(added.error());
    found = places_.end() - 1;
  }
  *found = {State::kReserved, self};
  const auto index = static_cast<std::size_t>(found - places_.begin());
  Worker& worker = *scheduler_.workers()[scheduler_.config().workers + index];
  worker.expect_to_stay();
  return &worker;
}

Result<void> AttachedThreads::add_place(std::source_location where) {
  const RuntimeConfig& config = scheduler_.config();
  WEFT_CHECK(places_.size() < config.max_attached_threads,
             "Runtime::attach_current_thread: as many threads are attached as "
             "Builder::max_attached_threads allows; allow more, or attach fewer at a time",
             where);
  Result<std::unique_ptr<Parker>> parker = Parker::create(&scheduler_.watch());
  if (!parker) return Err(parker.error());
  const auto index = config.workers + static_cast<unsigned>(places_.size());
  auto worker =
      std::make_unique<Worker>(scheduler_, index, *std::move(parker), scheduler_.next_seed());
  places_.emplace_back();
  scheduler_.add_worker(std::move(worker));
  return {};
}

void AttachedThreads::release(Worker& worker) noexcept {
  const std::lock_guard lock(mutex_);
  place_of(worker) = {};
  changed_.notify_all();
}

bool AttachedThreads::activate(Worker& worker) noexcept {
  const std::lock_guard lock(mutex_);
  if (is_closed_) return false;
  place_of(worker).state = State::kActive;
  const bool taken = worker.try_take_core();
  WEFT_CHECK(taken, "AttachedThreads: the core of a worker that is not active was taken");
  scheduler_.idle().add_worker();
  return true;
}

void AttachedThreads::deactivate(Worker& worker) noexcept {
  worker.hand_over();
  {
    const std::lock_guard lock(mutex_);
    place_of(worker).state = State::kReserved;
    worker.release_core();
    scheduler_.idle().remove_worker();
    changed_.notify_all();
  }
  // For three things that others may have left to us while we were awake: the tasks just handed
  // over; a search that somebody relied on; and the driver, which nobody may be waiting in. Who is
  // awake sees to all of them before it sleeps, and if nobody is, this wakes one.
  scheduler_.notify_one();
}

void AttachedThreads::close() noexcept {
  const std::lock_guard lock(mutex_);
  is_closed_ = true;
}

bool AttachedThreads::has(State state) const noexcept {
  return std::any_of(places_.begin(), places_.end(),
                     [state](const Place& place) { return place.state >= state; });
}

bool AttachedThreads::includes_this_thread() noexcept {
  const std::lock_guard lock(mutex_);
  return has(State::kReserved) &&
         std::any_of(places_.begin(), places_.end(), [self = thread_number()](const Place& place) {
           return place.state != State::kFree && place.thread == self;
         });
}

void AttachedThreads::wait_until_inactive() noexcept {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !has(State::kActive); });
}

void AttachedThreads::wait_until_gone(std::optional<std::chrono::nanoseconds> limit) noexcept {
  std::unique_lock lock(mutex_);
  const auto none = [this] { return !has(State::kReserved); };
  if (!limit.has_value()) {
    changed_.wait(lock, none);
    return;
  }
  using TimePoint = std::chrono::steady_clock::time_point;
  const TimePoint now = loom::SteadyClock::now();
  const TimePoint deadline = *limit > TimePoint::max() - now ? TimePoint::max() : now + *limit;
  static_cast<void>(changed_.wait_until(lock, deadline, none));
}

}  // namespace weft::internal
