// Topic: graceful shutdown of a program that has a server, a periodic job, and work that must not
// be cut in the middle.
//
//   $ topic_shutdown            (stops itself)

#include <chrono>
#include <cstdio>
#include <utility>

#include <weft/weft.h>

namespace {

namespace time = weft::time;

using namespace std::chrono_literals;

// A periodic job: the token ends it where it waits, between two rounds.
weft::Task<> sweep(weft::CancellationToken stop) {
  auto interval = time::interval(10ms);
  while (true) {
    const auto tick = co_await stop.run_until_cancelled(interval.tick());
    if (!tick) break;
    // ... one round of whatever it is that is swept
  }
  std::printf("sweep: ends\n");
}

// Work in steps, each of which is to be whole: it asks between them.
weft::Task<> migrate(weft::CancellationToken stop) {
  for (int step = 1; step <= 1000 && !stop.is_cancelled(); ++step) {
    co_await time::sleep(1ms);  // begin, write, commit
  }
  std::printf("migrate: ends after a whole step\n");
}

// Does not listen to anybody. The limit is for such tasks.
weft::Task<> hang() {
  struct Report {
    ~Report() { std::printf("hang: cut off\n"); }
  } const report;
  co_await time::sleep(24h);
}

// What ends the program: here after a moment, elsewhere signal::shutdown_requested().
weft::Task<> until_asked() { co_await time::sleep(30ms); }

}  // namespace

weft::Task<int> co_main(int, char**) {
  const weft::CancellationToken stop;
  weft::TaskTracker tasks;
  tasks.spawn(sweep, stop.child_token());
  tasks.spawn(migrate, stop.child_token());
  const weft::AbortHandle hanging = tasks.spawn(hang).abort_handle();

  co_await until_asked();

  stop.cancel();                                                   // 1. tell all
  tasks.close();                                                   // 2. nothing more comes
  const auto ended = co_await time::timeout(200ms, tasks.wait());  // 3. wait, but not for ever
  if (!ended) {
    hanging.abort();  // 4. cut off what is left
    co_await tasks.wait();
  }
  std::printf("stopped\n");
  co_return 0;
}
