// PollSet: a selector over poll(2), which has to imitate edges.
//
// Spec: reactor.md E-8, W-7, P-1..P-4, section 7 "poll(2)".
//
// poll(2) keeps nothing between two calls and reports levels: what is ready is reported until it is
// not. So the set of descriptors is kept here, and each bit is taken out of what is asked for when
// it has been delivered. It is put back by IoSource::do_io() when an operation would have blocked,
// and by reregistering. HUP and ERR cannot be left unasked; a descriptor that has delivered one of
// them is left out of the calls altogether until then. It stays registered: deregistering it later
// is no error.
//
// The poller waits on a copy of the set, without the lock, so that nobody who changes the set waits
// for the poller. A change only notes itself; if the poller is inside the call, an eventfd in slot
// 0 ends the call, and the poller copies the set and goes on with the time that is left. A result
// is dropped unless the registration it was asked for, by its serial number, is still there: the
// descriptor's number may be another file's by then. A wake-up is a token that the next return
// turns into an event (W-7).
//
//   entries_, the flags     guarded by mutex_
//   polled_, serials_       the poller's alone (one thread at a time, Poll's contract)
//   notify_                 nonzero only while is_notified_, which is set only while is_waiting_

#ifndef WEFT_RUNTIME_REACTOR_LINUX_POLL_SET_H_
#define WEFT_RUNTIME_REACTOR_LINUX_POLL_SET_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include <weft/base/fd.h>
#include <weft/base/result.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/reactor/event.h>
#include <weft/runtime/reactor/interest.h>
#include <weft/runtime/reactor/token.h>
#include <weft/runtime/ref_counted.h>

struct pollfd;  // <poll.h> hides poll() NOLINT(readability-identifier-naming)

namespace weft::runtime::reactor::internal {

// All but select() may be called from any thread at any time. Running out of memory is
// not_enough_memory, as it is for a kernel's set.
class PollSet : public RefCounted<PollSet> {
 public:
  // Which registration of a descriptor: none is ever used again.
  using Serial = std::uint64_t;

  // Fails with too_many_files_open.
  static Result<RefPtr<PollSet>> create();
  ~PollSet();

  // As Selector::select().
  Result<std::size_t> select(std::span<Event> room,
                             std::optional<std::chrono::nanoseconds> timeout) noexcept;

  // As those of Selector; bad_file_descriptor if `fd` is not open. A descriptor has to be removed
  // before it is closed: one that was not is dropped when poll(2) notices, and until then its
  // number counts as registered.
  Result<Serial> add(BorrowedFd fd, Token token, Interest interest) noexcept;
  Result<void> modify(BorrowedFd fd, Token token, Interest interest) noexcept;
  Result<void> remove(BorrowedFd fd) noexcept;

  // Asks for all of the interest again (E-8); nothing happens if that registration has ended.
  void rearm(int fd, Serial serial) noexcept;
  // Ends that registration, if it has not ended.
  void forget(int fd, Serial serial) noexcept;

  // The poll that is under way, or else the next one, brings an event with `token` (W-7).
  void wake(Token token) noexcept;
  // Takes back a wake-up that no poll has seen.
  void cancel_wake() noexcept;

 private:
  struct Entry {
    Token token;
    Serial serial;
    short wanted;           // the interest
    short armed;            // what of it has not been delivered
    bool is_muted = false;  // has delivered HUP or ERR
  };
  explicit PollSet(OwnedFd notify) noexcept;

  // With the lock held: notes that the set has changed, and tells a poller that waits.
  void changed() noexcept;
  void notify() noexcept;

  // The two halves of a turn of select(), before and after the call. The first says whether a
  // wake-up is waiting.
  Result<bool> prepare() noexcept;
  void copy_entries();
  std::size_t collect(std::span<Event> room) noexcept;
  // The event of slot `index`, if it is one.
  std::optional<Event> deliver(std::size_t index) noexcept;

  const OwnedFd notify_;

  loom::Mutex mutex_;
  std::unordered_map<int, Entry> entries_;
  std::optional<Token> pending_wake_;
  Serial last_serial_ = 0;
  bool is_waiting_ = false;   // the poller is inside poll(2), or about to be
  bool is_notified_ = false;  // and has been told to come back
  bool is_changed_ = true;    // entries_ has what polled_ has not

  std::vector<::pollfd> polled_;  // slot 0 is notify_
  std::vector<Serial> serials_;   // of the same slots
  std::size_t first_ = 1;         // where the next turn begins to look, so that all get theirs
};

// What an IoSource keeps to arm its registration again; empty on epoll, where do_io() is a plain
// call. Ends the registration with the source. Not thread-safe, as its source is not.
class EdgeArm {
 public:
  EdgeArm() noexcept = default;
  EdgeArm(EdgeArm&&) noexcept = default;
  EdgeArm& operator=(EdgeArm&& other) noexcept {
    if (this != &other) end();
    held_ = std::move(other.held_);
    return *this;
  }
  ~EdgeArm() { end(); }

  // Registers `fd` with `set`. not_enough_memory, or as PollSet::add().
  static Result<EdgeArm> add(PollSet& set, BorrowedFd fd, Token token, Interest interest) noexcept;

  void rearm() const noexcept {
    if (held_ != nullptr) held_->set->rearm(held_->fd, held_->serial);
  }
  void end() noexcept {
    if (held_ != nullptr) held_->set->forget(held_->fd, held_->serial);
    held_.reset();
  }

 private:
  struct Held {
    RefPtr<PollSet> set;
    int fd;
    PollSet::Serial serial;
  };
  std::unique_ptr<Held> held_;
};

}  // namespace weft::runtime::reactor::internal

#endif  // WEFT_RUNTIME_REACTOR_LINUX_POLL_SET_H_
