// Dump: what every task of a runtime is doing, at one moment of its life.
//
// Spec: R-150. For users: docs/guide/task-dumps.md. How: dump/dump_walk.h.
//
//   weft::runtime::Dump dump = co_await weft::runtime::Handle::current().dump();
//   std::fputs(dump.to_string().c_str(), stderr);
//
// A dump stops nobody: it looks at one task after the other while the others go on. So it is no
// picture of a single moment; what stands still is in it as it is.

#ifndef WEFT_RUNTIME_DUMP_H_
#define WEFT_RUNTIME_DUMP_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/runtime/context.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/ref_counted.h>
#include <weft/runtime/task_id.h>

namespace weft {
class WaitReport;
}  // namespace weft

namespace weft::internal {
class AwaitRecorder;
class DumpWalk;
class Scheduler;
struct DumpContent;
}  // namespace weft::internal

namespace weft::runtime {

// A line of what a task is suspended in: a coroutine's frame, or the wait at the end of a chain of
// them. The lines of a task are a tree: what is inside a frame, or inside a combinator such as
// select, comes after it and is deeper.
class AwaitPoint {
 public:
  enum class Kind : std::uint8_t {
    kFrame,    // a coroutine, suspended in the co_await at where()
    kWait,     // what waiting_on() says
    kOmitted,  // number() lines are left out here
  };
  // A remark about a wait: "3 permits free", "sender alive".
  struct Note {
    const char* text = nullptr;
    std::optional<std::uint64_t> number;
  };

  Kind kind() const noexcept { return kind_; }
  unsigned depth() const noexcept { return depth_; }

  // kFrame
  std::source_location where() const noexcept { return where_; }
  // The coroutine's name, as the compiler writes it.
  std::string function() const;

  // kWait: the kind of thing, "mutex" or "sleep"; and which one, null if it does not say.
  std::string_view waiting_on() const noexcept { return waiting_on_; }
  const void* object() const noexcept { return object_; }
  // Whose turn it is: the task that holds what this one waits for, or whose end it waits for; none
  // if that is not known or is no task.
  std::optional<TaskId> holder() const noexcept;
  // It is the holder's end that is waited for.
  bool is_join() const noexcept { return is_join_; }
  // How long until it ends by itself; negative if that is over and the task not yet woken.
  std::optional<std::chrono::nanoseconds> due_in() const noexcept { return due_in_; }
  std::span<const Note> notes() const noexcept { return {notes_, note_count_}; }

  std::size_t number() const noexcept { return number_; }

 private:
  friend class internal::AwaitRecorder;
  friend struct internal::DumpContent;
  friend class weft::WaitReport;
  static constexpr std::size_t kNotes = 2;

  Kind kind_ = Kind::kFrame;
  bool is_join_ = false;
  std::uint8_t note_count_ = 0;
  unsigned depth_ = 0;
  std::source_location where_;
  std::string_view waiting_on_;
  const void* object_ = nullptr;
  std::uint64_t holder_target_ = 0;  // its header's address
  std::uint64_t holder_id_ = 0;
  std::optional<std::size_t> holder_index_;  // in Dump::tasks()
  std::optional<std::chrono::nanoseconds> due_in_;
  std::size_t number_ = 0;
  Note notes_[kNotes];
};

// One task, or one block_on. Refers to the Dump it is from.
class TaskDump {
 public:
  enum class Kind : std::uint8_t {
    kTask,     // spawned, spawn_blocking included
    kLocal,    // of a LocalSet; these belong to no runtime, and every dump has all of them
    kBlockOn,  // no task: what a thread is in block_on with
  };
  enum class State : std::uint8_t {
    kWaiting,     // suspended; chain() says where
    kQueued,      // to be run as soon as a thread has time for it
    kRunning,     // just running on some thread, or has just yielded
    kCancelling,  // aborted, and waiting for what it contains to end
  };

  Kind kind() const noexcept { return kind_; }
  State state() const noexcept { return state_; }
  // 0 for block_on.
  TaskId id() const noexcept { return TaskId(id_); }
  // What task::Builder named it; empty if nothing.
  std::string_view name() const noexcept { return name_; }
  // Where it was spawned; where block_on was called.
  std::source_location spawned_at() const noexcept { return spawned_at_; }
  // For how long it has been suspended, if that is known. By the clock of the thread that suspended
  // it, which had last looked at it at most one turn of its loop before (Builder::event_interval):
  // so it may be too long by that, never too short. On a paused clock, in its time.
  std::optional<std::chrono::nanoseconds> waiting_for() const noexcept { return waiting_for_; }
  // What it is suspended in, outermost first. Empty unless it is suspended.
  std::span<const AwaitPoint> chain() const noexcept { return chain_; }
  // The one thing that it waits on; null if it waits for several at a time, or for none.
  const AwaitPoint* sole_wait() const noexcept;

 private:
  friend class internal::DumpWalk;
  friend struct internal::DumpContent;

  Kind kind_ = Kind::kTask;
  State state_ = State::kRunning;
  std::uint64_t id_ = 0;
  std::uint64_t target_ = 0;  // what its wakers wake, as a number
  std::string name_;
  std::source_location spawned_at_;
  std::optional<std::chrono::nanoseconds> waiting_for_;
  std::size_t first_point_ = 0;
  std::size_t point_count_ = 0;
  std::span<const AwaitPoint> chain_;
};

// Immutable; a cheap copy. Thread-safe.
class Dump {
 public:
  // For the runtime.
  explicit Dump(std::shared_ptr<const internal::DumpContent> content) noexcept
      : content_(std::move(content)) {}

  // All of them, in the order of their ids; block_on first. Good for as long as this object, or a
  // copy.
  std::span<const TaskDump> tasks() const noexcept;
  // The task with that id; null if there is none.
  const TaskDump* find(TaskId id) const noexcept;
  // Tasks that wait for each other in a ring: each one's sole_wait() is held by the next, the last
  // one's by the first. One that is still there in the next dump is a deadlock.
  std::vector<std::vector<TaskId>> cycles() const;

  // For people: a block per task, waiting ones first, and then the cycles. Throws std::bad_alloc.
  std::string to_string() const;

 private:
  std::shared_ptr<const internal::DumpContent> content_;
};

}  // namespace weft::runtime

namespace weft::internal {

class DumpNode : public Leaf {
 public:
  explicit DumpNode(RefPtr<Scheduler> scheduler);
  ~DumpNode();
  bool poll(Context& cx) noexcept;
  runtime::Dump take();
  static constexpr const char* kWaitingOn = "dump";

 private:
  RefPtr<Scheduler> scheduler_;
  std::unique_ptr<DumpWalk> walk_;
  std::exception_ptr failure_;
};

}  // namespace weft::internal

namespace weft::runtime {

// What Handle::dump() returns. Movable until awaited.
class [[nodiscard]] DumpAwaitable {
 public:
  explicit DumpAwaitable(RefPtr<internal::Scheduler> scheduler) noexcept;
  DumpAwaitable(DumpAwaitable&&) noexcept;
  DumpAwaitable& operator=(DumpAwaitable&&) noexcept;
  ~DumpAwaitable();

  LeafAwaiter<internal::DumpNode> operator co_await() const;

 private:
  RefPtr<internal::Scheduler> scheduler_;
};

}  // namespace weft::runtime

#endif  // WEFT_RUNTIME_DUMP_H_
