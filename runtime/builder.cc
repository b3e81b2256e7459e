#include <weft/runtime/builder.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string_view>
#include <utility>

#include <weft/base/check.h>
#include <weft/base/sys.h>
#include <weft/runtime/dump/dump_signal.h>
#include <weft/runtime/local_runtime.h>
#include <weft/runtime/observe/observe_config.h>
#include <weft/runtime/runtime.h>
#include <weft/runtime/scheduler/current_thread.h>
#include <weft/runtime/scheduler/multi_thread.h>
#include <weft/runtime/scheduler/thread_context.h>

namespace weft::runtime {
namespace {

// No machine runs more; larger numbers are typing errors, or mean "no limit".
constexpr std::size_t kMostThreads = 65536;
// Of a resume; so that nothing overflows.
constexpr std::chrono::milliseconds kLongestLimit = std::chrono::years(1);

// The number in an environment variable; none if it is not set. Anything but a positive number is a
// check failure: a typing error must not go unnoticed.
std::optional<std::size_t> from_environment(const char* variable, std::source_location where) {
  const char* const text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  const std::string_view digits(text);
  std::size_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_number =
      parsed.ec == std::errc() && parsed.ptr == digits.data() + digits.size() && value > 0;
  if (!is_number) {
    const std::string message = std::string("Builder::build: the environment variable ") +
                                variable + " has to be a positive number, but is \"" + text + "\"";
    internal::fatal(message, where);
  }
  return value;
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n\f\v") == std::string_view::npos;
}

template <class S>
Result<Runtime> as_runtime(Result<RefPtr<S>> scheduler, std::source_location where) {
  if (!scheduler) return Err(scheduler.error());
  internal::Observer* const observer = (*scheduler)->config().task_hooks.observer.get();
  Runtime made(RefPtr<internal::Scheduler>(*std::move(scheduler)));
  const Result<void> watched = internal::dump_on_signal(made.handle().scheduler(), where);
  if (!watched) return Err(watched.error());
  if (observer == nullptr) return made;
  if (const Result<void> started = observer->start(); !started) return Err(started.error());
  return made;
}

// What is to be observed, the environment included.
void observe(internal::RuntimeConfig& config, std::source_location where) {
  if (const auto limit = from_environment("WEFT_STALL_MS", where)) {
    config.stall_limit =
        std::chrono::milliseconds(std::min<std::size_t>(*limit, kLongestLimit.count()));
  }
  if (const char* const path = std::getenv("WEFT_TRACE"); path != nullptr) {
    WEFT_CHECK(*path != '\0',
               "Builder::build: the environment variable WEFT_TRACE has to be the name of a file, "
               "but is empty",
               where);
    config.trace_path = internal::trace_path_of_next_runtime(path);
  }
  internal::attach_observer(config);
}

}  // namespace

Builder::Builder(RuntimeFlavor flavor) {
  config_.flavor = flavor;
  config_.thread_name = [] { return std::string("weft-worker"); };
}

Builder Builder::new_multi_thread() { return Builder(RuntimeFlavor::kMultiThread); }
Builder Builder::new_current_thread() { return Builder(RuntimeFlavor::kCurrentThread); }

Builder& Builder::worker_threads(std::size_t count, Where where) {
  WEFT_CHECK(count > 0, "Builder::worker_threads: the number of worker threads cannot be 0", where);
  WEFT_CHECK(count <= kMostThreads, "Builder::worker_threads: more than 65536 threads", where);
  workers_ = static_cast<unsigned>(count);
  return *this;
}

Builder& Builder::max_blocking_threads(std::size_t count, Where where) {
  WEFT_CHECK(count > 0, "Builder::max_blocking_threads: the number of threads cannot be 0", where);
  max_blocking_threads_ = static_cast<unsigned>(std::min(count, kMostThreads));
  return *this;
}

Builder& Builder::max_attached_threads(std::size_t count) {
  config_.max_attached_threads = static_cast<unsigned>(std::min(count, kMostThreads));
  return *this;
}

Builder& Builder::name(std::string name, Where where) {
  WEFT_CHECK(!is_blank(name), "Builder::name: the name of a runtime cannot be blank", where);
  config_.name = std::move(name);
  return *this;
}

Builder& Builder::thread_name(std::string name) {
  config_.thread_name = [name = std::move(name)] { return name; };
  return *this;
}

Builder& Builder::thread_name_fn(std::function<std::string()> make_name) {
  config_.thread_name = std::move(make_name);
  return *this;
}

Builder& Builder::thread_stack_size(std::size_t bytes) {
  stack_size_ = bytes;
  return *this;
}

Builder& Builder::thread_keep_alive(std::chrono::nanoseconds duration) {
  config_.thread_keep_alive = duration;
  return *this;
}

Builder& Builder::on_thread_start(std::function<void()> hook) {
  config_.on_thread_start = std::move(hook);
  return *this;
}
Builder& Builder::on_thread_stop(std::function<void()> hook) {
  config_.on_thread_stop = std::move(hook);
  return *this;
}
Builder& Builder::on_thread_park(std::function<void()> hook) {
  config_.on_thread_park = std::move(hook);
  return *this;
}
Builder& Builder::on_thread_unpark(std::function<void()> hook) {
  config_.on_thread_unpark = std::move(hook);
  return *this;
}
Builder& Builder::on_task_spawn(std::function<void(const TaskMeta&)> hook) {
  config_.task_hooks.on_spawn = std::move(hook);
  return *this;
}
Builder& Builder::on_task_terminate(std::function<void(const TaskMeta&)> hook) {
  config_.task_hooks.on_terminate = std::move(hook);
  return *this;
}
Builder& Builder::on_before_task_poll(std::function<void(const TaskMeta&)> hook) {
  config_.task_hooks.before_poll = std::move(hook);
  return *this;
}
Builder& Builder::on_after_task_poll(std::function<void(const TaskMeta&)> hook) {
  config_.task_hooks.after_poll = std::move(hook);
  return *this;
}

Builder& Builder::metrics_poll_time_histogram(HistogramConfiguration configuration) {
  config_.poll_time_histogram = configuration;
  return *this;
}
Builder& Builder::track_task_schedule_latency() {
  config_.task_hooks.track_latency = true;
  return *this;
}
Builder& Builder::metrics_schedule_latency_histogram(HistogramConfiguration configuration) {
  config_.schedule_latency_histogram = configuration;
  return track_task_schedule_latency();
}
Builder& Builder::detect_stalls(std::chrono::nanoseconds limit, Where where) {
  WEFT_CHECK(limit >= std::chrono::milliseconds(1),
             "Builder::detect_stalls: the limit cannot be shorter than a millisecond", where);
  config_.stall_limit = std::min<std::chrono::nanoseconds>(limit, kLongestLimit);
  return *this;
}

Builder& Builder::on_stall(std::function<void(const StallReport&)> hook) {
  config_.on_stall = std::move(hook);
  return *this;
}

Builder& Builder::trace_to(std::string path, Where where) {
  WEFT_CHECK(!path.empty(), "Builder::trace_to: the name of a file cannot be empty", where);
  config_.trace_path = std::move(path);
  return *this;
}

Builder& Builder::global_queue_interval(std::uint32_t ticks, Where where) {
  WEFT_CHECK(ticks > 0, "Builder::global_queue_interval: the interval cannot be 0", where);
  config_.global_queue_interval = ticks;
  return *this;
}

Builder& Builder::event_interval(std::uint32_t ticks, Where where) {
  WEFT_CHECK(ticks > 0, "Builder::event_interval: the interval cannot be 0", where);
  config_.event_interval = ticks;
  return *this;
}

Builder& Builder::disable_lifo_slot() {
  config_.lifo_slot = false;
  return *this;
}

Builder& Builder::adaptive_spin(bool enabled) {
  config_.adaptive_spin = enabled;
  return *this;
}

Builder& Builder::max_io_events_per_tick(std::size_t count, Where where) {
  WEFT_CHECK(count > 0, "Builder::max_io_events_per_tick: the number of events cannot be 0", where);
  config_.max_io_events_per_tick = count;
  return *this;
}

Builder& Builder::enable_io() {
  config_.enable_io = true;
  return *this;
}

Builder& Builder::enable_time() {
  config_.enable_time = true;
  return *this;
}

Builder& Builder::start_paused(bool paused, Where where) {
  WEFT_CHECK(!paused || config_.flavor == RuntimeFlavor::kCurrentThread,
             "Builder::start_paused: only a current_thread runtime can start with a paused clock",
             where);
  config_.start_paused = paused;
  return *this;
}

Builder& Builder::unhandled_exception(UnhandledException policy, Where where) {
  WEFT_CHECK(
      policy == UnhandledException::kIgnore || config_.flavor == RuntimeFlavor::kCurrentThread,
      "Builder::unhandled_exception: only a current_thread runtime can shut down on an "
      "exception",
      where);
  config_.unhandled_exception = policy;
  return *this;
}

Builder& Builder::rng_seed(RngSeed seed) {
  config_.rng_seed = seed;
  return *this;
}

internal::RuntimeConfig Builder::complete_config(Where where) const {
  internal::RuntimeConfig config = config_;
  fill_in_sizes(config, where);
  observe(config, where);
  return config;
}

void Builder::fill_in_sizes(internal::RuntimeConfig& config, Where where) const {
  if (max_blocking_threads_.has_value()) {
    config.max_blocking_threads = *max_blocking_threads_;
  } else if (const auto count = from_environment("WEFT_MAX_BLOCKING_THREADS", where)) {
    config.max_blocking_threads = static_cast<unsigned>(*count);
  }
  if (stack_size_.has_value()) {
    config.thread_stack_size = *stack_size_;
  } else if (const auto bytes = from_environment("WEFT_THREAD_STACK_SIZE", where)) {
    config.thread_stack_size = *bytes;
  }
  if (config.flavor == RuntimeFlavor::kCurrentThread) return;
  if (workers_.has_value()) {
    config.workers = *workers_;
  } else if (const auto count = from_environment("WEFT_WORKER_THREADS", where)) {
    config.workers = static_cast<unsigned>(*count);
  } else {
    config.workers = static_cast<unsigned>(sys::available_parallelism().value_or(1));
  }
}

Result<Runtime> Builder::build(Where where) const {
  internal::RuntimeConfig config = complete_config(where);
  if (config.flavor == RuntimeFlavor::kCurrentThread) {
    return as_runtime(internal::CurrentThread::create(std::move(config)), where);
  }
  return as_runtime(internal::MultiThread::create(std::move(config)), where);
}

Result<LocalRuntime> Builder::build_local(Where where) const {
  WEFT_CHECK(config_.flavor == RuntimeFlavor::kCurrentThread,
             "Builder::build_local: only a current_thread runtime can belong to one thread; use "
             "Builder::new_current_thread()",
             where);
  internal::RuntimeConfig config = complete_config(where);
  config.owner_thread = internal::thread_number();
  Result<Runtime> made = as_runtime(internal::CurrentThread::create(std::move(config)), where);
  if (!made) return Err(made.error());
  return LocalRuntime(*std::move(made));
}

}  // namespace weft::runtime
