// Starting, joining and naming threads. Interface and design: thread.h.

#include <weft/loom/thread.h>

#ifndef WEFT_LOOM

#include <algorithm>
#include <climits>
#include <limits>
#include <unistd.h>

#include <weft/base/check.h>
#include <weft/base/sys.h>

namespace weft::loom {
namespace internal {
namespace {

// pthread_attr_t with its two ends. Nothing it is used for can fail in glibc: it allocates only for
// an affinity mask, and stack_bytes() returns sizes that are accepted.
class Attributes {
 public:
  explicit Attributes(std::size_t stack_bytes) noexcept {
    // SAFETY(syscall): no call into the kernel; fills in attributes_, destroyed once, below.
    WEFT_CHECK(::pthread_attr_init(&attributes_) == 0);
    if (stack_bytes == 0) return;
    // SAFETY(syscall): as above; attributes_ is initialised.
    WEFT_CHECK(::pthread_attr_setstacksize(&attributes_, stack_bytes) == 0);
  }
  ~Attributes() { ::pthread_attr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  const ::pthread_attr_t* get() const noexcept { return &attributes_; }

 private:
  ::pthread_attr_t attributes_;
};

// What the system accepts for a wish: at least its minimum, in whole pages.
std::size_t stack_bytes(std::size_t wanted) noexcept {
  if (wanted == 0) return 0;
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto least = static_cast<std::size_t>(PTHREAD_STACK_MIN);
  const std::size_t most = std::numeric_limits<std::size_t>::max() / page * page;
  const std::size_t bytes = std::max(wanted, least);
  return bytes > most - page ? most : (bytes + page - 1) / page * page;
}

// noexcept: an exception that leaves the function has nobody to go to, so the program ends here,
// while the stack still shows where it was thrown.
void* thread_main(void* argument) noexcept {
  // SAFETY(cast): spawn_thread() passed a ThreadBody*, as void*, and gave up its ownership of it.
  const std::unique_ptr<ThreadBody> body(static_cast<ThreadBody*>(argument));
  if (*body->name() != '\0') {
    // A name is for people with a debugger; a thread without one does its work as well.
    static_cast<void>(sys::pthread_setname_np(::pthread_self(), body->name()));
  }
  body->run();
  return nullptr;
}

}  // namespace

ThreadBody::ThreadBody(std::string_view name) noexcept { name.copy(name_, sizeof name_ - 1); }

Result<::pthread_t> spawn_thread(std::size_t stack_size, std::unique_ptr<ThreadBody> body) {
  const Attributes attributes(stack_bytes(stack_size));
  // Released first: once the thread exists, the body is its own and may be gone already.
  ThreadBody* const argument = body.release();
  Result<::pthread_t> thread = sys::pthread_create(attributes.get(), thread_main, argument);
  if (!thread) body.reset(argument);
  return thread;
}

}  // namespace internal

Thread& Thread::operator=(Thread&& other) noexcept {
  WEFT_CHECK(!joinable_,
             "loom::Thread: assigned to while its thread is neither joined nor detached");
  handle_ = other.handle_;
  joinable_ = std::exchange(other.joinable_, false);
  return *this;
}

Thread::~Thread() {
  WEFT_CHECK(!joinable_, "loom::Thread: destroyed while its thread is neither joined nor detached");
}

void Thread::join(std::source_location where) {
  WEFT_CHECK(joinable_, "loom::Thread::join: there is no thread to join", where);
  joinable_ = false;
  const Result<void> joined = sys::pthread_join(handle_);
  WEFT_CHECK(joined, "loom::Thread::join: a thread cannot join itself", where);
}

void Thread::detach(std::source_location where) {
  WEFT_CHECK(joinable_, "loom::Thread::detach: there is no thread to detach", where);
  joinable_ = false;
  const Result<void> detached = sys::pthread_detach(handle_);
  WEFT_DCHECK(detached, "loom::Thread::detach: the handle is stale");
}

void yield_thread() noexcept { sys::sched_yield(); }

}  // namespace weft::loom

#endif  // WEFT_LOOM
