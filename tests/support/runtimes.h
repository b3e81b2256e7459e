// The kinds of runtime that a statement about "every kind" is tested on.
//
//   on_every_kind([](runtime::Runtime& rt) { EXPECT_EQ(rt.block_on(one()), 1); });

#ifndef WEFT_TESTS_SUPPORT_RUNTIMES_H_
#define WEFT_TESTS_SUPPORT_RUNTIMES_H_

#include <array>
#include <utility>

#include <gtest/gtest.h>
#include <tests/support/async_event.h>
#include <weft/runtime/builder.h>
#include <weft/runtime/join_handle.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/task.h>

namespace weft::test_support {

enum class Kind { kCurrentThread, kOneWorker, kTwoWorkers };
inline constexpr std::array kKinds = {Kind::kCurrentThread, Kind::kOneWorker, Kind::kTwoWorkers};

inline const char* name_of(Kind kind) {
  switch (kind) {
    case Kind::kCurrentThread:
      return "CurrentThread";
    case Kind::kOneWorker:
      return "OneWorker";
    case Kind::kTwoWorkers:
      return "TwoWorkers";
  }
  return "";
}

// With all drivers.
inline runtime::Builder builder_of(Kind kind) {
  runtime::Builder builder = kind == Kind::kCurrentThread ? runtime::Builder::new_current_thread()
                                                          : runtime::Builder::new_multi_thread();
  if (kind != Kind::kCurrentThread) builder.worker_threads(kind == Kind::kOneWorker ? 1 : 2);
  builder.enable_all();
  return builder;
}

inline runtime::Runtime make_runtime(Kind kind) { return builder_of(kind).build().value(); }
inline runtime::Runtime current_thread() { return make_runtime(Kind::kCurrentThread); }
inline runtime::Runtime paused_current_thread() {
  return builder_of(Kind::kCurrentThread).start_paused(true).build().value();
}
inline runtime::Runtime multi_thread(unsigned workers) {
  return runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build().value();
}

template <class F>
void on_every_kind(F&& test) {
  for (const Kind kind : kKinds) {
    SCOPED_TRACE(name_of(kind));
    runtime::Runtime rt = make_runtime(kind);
    test(rt);
  }
}

// Completes when the task has, and leaves its result in the handle.
template <class T>
Task<> finished(JoinHandle<T>& handle) {
  auto join = handle.operator co_await();
  co_await until([&join](Context& cx) { return join.node().poll(cx); });
}

}  // namespace weft::test_support

#endif  // WEFT_TESTS_SUPPORT_RUNTIMES_H_
