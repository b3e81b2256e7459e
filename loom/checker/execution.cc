// Threads, turns, conflicts. Interface and design: execution.h. The objects: execution_objects.cc.

#include <weft/loom/checker/execution.h>

#include <algorithm>
#include <bit>
#include <exception>
#include <utility>

#include <weft/base/check.h>

namespace weft::loom::checker::internal {
namespace {

constinit thread_local Execution* current_execution = nullptr;

constexpr Bits bit(ThreadId thread) noexcept { return static_cast<Bits>(1u << thread); }

bool dependent(const Step& one, const Step& other) noexcept {
  for (std::size_t i = 0; i < one.access_count; ++i) {
    for (std::size_t j = 0; j < other.access_count; ++j) {
      const Access& a = one.accesses[i];
      const Access& b = other.accesses[j];
      if (a.object == b.object && ((a.was & b.against) | (b.was & a.against)) != 0) return true;
    }
  }
  return false;
}

}  // namespace

Execution* Execution::current() noexcept { return current_execution; }

OutsideModel::OutsideModel() noexcept : execution_(std::exchange(current_execution, nullptr)) {}
OutsideModel::~OutsideModel() { current_execution = execution_; }

Execution::Execution(const Options& options, Path& path)
    : options_(options),
      path_(path),
      canonical_(options.reduce && !options.randomized && !options.preemption_bound) {
  for (ThreadId i = 0; i < kMaxThreads; ++i) {
    threads_[i].execution = this;
    threads_[i].id = i;
  }
}

Execution::~Execution() { reset(); }

std::optional<Failure> Execution::run(const std::function<void()>& body) {
  reset();
  path_.begin_execution();
  new_object();  // kFenceObject
  ModelThread& main = threads_[used_++];
  main.body = body;
  start(main);
  running_ = 0;
  current_execution = this;
  // Makes thread 0's start a step like any other thread's.
  running_ = pick();
  host_.switch_to(threads_[running_].context);
  current_execution = nullptr;
  if (!failure_) check_leaks();
  if (!failure_) destroy_globals();
  return std::exchange(failure_, std::nullopt);
}

void Execution::start(ModelThread& thread) {
  thread.status = ModelThread::Status::kActive;
  if (!thread.stack) {
    Result<weft::internal::Stack> stack = weft::internal::Stack::create(options_.stack_size);
    WEFT_CHECK(stack, "loom: no memory for the stack of a model thread");
    thread.stack = std::move(*stack);
  }
  thread.context.start(thread.stack, &Execution::fiber_main, &thread);
}

void Execution::fiber_main(void* argument) {
  // SAFETY(cast): start() passes a ModelThread*.
  auto* const thread = static_cast<ModelThread*>(argument);
  Execution& execution = *thread->execution;
  execution.start_step(*thread);
  execution.run_body(*thread);
  execution.end_thread(*thread);
}

void Execution::run_body(ModelThread& thread) {
  try {
    thread.body();
    thread.body = nullptr;
    destroy_locals(thread);
  } catch (const std::exception& exception) {
    fail(FailureKind::kException,
         std::string("an exception left the thread's function: ") + exception.what());
  } catch (...) {
    fail(FailureKind::kException, "an exception left the thread's function");
  }
}

void Execution::destroy_locals(ModelThread& thread) {
  while (!thread.locals.empty()) {
    const LocalValue local = thread.locals.back();
    thread.locals.pop_back();
    local.destroy(local.value);
  }
}

void Execution::end_thread(ModelThread& thread) {
  ++thread.view.happened[thread.id];
  thread.status = ModelThread::Status::kFinished;
  note_change();
  trace({.operation = Operation::kEnd, .where = thread.pending.where});
  const bool all_finished = std::all_of(
      threads_.begin(), threads_.begin() + used_,
      [](const ModelThread& other) { return other.status == ModelThread::Status::kFinished; });
  if (all_finished) thread.context.leave_for(host_);
  running_ = pick();
  thread.context.leave_for(threads_[running_].context);
}

void Execution::fail(FailureKind kind, std::string message) {
  std::string text = report(message);
  failure_ =
      Failure{.kind = kind, .message = std::move(message), .report = std::move(text), .replay = {}};
  finish();
}

void Execution::finish() {
  if (running_ == kNoThread || current_execution == nullptr) {
    weft::internal::fatal("loom: failed outside of a model thread");
  }
  self().context.leave_for(host_);
}

std::string Execution::report(const std::string& message) const {
  std::string text = message + "\n";
  for (ThreadId i = 0; i < used_; ++i) {
    const ModelThread& thread = threads_[i];
    if (thread.status == ModelThread::Status::kFinished) continue;
    text += "  thread " + std::to_string(i) + (i == running_ ? " is running, since " : " is at ") +
            describe(thread.pending.where) + "\n";
  }
  return text + "interleaving:\n" + trace_.to_string();
}

void Execution::trace(Event event) {
  event.thread = running_;
  trace_.add(event);
}

// --- Turns

bool Execution::can_run(const ModelThread& thread) const noexcept {
  if (thread.status != ModelThread::Status::kActive) return false;
  switch (thread.pending.wait) {
    case WaitFor::kNothing:
      return true;
    case WaitFor::kUnlocked:
      return thread.pending.mutex->owner == kNoThread;
    case WaitFor::kFinished:
      return threads_[thread.pending.thread].status == ModelThread::Status::kFinished;
    case WaitFor::kSignal:
      return thread.signalled && thread.pending.mutex->owner == kNoThread;
  }
  return false;
}

Bits Execution::enabled_threads() noexcept {
  Bits eager = 0;
  Bits spinning = 0;
  for (ThreadId i = 0; i < used_; ++i) {
    const ModelThread& thread = threads_[i];
    if (!can_run(thread)) continue;
    const bool spins = thread.yielded && thread.changes_at_yield == changes_;
    (spins ? spinning : eager) |= bit(i);
  }
  return eager != 0 ? eager : spinning;
}

// Time passes only where nothing else can happen; a wait that times out earlier is a choice.
bool Execution::time_out_somebody() noexcept {
  for (ThreadId i = 0; i < used_; ++i) {
    ModelThread& thread = threads_[i];
    const bool waits = thread.status == ModelThread::Status::kActive &&
                       thread.pending.wait == WaitFor::kSignal && !thread.signalled;
    if (!waits || !thread.timed) continue;
    thread.timed_out = true;
    thread.signalled = true;
    return true;
  }
  return false;
}

ThreadId Execution::preferred(Bits enabled) const noexcept {
  if (running_ != kNoThread && (enabled & bit(running_)) != 0) {
    // Where all spin, they look in turn: what one waits for may be that another looks again.
    if (!threads_[running_].yielded || enabled == bit(running_)) return running_;
    enabled &= static_cast<Bits>(~bit(running_));
  }
  ThreadId best = kNoThread;
  for (ThreadId i = 0; i < used_; ++i) {
    if ((enabled & bit(i)) == 0) continue;
    if (best == kNoThread || threads_[i].yields < threads_[best].yields) best = i;
  }
  return best;
}

ThreadId Execution::pick(bool fixed) {
  Bits enabled = enabled_threads();
  if (enabled == 0 && time_out_somebody()) enabled = enabled_threads();
  if (enabled == 0) fail_blocked();
  if (path_.size() >= options_.max_branches) {
    fail(FailureKind::kBranchLimit,
         "more than " + std::to_string(options_.max_branches) +
             " decisions in one execution (Options::max_branches): is there a loop that waits for "
             "another thread without yield_now() or spin_hint(), or for something that nobody "
             "does?");
  }
  const ThreadId first = preferred(enabled);
  const Path::Situation now{.enabled = enabled,
                            .current = running_,
                            .preferred = first,
                            .fixed = fixed && first == running_,
                            .gives_way = running_ != kNoThread && threads_[running_].yielded,
                            .asleep = asleep_};
  const ThreadId next = path_.schedule(now);
  if (next == kNoThread) {
    fail(FailureKind::kNotDeterministic,
         "not deterministic: the same decisions led to other threads than before. A model may not "
         "depend on addresses, time, randomness or what an earlier execution left behind");
  }
  asleep_ = canonical_ ? asleep_after(next) : Bits{0};
  return next;
}

// A thread that has been tried at a decision need not be tried again as long as nothing happens
// that its step conflicts with: the executions that begin with it have all been seen.
Bits Execution::asleep_after(ThreadId next) const noexcept {
  Bits asleep = 0;
  const Step& step = threads_[next].pending;
  for (Bits left = path_.asleep(); left != 0; left &= static_cast<Bits>(left - 1)) {
    const auto i = static_cast<ThreadId>(std::countr_zero(left));
    const Step& sleeping = threads_[i].pending;
    // What is not to be parted sleeps as a whole or not at all.
    const bool in_region = threads_[i].unexplored + threads_[i].uninterrupted > 0;
    if (!in_region && sleeping.access_count > 0 && !dependent(step, sleeping)) asleep |= bit(i);
  }
  return asleep;
}

void Execution::fail_blocked() {
  std::string text = "deadlock: no thread can go on";
  for (ThreadId i = 0; i < used_; ++i) {
    const ModelThread& thread = threads_[i];
    if (thread.status != ModelThread::Status::kActive) continue;
    text += "; thread " + std::to_string(i);
    switch (thread.pending.wait) {
      case WaitFor::kUnlocked:
      case WaitFor::kSignal: {
        const MutexState& mutex = *thread.pending.mutex;
        if (thread.pending.wait == WaitFor::kSignal && !thread.signalled) {
          text += " waits for a notification";
          break;
        }
        text += " waits for " + describe(ObjectKind::kMutex, mutex.number) + ", held by thread " +
                std::to_string(mutex.owner);
        break;
      }
      case WaitFor::kFinished:
        text += " joins thread " + std::to_string(thread.pending.thread);
        break;
      case WaitFor::kNothing:
        break;
    }
    text += " at " + describe(thread.pending.where);
  }
  fail(FailureKind::kDeadlock, text);
}

void Execution::begin(const Step& step) {
  ModelThread& me = self();
  me.pending = step;
  const bool in_region = me.unexplored + me.uninterrupted > 0;
  const ThreadId next = pick(in_region && !std::exchange(me.enters_region, false));
  if (next != running_) {
    running_ = next;
    me.context.switch_to(threads_[next].context);
  }
  me.yielded = false;
  ++me.view.happened[me.id];
  start_step(me);
}

std::uint32_t Execution::choose(ChoiceKind kind, std::uint32_t count) {
  const std::optional<std::uint32_t> chosen = path_.choose(kind, count, self().unexplored > 0);
  if (chosen) return *chosen;
  fail(FailureKind::kNotDeterministic,
       "not deterministic: the same decisions led to another choice than before. A model may not "
       "depend on addresses, time, randomness or what an earlier execution left behind");
}

// --- Conflicts

Execution::StepOfEachThread Execution::conflicts(const ModelThread& thread,
                                                 std::size_t first) const {
  StepOfEachThread found{};
  for (std::size_t a = first; a < thread.pending.access_count; ++a) {
    const Access& wanted = thread.pending.accesses[a];
    for (ThreadId i = 0; i < used_; ++i) {
      if (i == thread.id) continue;
      for (Bits kinds = wanted.against; kinds != 0; kinds &= static_cast<Bits>(kinds - 1)) {
        found[i] = std::max(found[i], last_[wanted.object][i][std::countr_zero(kinds)]);
      }
    }
  }
  return found;
}

void Execution::report_conflicts(const ModelThread& thread, const StepOfEachThread& found) {
  for (ThreadId i = 0; i < used_; ++i) {
    if (found[i] == 0 || found[i] <= thread.order[i]) continue;
    // Not a race if another of these steps comes in between anyway.
    const bool covered = std::any_of(found.begin(), found.end(), [&](std::uint32_t other) {
      return other != 0 && other != found[i] && step_order_[other][i] >= found[i];
    });
    if (covered) continue;
    if (canonical_) {
      // Where steps cannot be parted, what can begin the other order is not known.
      path_.add_one_of(found[i] - 1, regions_ ? Bits{0} : initials(thread, i, found));
    } else {
      path_.add_backtrack(found[i] - 1, thread.id);
    }
  }
}

// What comes before the race's first step in the other order is all steps since then that do not
// depend on it, and then the pending one. It can begin with the first of a thread if that depends
// on none of the others.
Bits Execution::initials(const ModelThread& thread, ThreadId racer,
                         const StepOfEachThread& found) const {
  const std::uint32_t race = found[racer];
  const auto depends = [&](ThreadId self, const VectorClock& order) {
    for (ThreadId i = 0; i < used_; ++i) {
      if (i != self && order[i] > race) return true;
    }
    return false;
  };
  Bits result = 0;
  for (ThreadId i = 0; i < used_; ++i) {
    if (i == racer) continue;
    const auto first = std::upper_bound(steps_[i].begin(), steps_[i].end(), race);
    if (first != steps_[i].end()) {
      const VectorClock& order = step_order_[*first];
      if (order[racer] < race && !depends(i, order)) result |= bit(i);
    } else if (i == thread.id && !depends(i, thread.order) &&
               std::none_of(found.begin(), found.end(),
                            [&](std::uint32_t step) { return step > race; })) {
      result |= bit(i);
    }
  }
  return result;
}

void Execution::start_step(ModelThread& thread) {
  const auto number = static_cast<std::uint32_t>(path_.last_step() + 1);
  const auto found = conflicts(thread, 0);
  report_conflicts(thread, found);
  thread.order_before = thread.order;
  for (const std::uint32_t step : conflicts(thread, 1)) {
    if (step != 0) thread.order_before.join(step_order_[step]);
  }
  VectorClock joined = thread.order;
  for (const std::uint32_t step : found) {
    if (step != 0) joined.join(step_order_[step]);
  }
  thread.order = joined;
  thread.order[thread.id] = number;
  if (step_order_.size() <= number) step_order_.resize(number + 1);
  step_order_[number] = thread.order;
  steps_[thread.id].push_back(number);
}

void Execution::record(Access access) noexcept {
  const auto number = static_cast<std::uint32_t>(path_.last_step() + 1);
  // After a choice the path's last schedule is still this step's.
  for (Bits kinds = access.was; kinds != 0; kinds &= static_cast<Bits>(kinds - 1)) {
    last_[access.object][running_][std::countr_zero(kinds)] = number;
  }
  step_order_[number] = self().order;
}

// --- Threads

ThreadId Execution::spawn(std::function<void()> body, std::source_location where) {
  if (used_ >= std::min<std::size_t>(options_.max_threads, kMaxThreads)) {
    fail(FailureKind::kThreadLimit, "more than " + std::to_string(options_.max_threads) +
                                        " threads (Options::max_threads; 8 at most), at " +
                                        describe(where));
  }
  ModelThread& child = threads_[used_++];
  child.body = std::move(body);
  ++self().view.happened[running_];
  child.view = self().view;
  child.order = self().order;
  child.pending.where = where;
  start(child);
  trace({.operation = Operation::kSpawn, .object = child.id, .where = where});
  return child.id;
}

void Execution::join(ThreadId id, std::source_location where) {
  Step step{.where = where};
  step.wait = WaitFor::kFinished;
  step.thread = id;
  begin(step);
  ModelThread& joined = threads_[id];
  joined.joined = true;
  self().view.join(joined.view);
  self().order.join(joined.order);
  trace({.operation = Operation::kJoin, .object = id, .where = where});
}

void Execution::yield(std::source_location where) {
  ModelThread& me = self();
  me.yielded = true;
  ++me.yields;
  me.changes_at_yield = changes_;
  me.last_yield = me.view.happened[me.id];
  begin({.where = where});
  trace({.operation = Operation::kYield, .where = where});
}

}  // namespace weft::loom::checker::internal
