// What a Task cannot await. R-182: awaitables of other libraries are awaited through
// from_awaitable.

#include <weft/runtime/from_awaitable.h>

#include <coroutine>

#include <weft/runtime/join.h>
#include <weft/runtime/task.h>

namespace {

struct Awaiter {
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<>) const noexcept {}
  void await_resume() const noexcept {}
};
struct GenericAwaiter : Awaiter {
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise>) const noexcept {
    return true;
  }
};
struct WithMember {
  Awaiter operator co_await() const noexcept { return {}; }
};
struct Generic {
  GenericAwaiter operator co_await() const noexcept { return {}; }
};
struct WithFree {};
[[maybe_unused]] Awaiter operator co_await(const WithFree&) noexcept { return {}; }

}  // namespace

weft::Task<> nothing() { co_return; }

weft::Task<> program() {
  co_await weft::from_awaitable(WithMember());
  co_await weft::from_awaitable(Generic());
  co_await weft::from_awaitable(WithFree());
  co_await weft::from_awaitable(Awaiter());
  co_await nothing();
// expect member: this cannot be awaited in a Task; put an awaitable of another library into
// weft::from_awaitable()
#if defined(CASE_member)
  co_await WithMember();
#endif
// expect generic: this cannot be awaited in a Task; put an awaitable of another library into
// weft::from_awaitable()
#if defined(CASE_generic)
  co_await Generic();
#endif
// expect free: this cannot be awaited in a Task; put an awaitable of another library into
// weft::from_awaitable()
#if defined(CASE_free)
  co_await WithFree();
#endif
// expect awaiter: this cannot be awaited in a Task; put an awaitable of another library into
// weft::from_awaitable()
#if defined(CASE_awaiter)
  co_await Awaiter();
#endif
// expect in_join: this argument is not awaitable; put an awaitable of another library into
// weft::from_awaitable()
#if defined(CASE_in_join)
  co_await weft::join(nothing(), WithMember());
#endif
// expect number: this cannot be awaited in a Task
#if defined(CASE_number)
  co_await 1;
#endif
}
