#include <weft/runtime/scheduler/worker_metrics.h>

#include <concepts>
#include <pthread.h>

#include <weft/loom/steady_clock.h>

namespace weft::internal {

static_assert(sizeof(::pthread_t) <= sizeof(std::uint64_t) && std::integral<::pthread_t>);

void note_holder(WorkerMetrics& metrics) noexcept { set(metrics.holder, ::pthread_self()); }

std::chrono::nanoseconds BusyTime::record(SteadyPoint now, WorkerMetrics& metrics) noexcept {
  const std::chrono::nanoseconds busy = now - std::exchange(since_, now);
  add(metrics.busy_nanoseconds, static_cast<std::uint64_t>(busy.count()));
  return busy;
}

void MeanPollTime::record(std::chrono::nanoseconds busy, WorkerMetrics& metrics) noexcept {
  const std::uint64_t polls = value_of(metrics.polls);
  const std::uint64_t count = polls - std::exchange(polls_, polls);
  if (count == 0) return;
  const double mean = static_cast<double>(busy.count()) / static_cast<double>(count);
  if (mean_.has_value()) {
    mean_->record(mean, count);
  } else {
    mean_.emplace(mean);
  }
  set(metrics.mean_poll_nanoseconds, static_cast<std::uint64_t>(mean_->value()));
}

void PollTimer::begin(bool continues) noexcept {
  if (stage_ == Stage::kBetween && continues) {
    stage_ = Stage::kPolling;
    return;
  }
  finish();
  stage_ = Stage::kPolling;
  start_ = loom::SteadyClock::now();
}

void PollTimer::end(bool goes_on) noexcept {
  if (stage_ != Stage::kPolling) return;
  end_ = loom::SteadyClock::now();
  stage_ = Stage::kBetween;
  if (!goes_on) finish();
}

void PollTimer::finish() noexcept {
  switch (stage_) {
    case Stage::kIdle:
      return;
    case Stage::kPolling:
      end_ = loom::SteadyClock::now();
      break;
    case Stage::kBetween:
      break;
  }
  histogram_->record(end_ - start_);
  stage_ = Stage::kIdle;
}

}  // namespace weft::internal
