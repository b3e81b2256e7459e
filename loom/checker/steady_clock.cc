// Interface: steady_clock.h.

#include <weft/loom/checker/steady_clock.h>

#include <weft/base/check.h>
#include <weft/loom/checker/execution.h>
#include <weft/loom/checker/global.h>

namespace weft::loom::checker {
namespace {

struct ModelTime {
  SteadyClock::duration passed{0};
};
struct ModelTimeTag;
using CurrentTime = Global<ModelTime, ModelTimeTag>;

// Not zero: "long ago" must be an instant, too.
constexpr SteadyClock::duration kBegin = std::chrono::hours(1);

}  // namespace

SteadyClock::time_point SteadyClock::now() noexcept {
  if (internal::Execution::current() == nullptr) return std::chrono::steady_clock::now();
  return time_point(kBegin + CurrentTime::get().passed);
}

void SteadyClock::advance(duration by) noexcept {
  WEFT_CHECK(internal::Execution::current() != nullptr,
             "loom::checker::SteadyClock::advance: called outside of a model");
  CurrentTime::get().passed += by;
}

}  // namespace weft::loom::checker
