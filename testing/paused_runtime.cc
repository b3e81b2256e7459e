// PausedRuntime. See paused_runtime.h.

#include <weft/testing/paused_runtime.h>

namespace weft::test {

namespace {

runtime::Runtime build(std::optional<runtime::RngSeed> seed) {
  runtime::Builder builder = runtime::Builder::new_current_thread();
  builder.enable_all().start_paused(true);
  if (seed) builder.rng_seed(*seed);
  return builder.build().value();
}

}  // namespace

PausedRuntime::PausedRuntime(std::optional<runtime::RngSeed> seed)
    : runtime_(build(seed)), entered_(runtime_.enter()), start_(time::Clock::now()) {}

}  // namespace weft::test
