// libuv's jobs that may block: one at a time, and sixteen.

#include <uv.h>

#include <array>

#include <benches/peers/support/row.h>

namespace {

using peers::Figure;
using peers::Row;
using peers::Run;

constexpr int kJobs = 512;

Figure run_jobs(Run& run, int at_once) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  std::array<uv_work_t, 16> jobs;
  while (run.laps.next()) {
    for (int done = 0; done < kJobs; done += at_once) {
      for (int i = 0; i < at_once; ++i) {
        uv_queue_work(
            &loop, &jobs[static_cast<std::size_t>(i)], [](uv_work_t*) {}, [](uv_work_t*, int) {});
      }
      uv_run(&loop, UV_RUN_DEFAULT);
    }
  }
  return run.laps.per_operation(kJobs);
}

const Row kBlocking("spawn_blocking", [](Run& run) { return run_jobs(run, 1); });
const Row kBlocking16("spawn_blocking_16", [](Run& run) { return run_jobs(run, 16); });

}  // namespace
