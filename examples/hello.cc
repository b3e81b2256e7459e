// hello: the smallest program, and the smallest that does two things at once.
//
//   $ hello
//   hello from task 1 of 3
//   ...
//
// A Task is lazy: calling greet() runs nothing. co_await runs it as part of the task that awaits;
// spawn() makes it a task of its own, which runs beside its spawner, on any of the worker threads.

#include <chrono>
#include <cstdio>
#include <vector>

#include <weft/weft.h>

namespace {

using namespace std::chrono_literals;

weft::Task<int> greet(int number, int count) {
  // Suspends this task, not the thread: all tasks sleep at the same time.
  co_await weft::time::sleep(number * 20ms);
  std::printf("hello from task %d of %d\n", number, count);
  co_return number;
}

}  // namespace

weft::Task<int> co_main(int, char**) {
  constexpr int kCount = 3;
  std::vector<weft::JoinHandle<int>> handles;
  for (int number = 1; number <= kCount; ++number) {
    handles.push_back(weft::spawn(greet, number, kCount));
  }

  int sum = 0;
  for (weft::JoinHandle<int>& handle : handles) {
    const weft::JoinResult<int> number = co_await handle;
    if (number) sum += *number;  // an error if the task had thrown or been aborted
  }
  std::printf("all %d have said it\n", kCount);
  co_return sum == kCount*(kCount + 1) / 2 ? 0 : 1;
}
