// Registry. See registry.h.

#include <weft/signal/internal/registry.h>

#include <algorithm>
#include <csignal>
#include <mutex>
#include <pthread.h>
#include <utility>

#include <weft/base/check.h>
#include <weft/runtime/driver/current_io.h>
#include <weft/signal/internal/driver_link.h>

namespace weft::signal::internal {

namespace {

// What a program cannot go on from, or the kernel does not let it handle.
bool is_forbidden(int number) noexcept {
  return number == SIGKILL || number == SIGSTOP || number == SIGILL || number == SIGFPE ||
         number == SIGSEGV;
}

}  // namespace

Registry& Registry::get() {
  static Registry* const instance = new Registry();
  return *instance;
}

Registry::Registry() {
  // SAFETY(syscall): the three functions live as long as the program, and so does the registry.
  WEFT_CHECK(::pthread_atfork(before_fork, after_fork, after_fork) == 0,
             "weft::signal: pthread_atfork failed");
}

Result<Slot*> Registry::listen(SignalKind kind, std::source_location where) {
  weft::internal::IoDriver& driver = weft::internal::current_io_driver(where);
  const int number = kind.as_raw();
  if (number <= 0 || number > SIGRTMAX || is_forbidden(number)) return Err(Errc::other);
  Slot& slot = slots_[static_cast<std::size_t>(number)];
  DriverLink* fresh = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (auto opened = open_event(); !opened) return Err(opened.error());
    if (!slot.installed) slot.installed = install_handler(number);
    if (!*slot.installed) return Err(slot.installed->error());
    if (!is_connected(driver)) {
      Result<DriverLink*> link = connect(driver);
      if (!link) return Err(link.error());
      fresh = *link;
    }
  }
  // Not under the lock: it announces what has come already, or finds the driver gone.
  if (fresh != nullptr) {
    fresh->turn();
    fresh->release();
  }
  return &slot;
}

// Under mutex_.
bool Registry::is_connected(const weft::internal::IoDriver& driver) const noexcept {
  return std::ranges::any_of(
      links_, [&driver](const DriverLink* link) { return &link->driver() == &driver; });
}

// Under mutex_. The caller gets a reference of its own.
Result<DriverLink*> Registry::connect(weft::internal::IoDriver& driver) {
  Result<OwnedFd> event = duplicate_event();
  if (!event) return Err(event.error());
  auto registered = weft::internal::IoRegistration::create(
      driver, std::move(*event), weft::internal::IoKind::kPipe, runtime::Interest::kReadable);
  if (!registered) return Err(registered.error());
  DriverLink* const link = DriverLink::create(std::move(*registered), driver);
  links_.push_back(link);
  link->retain();
  return link;
}

void Registry::announce_pending() noexcept {
  for (int number = 1; number < kSignalCount; ++number) {
    const std::uint64_t count = take_pending(number);
    if (count != 0) slots_[static_cast<std::size_t>(number)].announce(count);
  }
}

void Registry::disconnect(DriverLink& link) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (std::erase(links_, &link) == 0) return;
  }
  link.release();
}

Result<void> Registry::reset_after_fork() {
  const std::lock_guard lock(mutex_);
  abandoned_.insert(abandoned_.end(), links_.begin(), links_.end());
  links_.clear();
  return replace_event();
}

// So that a child finds all of it unlocked and whole (SG-24).
void Registry::before_fork() {
  Registry& self = get();
  self.mutex_.lock();
  for (Slot& slot : self.slots_) slot.lock_for_fork();
}

void Registry::after_fork() {
  Registry& self = get();
  for (Slot& slot : self.slots_) slot.unlock_after_fork();
  self.mutex_.unlock();
}

}  // namespace weft::signal::internal
