// A user's program: a task spawns another one and awaits its value, once as a coroutine and once on
// a fiber, which needs Boost.Context.

#include <cstdio>

#include <weft/weft.h>

static weft::Task<int> add(int left, int right) { co_return left + right; }

weft::Task<int> co_main(int, char**) {
  auto sum = co_await weft::spawn(add, 40, 2);
  const int twice = co_await weft::fiber::run(
      [] { return weft::fiber::await(weft::spawn(add, 40, 2)).value_or(0); });
  if (!sum || *sum != 42 || twice != 42) co_return 1;
  std::puts("42");
  co_return 0;
}
