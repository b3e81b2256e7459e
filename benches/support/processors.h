// OnProcessors: the calling thread, and all that it starts, on fewer processors than there are.

#ifndef WEFT_BENCHES_SUPPORT_PROCESSORS_H_
#define WEFT_BENCHES_SUPPORT_PROCESSORS_H_

#include <sched.h>

#include <benches/support/require.h>

namespace bench {

// Until it is destroyed.
class OnProcessors {
 public:
  // The first `count` of those that the thread may use; all of them if there are fewer, or `count`
  // is 0.
  explicit OnProcessors(int count) {
    require(::sched_getaffinity(0, sizeof before_, &before_) == 0, "sched_getaffinity");
    if (count == 0) return;
    cpu_set_t chosen;
    CPU_ZERO(&chosen);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&chosen) < count; ++cpu) {
      if (CPU_ISSET(cpu, &before_)) CPU_SET(cpu, &chosen);
    }
    require(::sched_setaffinity(0, sizeof chosen, &chosen) == 0, "sched_setaffinity");
  }
  OnProcessors(const OnProcessors&) = delete;
  OnProcessors& operator=(const OnProcessors&) = delete;
  ~OnProcessors() { ::sched_setaffinity(0, sizeof before_, &before_); }

 private:
  cpu_set_t before_;
};

}  // namespace bench

#endif  // WEFT_BENCHES_SUPPORT_PROCESSORS_H_
