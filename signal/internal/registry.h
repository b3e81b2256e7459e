// Registry: all that the process knows about signals.
//
// Spec: SG-5, SG-14, SG-17, SG-18, SG-24.
//
// Made on first use and never destroyed: a handler stays installed for good, and so does what it
// reports to. It holds a slot for each signal and a link to each runtime that has listeners. Any of
// these runtimes announces what the handlers have counted, on behalf of all: the first whose driver
// looks.

#ifndef WEFT_SIGNAL_INTERNAL_REGISTRY_H_
#define WEFT_SIGNAL_INTERNAL_REGISTRY_H_

#include <array>
#include <source_location>
#include <vector>

#include <weft/base/result.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/driver/io_driver.h>
#include <weft/signal/internal/handler.h>
#include <weft/signal/internal/slot.h>
#include <weft/signal/signal_kind.h>

namespace weft::signal::internal {

class DriverLink;

// Thread-safe.
class Registry {
 public:
  static Registry& get();

  // The slot of `kind`, with the handler installed and the current runtime connected. Fails with
  // Errc::other for what is no signal or must not be handled, as sigaction(2) does, with
  // Errc::runtime_shutdown when the runtime's driver is gone, or for want of descriptors. Fatal at
  // `where` without a runtime that has I/O.
  Result<Slot*> listen(SignalKind kind, std::source_location where);

  // Which signal `slot`, one of this registry's, is for.
  int number_of(const Slot& slot) const noexcept { return static_cast<int>(&slot - slots_.data()); }

  // Announces what the handlers have counted. After the eventfd was read: see handler.h.
  void announce_pending() noexcept;

  // Forgets `link`: its driver has shut down. Gives back the registry's reference to it.
  void disconnect(DriverLink& link) noexcept;

  // In a forked child: as if no runtime had ever listened (SG-24).
  Result<void> reset_after_fork();

 private:
  Registry();

  bool is_connected(const weft::internal::IoDriver& driver) const noexcept;
  Result<DriverLink*> connect(weft::internal::IoDriver& driver);
  static void before_fork();
  static void after_fork();

  loom::Mutex mutex_;
  // Guarded by mutex_. One reference to each link is ours.
  std::vector<DriverLink*> links_;
  // Of the process that we were forked from. Never destroyed: that would take descriptors out of
  // epoll instances which the parent goes on using.
  std::vector<DriverLink*> abandoned_;
  std::array<Slot, kSignalCount> slots_;
};

}  // namespace weft::signal::internal

#endif  // WEFT_SIGNAL_INTERNAL_REGISTRY_H_
