// block_on: a runtime for the length of one awaitable.
//
// Spec: TE-6.
//
//   TEST(Fetch, Answers) { EXPECT_EQ(test::block_on(fetch()), 7); }

#ifndef WEFT_TESTING_BLOCK_ON_H_
#define WEFT_TESTING_BLOCK_ON_H_

#include <source_location>
#include <utility>

#include <weft/runtime/builder.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/runtime.h>

namespace weft::test {

// Runs `awaitable` on this thread in a current-thread runtime with I/O and timers, made for it, and
// yields what it yields; throws what it throws, and std::system_error if the system has no room for
// a runtime. Tasks that it has spawned and not joined are cancelled at the end. Fatal, at
// `where`, on a thread that runs tasks.
template <class A>
  requires Awaitable<A>
decltype(auto) block_on(A&& awaitable,
                        std::source_location where = std::source_location::current()) {
  runtime::Runtime runtime = runtime::Builder::new_current_thread().enable_all().build().value();
  return runtime.block_on(std::forward<A>(awaitable), where);
}

}  // namespace weft::test

#endif  // WEFT_TESTING_BLOCK_ON_H_
