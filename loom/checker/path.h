// Path: the decisions of one execution, and which execution comes next.
//
// Spec: TE-13, TE-15, TE-16, TE-17, TE-29.
//
// Design. An execution is determined by its decisions: which thread runs at each step, and which of
// several outcomes an operation has (the store a load reads, the place of a store in modification
// order, a spurious wake-up). Path records them as a vector. The search is depth first: an
// execution replays the vector's prefix, extends it with first choices, and next() changes the last
// decision that has something left to try and drops what follows.
//
// Outcomes are all tried. Threads are tried only where that can matter (dynamic partial-order
// reduction). When a step conflicts with the one at decision i, the opposite order has to be run: a
// thread that can begin what comes before in that order is tried at i (source sets, after Abdulla
// and others: add_one_of), or, where the reduction is the simple one of Flanagan and Godefroid
// (add_backtrack), the conflicting thread itself. If it cannot run there, everything that can is.
//
// A thread that has been tried at a decision sleeps in what is tried there after it, until a step
// conflicts with its pending one: executions that begin with it have been seen. An execution in
// which all that could run sleep is redundant. It is run to its end without decisions, so that what
// its threads own is given back.
//
// Decisions of a thread in a region that is not explored (region.h) are `fixed`: what conflicts
// with a step in it is tried before the region as a whole.
//
// A preemption bound limits switches away from a thread that could go on. Conflicts found under a
// bound may need an earlier switch instead, so each is also added where the running thread last
// changed.

#ifndef WEFT_LOOM_CHECKER_PATH_H_
#define WEFT_LOOM_CHECKER_PATH_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <weft/loom/checker/clock.h>
#include <weft/loom/checker/options.h>
#include <weft/loom/checker/random_walk.h>
#include <weft/loom/checker/step.h>

namespace weft::loom::checker::internal {

enum class ChoiceKind : std::uint8_t { kSchedule, kStoreRead, kStorePlace, kSpurious, kWaiter };

class Path {
 public:
  explicit Path(const Options& options);

  // Sets the decisions to those of a replay string. False if it is none.
  bool set_replay(std::string_view text);

  void begin_execution();

  struct Situation {
    Bits enabled = 0;                // threads that can run; not empty
    ThreadId current = kNoThread;    // who ran until now
    ThreadId preferred = kNoThread;  // whom to take without a reason for another
    bool fixed = false;              // never take another
    bool gives_way = false;          // `current` yields: leaving it is no preemption
    Bits asleep = 0;                 // not to be taken: nothing new would come of it
  };
  // Whose turn it is. kNoThread if a replayed decision does not fit: not deterministic.
  ThreadId schedule(const Situation& now);
  // One of `count` >= 1 outcomes, the first if `fixed`; nothing as above.
  std::optional<std::uint32_t> choose(ChoiceKind kind, std::uint32_t count, bool fixed);

  // Whose steps need not be run after the last schedule(), unless something conflicts with them.
  Bits asleep() const noexcept {
    if (redundant_) return 0;
    const Branch& branch = branches_[last_schedule_];
    return static_cast<Bits>((branch.asleep | branch.tried) & ~(1u << branch.chosen));
  }
  // The number of the last schedule(), which names the step that follows it.
  std::size_t last_step() const noexcept { return last_schedule_; }

  // `thread` has to be tried at the decision of step `step`.
  void add_backtrack(std::size_t step, ThreadId thread);

  // One of `threads`, or if none of them can run there everything that can, has to be tried at the
  // decision of step `step`.
  void add_one_of(std::size_t step, Bits threads);

  // Moves to the next execution; false when there is none.
  bool next();

  std::size_t size() const noexcept { return position_; }
  // The decisions so far, compactly: letters a.. are threads, A.. outcomes (+ adds 25), a number
  // in front repeats.
  std::string encode() const;

  // Everything that the rest of the search depends on, as text. To be called after next().
  std::string save() const;
  // False if that is no such text.
  bool restore(const std::string& text);

 private:
  struct Branch {
    ChoiceKind kind;
    std::uint32_t chosen;  // thread or outcome
    std::uint32_t count;   // outcomes
    // kSchedule only.
    Bits enabled = 0;
    Bits todo = 0;   // to be tried, or tried
    Bits tried = 0;  // subtree done
    Bits asleep = 0;
    bool fixed = false;
    ThreadId current = kNoThread;
    std::uint32_t preemptions = 0;  // before this decision
  };

  static bool preempts(const Branch& branch, ThreadId thread) noexcept;
  bool allowed_by_bound(const Branch& branch, ThreadId thread) const noexcept;
  void add_to(Branch& branch, ThreadId thread);
  ThreadId pick_new(const Situation& now, Branch& branch);

  const Options& options_;
  std::vector<Branch> branches_;
  std::size_t position_ = 0;       // decisions taken in this execution
  std::size_t last_schedule_ = 0;  // index of the last one of kind kSchedule
  bool any_schedule_ = false;
  bool replaying_ = false;
  bool redundant_ = false;  // the rest of this execution has been seen, in another order
  std::optional<RandomWalk> random_;
};

}  // namespace weft::loom::checker::internal

#endif  // WEFT_LOOM_CHECKER_PATH_H_
