// Execution: one run of a model, on fibers, step by step.
//
// Spec: TE-12, TE-15, TE-16, TE-18, TE-27, TE-28.
//
// Design. Everything happens on one OS thread. A model thread is a fiber; it runs until its next
// modelled operation, declares it by begin(step), and there the path decides who goes on. begin()
// returns when it is this thread's turn, and the operation is then performed without a switch. So a
// step is one modelled operation and the plain code behind it.
//
// At the start of a step the execution looks for earlier steps that it conflicts with
// (order_matters, step.h) and that nothing orders before it, and tells the path to try this thread
// there. "Ordered" is the clock `order` of each thread: its own steps and those it depends on, by
// reading their stores, by their unlocks, or by conflicts already seen. Plain accesses (Cell) are
// no steps: whether they race depends only on what happens before what, which `view` says.
//
// A yield gives way until another thread has changed something: spinning again before that would
// repeat itself. Where nothing else can run, who has yielded may.
//
// Objects are known by their addresses, so that they are no larger than in a normal build and need
// no constructor call: recycled memory that is an atomic for ever simply goes on. A failure ends
// the execution at once: the failing fiber leaves for the host and none is resumed; nothing on
// their stacks is destroyed, since no exception could pass through the noexcept functions of a
// model.

#ifndef WEFT_LOOM_CHECKER_EXECUTION_H_
#define WEFT_LOOM_CHECKER_EXECUTION_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <source_location>
#include <string>
#include <vector>

#include <weft/base/stack.h>
#include <weft/loom/checker/clock.h>
#include <weft/loom/checker/global.h>
#include <weft/loom/checker/object_table.h>
#include <weft/loom/checker/options.h>
#include <weft/loom/checker/path.h>
#include <weft/loom/checker/step.h>
#include <weft/loom/checker/store_history.h>
#include <weft/loom/checker/trace.h>

namespace weft::loom::checker::internal {

class Execution;

// A thread-local variable of a model thread: its key, its value, how to end it.
struct LocalValue {
  const void* key;
  void* value;
  void (*destroy)(void* value);
};

// An object of the whole execution.
struct GlobalValue {
  const GlobalOps* ops;
  void* value;
};

struct ModelThread {
  enum class Status : std::uint8_t { kUnused, kActive, kFinished };

  Execution* execution = nullptr;
  ThreadId id = 0;
  Status status = Status::kUnused;
  bool joined = false;
  bool detached = false;
  bool signalled = false;  // its wait on a condition variable is over
  bool timed = false;      // that wait may also time out
  bool timed_out = false;
  bool yielded = false;
  bool enters_region = false;    // has not made a step in it
  std::uint32_t unexplored = 0;  // nested regions of each kind that it is in (region.h)
  std::uint32_t uninterrupted = 0;
  std::uint32_t yields = 0;
  std::uint32_t spurious_failures = 0;  // of weak compare-exchanges so far
  std::uint64_t changes_at_yield = 0;
  Time last_yield = 0;
  Step pending;
  View view;
  View released;             // what a relaxed store publishes: the view at the last release fence
  View unacquired;           // what an acquire fence learns: syncs of stores read without acquire
  VectorClock order;         // steps that come before its next one in every equivalent execution
  VectorClock order_before;  // the same before the step that runs now met those it conflicts with
  std::function<void()> body;
  std::vector<LocalValue> locals;
  weft::internal::Stack stack;
  weft::internal::StackContext context;
};

struct MutexState {
  ObjectId id = 0;
  std::uint32_t number = 0;
  ThreadId owner = kNoThread;
  View sync;
  VectorClock order;

  void reset() noexcept { *this = {}; }
};

struct CondvarState {
  ObjectId id = 0;
  std::uint32_t number = 0;
  std::vector<ThreadId> waiters;
  bool spurious_used = false;

  void reset() noexcept {
    waiters.clear();
    spurious_used = false;
  }
};

struct CellState {
  std::uint32_t number = 0;
  std::uint32_t readers = 0;
  bool writing = false;
  bool destroyed = false;
  VectorClock reads;
  VectorClock writes;
  std::array<std::source_location, kMaxThreads> read_at{};
  std::array<std::source_location, kMaxThreads> written_at{};  // where `writes` says that it did

  void reset() noexcept {
    readers = 0;
    writing = destroyed = false;
    reads = writes = {};
  }
};

struct AtomicState {
  ObjectId id = 0;
  std::uint32_t number = 0;
  StoreHistory history;

  void reset() noexcept {}  // history.restart() does it
};

struct MemoryBlock {
  std::uint32_t number = 0;
  std::size_t size = 0;
  std::size_t alignment = 0;
  bool freed = false;
  std::source_location allocated_at;
  std::source_location freed_at;
};

class Execution {
 public:
  Execution(const Options& options, Path& path);
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;
  ~Execution();

  // The one that the calling code runs in; null outside of a model.
  static Execution* current() noexcept;

  // Runs `body` as thread 0 and everything it starts, to the end or to the first failure.
  std::optional<Failure> run(const std::function<void()>& body);

  // --- Called by operations, on the running thread

  ModelThread& self() noexcept { return threads_[running_]; }
  ModelThread& thread(ThreadId id) noexcept { return threads_[id]; }
  const Options& options() const noexcept { return options_; }
  // Whether outcomes that are the same in another order are left to that (step.h).
  bool canonical() const noexcept { return canonical_; }
  Path& path() noexcept { return path_; }

  // Returns when it is this thread's turn to perform `step`.
  void begin(const Step& step);
  // What the step turned out to be, for later steps' conflicts.
  void record(Access access) noexcept;
  // One of `count` outcomes of the step.
  std::uint32_t choose(ChoiceKind kind, std::uint32_t count);
  // The running thread enters a region (region.h). Set-up code is alone, and has nothing to part.
  void note_region() noexcept { regions_ = regions_ || used_ > 1; }
  // Threads that have yielded may look again.
  void note_change() noexcept { ++changes_; }
  void trace(Event event);

  [[noreturn]] void fail(FailureKind kind, std::string message);
  // The whole text about a failure that happens now.
  std::string report(const std::string& message) const;

  // The time of plain accesses between this step and the next.
  Time plain_time() noexcept { return self().view.happened[running_] + 1; }

  ThreadId spawn(std::function<void()> body, std::source_location where);
  void join(ThreadId id, std::source_location where);
  void detach(ThreadId id) noexcept { threads_[id].detached = true; }
  void yield(std::source_location where);

  ObjectId new_object();
  ObjectId fence_object() const noexcept { return kFenceObject; }

  // By address; made on first use.
  AtomicState& atomic(const void* address, std::size_t size, std::source_location where);
  AtomicState& construct_atomic(const void* address, std::size_t size, std::source_location where) {
    return new_atomic(address, size, where, running_);
  }
  CellState& cell(const void* address);
  CellState& construct_cell(const void* address);
  // An atomic or a cell was destroyed; its memory may come again.
  void note_destroyed() noexcept { has_destroyed_ = true; }
  MutexState& mutex(const void* address);
  CondvarState& condvar(const void* address);
  void forget_mutex(const void* address) noexcept { mutexes_.forget(address); }
  void forget_condvar(const void* address) noexcept { condvars_.forget(address); }

  // For the outcomes of the running operation; none of them lasts to the next.
  std::vector<std::size_t> scratch;

  // The object that `ops` makes, made now if there is none.
  void* global(const GlobalOps* ops);

  // FreeBlocks: by size, and what happens before a block is taken again.
  struct FreeBlock {
    void* address;
    View sync;
    VectorClock order;
  };
  std::map<std::size_t, std::vector<FreeBlock>> free_blocks;

  // Blocks that are tracked, by address.
  std::map<void*, MemoryBlock> blocks;
  std::uint32_t next_block = 0;

  // Global state of seq_cst (store_history.h).
  VectorClock fenced;   // what happens before any fence so far
  VectorClock ordered;  // the last seq_cst access of each thread

 private:
  static constexpr ObjectId kFenceObject = 0;
  using StepOfEachThread = std::array<std::uint32_t, kMaxThreads>;
  using LastAccesses = std::array<std::array<std::uint32_t, access::kKinds>, kMaxThreads>;

  static void fiber_main(void* argument);
  void reset();
  // Without a creator: as if all threads had always known it.
  AtomicState& new_atomic(const void* address, std::size_t size, std::source_location where,
                          ThreadId creator);
  void start(ModelThread& thread);
  void run_body(ModelThread& thread);
  void end_thread(ModelThread& thread);
  void destroy_locals(ModelThread& thread);
  void destroy_globals();
  [[noreturn]] void finish();

  bool can_run(const ModelThread& thread) const noexcept;
  Bits enabled_threads() noexcept;
  bool time_out_somebody() noexcept;
  ThreadId preferred(Bits enabled) const noexcept;
  // `fixed`: the running thread, if it can go on.
  ThreadId pick(bool fixed = false);
  [[noreturn]] void fail_blocked();
  // For each other thread its last step that `thread`'s pending one conflicts with; 0: none.
  Bits asleep_after(ThreadId next) const noexcept;
  // Who can begin what has to come before the step of `racer` that `thread` conflicts with, instead
  // of after it (path.h).
  Bits initials(const ModelThread& thread, ThreadId racer, const StepOfEachThread& found) const;
  StepOfEachThread conflicts(const ModelThread& thread, std::size_t first) const;
  void report_conflicts(const ModelThread& thread, const StepOfEachThread& found);
  void start_step(ModelThread& thread);
  void check_leaks();

  const Options& options_;
  Path& path_;
  const bool canonical_;
  weft::internal::StackContext host_;
  std::array<ModelThread, kMaxThreads> threads_;
  ThreadId used_ = 0;
  ThreadId running_ = kNoThread;
  Bits asleep_ = 0;       // threads whose pending step has been run from here (path.h)
  bool regions_ = false;  // some steps of this execution cannot be parted
  std::uint64_t changes_ = 0;
  std::optional<Failure> failure_;
  Trace trace_;
  std::vector<GlobalValue> globals_;  // in the order in which they were made

  std::vector<VectorClock> step_order_;                        // by number of the step
  std::array<std::vector<std::uint32_t>, kMaxThreads> steps_;  // numbers, of each thread
  std::vector<LastAccesses> last_;  // by object: 1 + number of the last step of each kind
  ObjectTable<AtomicState> atomics_;
  ObjectTable<CellState> cells_;
  bool has_destroyed_ = false;  // one of either kind
  ObjectTable<MutexState> mutexes_;
  ObjectTable<CondvarState> condvars_;
  std::uint32_t next_atomic_ = 0;
  std::uint32_t next_cell_ = 0;
  std::uint32_t next_mutex_ = 0;
  std::uint32_t next_condvar_ = 0;
};

// While it lives, the calling code is as if outside of the model: it makes no steps.
class OutsideModel {
 public:
  OutsideModel() noexcept;
  ~OutsideModel();
  OutsideModel(const OutsideModel&) = delete;
  OutsideModel& operator=(const OutsideModel&) = delete;

 private:
  Execution* const execution_;
};

}  // namespace weft::loom::checker::internal

#endif  // WEFT_LOOM_CHECKER_EXECUTION_H_
