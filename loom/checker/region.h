// Unexplored, Uninterrupted: parts of a model that are not what it is about.
//
// Spec: TE-19.
//
// Every decision of a model multiplies the number of executions. Set-up code, or a correct
// structure that the body uses besides the one in question, is not worth that. These scopes say so,
// for the calling thread; they nest. What they leave out is not checked, so a model that passes
// with them says less. Both concern threads that could go on: one that blocks in such a scope lets
// others run as ever, and their decisions are explored.
//
//   Queue queue;
//   {
//     const checker::Unexplored setup;
//     fill(queue);
//   }
//
// Outside of a model they do nothing.

#ifndef WEFT_LOOM_CHECKER_REGION_H_
#define WEFT_LOOM_CHECKER_REGION_H_

#include <source_location>

namespace weft::loom::checker {

// Until the matching explore(): the calling thread is not interrupted, and of the possible outcomes
// of its operations only the usual one is tried: loads read the newest value, stores come last, no
// wait ends for no reason.
void stop_exploring();
// Fails if there is nothing to match.
void explore(std::source_location where = std::source_location::current());

// stop_exploring() for a scope.
class [[nodiscard]] Unexplored {
 public:
  Unexplored() { stop_exploring(); }
  ~Unexplored() { explore(); }
  Unexplored(const Unexplored&) = delete;
  Unexplored& operator=(const Unexplored&) = delete;
};

// For a scope: no other thread runs between the calling thread's operations. All outcomes of the
// operations are tried, but not what others could see only by running in between.
class [[nodiscard]] Uninterrupted {
 public:
  Uninterrupted();
  ~Uninterrupted();
  Uninterrupted(const Uninterrupted&) = delete;
  Uninterrupted& operator=(const Uninterrupted&) = delete;
};

}  // namespace weft::loom::checker

#endif  // WEFT_LOOM_CHECKER_REGION_H_
