// The program of docs/guide/task-dumps.md: makes a deadlock, and a dump that shows it.

#include <cstdio>

#include <examples/task_dump/transfers.h>
#include <weft/weft.h>

weft::Task<int> co_main(int, char**) {
  Account savings;
  Account current;
  weft::sync::Barrier begun(2);
  auto there = weft::task::Builder().name("save").spawn(transfer(current, savings, 50, begun));
  auto back = weft::task::Builder().name("spend").spawn(transfer(savings, current, 20, begun));

  // What a program does that suspects itself: after a while without progress it looks.
  const auto saved = co_await weft::time::timeout(std::chrono::seconds(1), *there);
  if (saved) co_return 0;
  const weft::runtime::Dump dump = co_await weft::runtime::Handle::current().dump();
  std::fputs(dump.to_string().c_str(), stdout);

  const bool is_deadlock = !dump.cycles().empty();
  there->abort();
  back->abort();
  co_await weft::join(*there, *back);
  co_return is_deadlock ? 1 : 0;
}
