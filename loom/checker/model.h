// check, model: runs a body under every interleaving that can make a difference.
//
// Spec: TE-12..TE-14, TE-29, TE-31; method and limits: docs/design/loom.md.
//
// The body runs once for each execution, as thread 0 of a model, with the types of this folder for
// all that is shared. It must be deterministic but for their operations, and build what it uses
// anew each time.
//
//   checker::model([] {
//     checker::Atomic<int> flag{0};
//     checker::Thread other([&] { flag.store(1, std::memory_order_release); });
//     checker::expect(flag.load(std::memory_order_acquire) <= 1, "flag is 0 or 1");
//     other.join();
//   });
//
// A failing model() prints what the threads did and a line WEFT_LOOM_REPLAY='...'. The same program
// with that variable in its environment runs exactly that execution, under a debugger for example;
// models of other names are not affected.

#ifndef WEFT_LOOM_CHECKER_MODEL_H_
#define WEFT_LOOM_CHECKER_MODEL_H_

#include <functional>
#include <source_location>

#include <weft/loom/checker/options.h>

namespace weft::loom::checker {

// Explores `body` to the end or to the first failure, which it returns. After a failure what was on
// the stacks of the body's threads is abandoned, not destroyed. Not inside of a model.
CheckResult check(const std::function<void()>& body, const Options& options = {},
                  std::source_location where = std::source_location::current());

// The same; prints one line on standard error when the body passes. A failure is printed with its
// interleaving, and fatal; so is an abort inside the body (a failed WEFT_CHECK, std::terminate).
void model(const std::function<void()>& body, const Options& options = {},
           std::source_location where = std::source_location::current());

}  // namespace weft::loom::checker

#endif  // WEFT_LOOM_CHECKER_MODEL_H_
