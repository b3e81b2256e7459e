// The model checker, for programs that check their own structures with it.
//
// Guide: docs/guide/model-checking.md. Spec: TE-12, TE-30.
//
// The structure uses the seam (<weft/loom/atomic.h>, cell.h, mutex.h, thread.h). A program of its
// own runs it under the checker: compiled with WEFT_LOOM defined, linked with weft::loom_checker
// and not with weft::weft, whose libraries are made for the normal build. In such a program
//
//   loom::Atomic<T>, Cell<T>, Mutex, Condvar, Thread, ThreadLocal, Global
//                                      are the checker's types, in the structure as in the model
//   loom::model(body, Options)         runs `body` under every interleaving; a failure is printed
//                                      and fatal. loom::check() returns it instead.
//   loom::expect(condition, text)      what has to hold in every execution
//   loom::yield_now()                  in a loop that waits for another thread
//   loom::fence(order)                 std::atomic_thread_fence
//   loom::make<T>(), loom::free()      memory whose leak, double free or late use is a failure
//   loom::Unexplored, Uninterrupted    scopes that are not what the model is about
//
// Without WEFT_LOOM this header is empty: there is nothing to run a model with.

#ifndef WEFT_LOOM_MODEL_H_
#define WEFT_LOOM_MODEL_H_

#ifdef WEFT_LOOM

#include <weft/loom/allocation.h>
#include <weft/loom/atomic.h>
#include <weft/loom/cell.h>
#include <weft/loom/checker/model.h>
#include <weft/loom/checker/region.h>
#include <weft/loom/global.h>
#include <weft/loom/mutex.h>
#include <weft/loom/thread.h>
#include <weft/loom/thread_local.h>

namespace weft::loom {

using checker::check;
using checker::CheckResult;
using checker::expect;
using checker::explore;
using checker::Failure;
using checker::FailureKind;
using checker::model;
using checker::Options;
using checker::stop_exploring;
using checker::Unexplored;
using checker::Uninterrupted;
using checker::yield_now;

// Under the name that std gives it.
using thread = Thread;

}  // namespace weft::loom

#endif  // WEFT_LOOM

#endif  // WEFT_LOOM_MODEL_H_
