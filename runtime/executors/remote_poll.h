// RemotePoll: polls something on the threads of an executor, one call at a time.
//
// Spec.
//
// The owner, an awaitable in some coroutine's frame (on.h), is polled by its task and wants what it
// holds to be polled elsewhere. What may outlive it, the call in the executor's queue and the
// wakers that the polled thing has stored, shares this object, which lives until the last of them
// is gone.
//
//   word_      a phase, flags, and in the upper bits the number of the last call
//              kIdle      nobody is at the polled thing but, if he likes, the owner
//              kQueued    the executor has a call that has not begun
//              kRunning   a call polls
//              kDone      a poll has answered "complete"
//              kDropped   the executor has destroyed its call without calling it
//              kNotified  woken since the last poll began; with kIdle: the owner has to submit
//              kStopping  with kRunning: the owner waits for the end of this poll
//
//              kIdle|kNotified --owner, submit--> kQueued --call--> kRunning --call--> kIdle, kDone
//                             ^------owner, stop-----'  '--executor--> kDropped
//
// Only the owner submits, and only from its task's poll. A waker does not call the executor, though
// that would save the way through the task's run queue: wakers are woken under locks and from
// drivers, where a stranger's code may neither block nor throw nor run the call at once;
// and an executor could not be destroyed after its last awaitable, because a waker might be in it.
//
//   writers    owner: to kQueued, back to kIdle, kStopping.  Call, executor: from kQueued,
//   kRunning.
//              Anyone: kNotified. All by read-modify-writes: none ends another's release sequence.
//   pairing    [RP1] release in next() -> acquire in begin(): job_, and what the owner did to the
//                    polled thing.
//              [RP2] release in end() -> acquire in next(), is_complete(), stop(): what the poll
//              did. [RP3] release in notify() -> acquire in begin(): what preceded the wake-up. The
//              owner registers in waiter_ and then looks at word_; everyone else changes word_ and
//              then wakes waiter_ (waker_slot.h).
//   Checked by tests/loom/bridge/remote_poll_loom.cc.

#ifndef WEFT_RUNTIME_EXECUTORS_REMOTE_POLL_H_
#define WEFT_RUNTIME_EXECUTORS_REMOTE_POLL_H_

#include <cstdint>
#include <source_location>
#include <utility>

#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/runtime/context.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/waker.h>
#include <weft/runtime/waker_slot.h>

namespace weft::internal {

class Scheduler;

// Counted by the owner, the call and the wakers.
class RemotePoll final : public Wakeable {
 public:
  // What the calls do: poll_thing(thing, cx), which answers true when it is complete.
  using PollThing = bool (*)(void* thing, Context& cx) noexcept;

  // The owner's reference. Throws std::bad_alloc.
  static RefPtr<RemotePoll> create();
  // For create().
  RemotePoll() noexcept;

  // --- The owner, one thread at a time

  enum class Next : std::uint8_t {
    kWait,      // `cx` will be woken
    kSubmit,    // make a RemoteCall and give it to the executor
    kComplete,  // poll no more: see was_dropped()
  };
  // What to do in a poll. `thing` stays where it is until is_complete() or stop().
  [[nodiscard]] Next next(Context& cx, void* thing, PollThing poll_thing,
                          std::source_location where) noexcept;
  bool is_complete() const noexcept;
  // Complete because the executor has dropped the call; the thing is not.
  bool was_dropped() const noexcept;
  // The executor has thrown instead of taking the call. False: it has taken it nevertheless.
  [[nodiscard]] bool refuse() noexcept;
  // Takes a queued call back. True: no call polls, nor will before the next submission. False: one
  // polls just now; `cx` is woken at its end.
  [[nodiscard]] bool stop(Context& cx) noexcept;
  // The owner goes away; nobody is woken any more. False: a call polls just now.
  [[nodiscard]] bool close() noexcept;

  // --- Its call

  // The number of the call that next() has asked for; 0: none yet.
  std::uint64_t call_number() const noexcept;
  // The executor's thread: polls, unless the call has been taken back.
  void run(std::uint64_t call) noexcept;
  // The call goes away uncalled.
  void drop(std::uint64_t call) noexcept;

  void retain() noexcept;
  void release() noexcept;

 private:
  // What a poll needs to know of the task.
  struct Job {
    void* thing = nullptr;
    PollThing poll_thing = nullptr;
    Scheduler* scheduler = nullptr;  // the current runtime; null: none
    std::uint64_t task_id = 0;
    std::source_location where{};
  };

  static constexpr std::uint64_t kIdle = 0;
  static constexpr std::uint64_t kQueued = 1;
  static constexpr std::uint64_t kRunning = 2;
  static constexpr std::uint64_t kDone = 3;
  static constexpr std::uint64_t kDropped = 4;
  static constexpr std::uint64_t kPhase = 7;
  static constexpr std::uint64_t kNotified = 8;
  static constexpr std::uint64_t kStopping = 16;
  static constexpr std::uint64_t kCall = 32;  // one call's number

  static constexpr std::uint64_t call_of(std::uint64_t word) noexcept {
    return word & ~(kCall - 1);
  }

  static RemotePoll& of(Wakeable* target) noexcept;
  static void wake(Wakeable* target) noexcept;
  static void wake_by_ref(Wakeable* target) noexcept;
  static void retain_target(Wakeable* target) noexcept;
  static void release_target(Wakeable* target) noexcept;
  static const WakeOps kOps;

  void notify() noexcept;
  [[nodiscard]] bool leave_queue(std::uint64_t call, std::uint64_t phase) noexcept;
  bool poll_here(const Job& job) noexcept;
  void end(bool is_done) noexcept;

  // Changed by whoever makes or drops a reference.
  // [RP4] release in release() -> acquire in the last release(): all use is over before the end.
  loom::Atomic<std::uint32_t> references_{1};
  WakerSlot waiter_;     // the owner's task
  loom::Cell<Job> job_;  // the owner's in kIdle, the call's in kRunning
};

// One call for an executor: moved into it, and called at most once, on any thread.
class [[nodiscard]] RemoteCall {
 public:
  // After next() has answered kSubmit.
  explicit RemoteCall(RemotePoll& remote) noexcept
      : remote_(remote), number_(remote.call_number()) {}
  RemoteCall(RemoteCall&&) noexcept = default;
  RemoteCall& operator=(RemoteCall&&) = delete;
  ~RemoteCall() {
    if (remote_) remote_->drop(number_);
  }

  void operator()() noexcept {
    if (const RefPtr<RemotePoll> remote = std::move(remote_)) remote->run(number_);
  }

 private:
  RefPtr<RemotePoll> remote_;  // null: moved from, or called
  std::uint64_t number_;
};

}  // namespace weft::internal

#endif  // WEFT_RUNTIME_EXECUTORS_REMOTE_POLL_H_
