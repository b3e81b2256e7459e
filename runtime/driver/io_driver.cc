// IoDriver over the reactor. Interface and design: io_driver.h.

#include <weft/runtime/driver/io_driver.h>

#include <mutex>
#include <system_error>

#include <weft/base/check.h>
#include <weft/runtime/reactor/source_fd.h>

namespace weft::internal {

namespace reactor = runtime::reactor;

namespace {

reactor::Token token_of(const IoRecord& record) noexcept {
  // SAFETY(cast): only a number for the kernel to keep; record_of() is the way back.
  return reactor::Token{reinterpret_cast<std::size_t>(&record)};
}

IoRecord& record_of(reactor::Token token) noexcept {
  // SAFETY(cast): made by token_of() of a record that is alive: see the head of io_driver.h.
  return *reinterpret_cast<IoRecord*>(token.value);
}

void release_all(IntrusiveList<IoRecord>& records) noexcept {
  while (IoRecord* record = records.pop_front()) record->release();
}

}  // namespace

Result<RefPtr<IoDriver>> IoDriver::create(std::size_t events_capacity) {
  Result<reactor::Poll> poll = reactor::Poll::create();
  if (!poll) return Err(poll.error());
  Result<reactor::Waker> waker = reactor::Waker::create(poll->registry(), kUnparkToken);
  if (!waker) return Err(waker.error());
  return RefPtr<IoDriver>::adopt(
      new IoDriver(*std::move(poll), *std::move(waker), events_capacity));
}

IoDriver::IoDriver(reactor::Poll poll, reactor::Waker waker, std::size_t capacity)
    : poll_(std::move(poll)), events_(capacity), waker_(std::move(waker)) {}

IoDriver::~IoDriver() {
  WEFT_DCHECK(watched_.empty() && removed_.empty(),
              "IoDriver: destroyed with records, which hold references to it");
  if (IoDriverExtension* const kept = extension()) kept->release();
}

IoDriverExtension& IoDriver::attach(RefPtr<IoDriverExtension> extension) noexcept {
  IoDriverExtension* kept = nullptr;
  if (!extension_.compare_exchange_strong(kept, extension.get(),
                                          std::memory_order_acq_rel)) {  // [X1]
    return *kept;
  }
  return *std::move(extension).release();
}

bool IoDriver::turn(std::optional<std::chrono::nanoseconds> timeout) noexcept {
  release_removed();
  const Result<void> polled = poll_.poll(events_, timeout);
  WEFT_CHECK(polled || polled.error() == std::errc::interrupted,
             "weft: the reactor's poll failed: its descriptor was closed by other code");
  std::uint64_t count = 0;
  for (const reactor::Event& event : events_) {
    if (event.token() == kUnparkToken) continue;
    record_of(event.token()).report(runtime::Ready::from_event(event));
    ++count;
  }
  if (count == 0) return false;
  // relaxed: only one thread at a time holds the driver.
  ready_events_.store(ready_events() + count, std::memory_order_relaxed);
  return true;
}

void IoDriver::unpark() noexcept {
  const Result<void> woken = waker_.wake();
  WEFT_CHECK(woken, "weft: waking the reactor failed: its eventfd was closed by other code");
}

Result<void> IoDriver::add(IoRecord& record, BorrowedFd fd, runtime::Interest interest) noexcept {
  if (!link(record)) return Err(Errc::runtime_shutdown);
  reactor::SourceFd source(fd);
  Result<void> added =
      poll_.registry().register_source(source, token_of(record), interest.to_reactor());
  if (!added) {
    unlink(record);
    return added;
  }
  // relaxed: a number for people.
  registered_.fetch_add(1, std::memory_order_relaxed);
  return added;
}

bool IoDriver::link(IoRecord& record) noexcept {
  const std::lock_guard lock(mutex_);
  if (is_shut_down_) return false;
  record.retain();
  watched_.push_back(record);
  return true;
}

// For a record that the selector has never heard of.
void IoDriver::unlink(IoRecord& record) noexcept {
  {
    const std::lock_guard lock(mutex_);
    // shutdown() has taken it meanwhile, and releases it.
    if (is_shut_down_) return;
    watched_.remove(record);
  }
  record.release();
}

void IoDriver::remove(IoRecord& record, BorrowedFd fd) noexcept {
  reactor::SourceFd source(fd);
  const Result<void> removed = poll_.registry().deregister(source);
  // Fails only if other code closed the descriptor, which may have duplicates that go on making
  // events. Then the record has to stay until shutdown().
  if (!removed) return;
  // relaxed: as in add().
  deregistered_.fetch_add(1, std::memory_order_relaxed);
  {
    const std::lock_guard lock(mutex_);
    // shutdown() has taken it, and releases it.
    if (is_shut_down_) return;
    watched_.remove(record);
    removed_.push_back(record);
    // relaxed: written under the mutex; the holder's look at it may come a turn late.
    const std::size_t before = removed_count_.fetch_add(1, std::memory_order_relaxed);
    if (before + 1 != kReleaseBatch) return;
  }
  unpark();
}

// Only between two polls of the holder: no event is in anybody's hands.
void IoDriver::release_removed() noexcept {
  // relaxed: what is missed now is released next turn.
  if (removed_count_.load(std::memory_order_relaxed) == 0) return;
  IntrusiveList<IoRecord> released;
  {
    const std::lock_guard lock(mutex_);
    released = removed_.take_all();
    // relaxed: as in remove().
    removed_count_.store(0, std::memory_order_relaxed);
  }
  release_all(released);
}

void IoDriver::shutdown() noexcept {
  IntrusiveList<IoRecord> detached;
  {
    const std::lock_guard lock(mutex_);
    if (is_shut_down_) return;
    is_shut_down_ = true;
    detached = watched_.take_all();
  }
  // Nobody else touches the links of records any more. Waking may run user code: no lock is held.
  while (IoRecord* record = detached.pop_front()) {
    record->shut_down();
    record->release();
  }
  release_removed();
}

}  // namespace weft::internal
