#include <weft/task/local_set.h>

#include <weft/runtime/scheduler/scheduler.h>

namespace weft {
namespace internal {

bool LocalSetNode::poll(Context& cx) noexcept {
  set_.check_may_drive(where_);
  const LocalScope scope(set_, LocalScope::Kind::kRuns);
  set_.register_driver(cx);
  set_.run_turn(where_);
  return !set_.has_tasks();
}

}  // namespace internal

LocalSet::LocalSet(Where where)
    : set_(make_ref<internal::LocalScheduler>(where)),
      id_(internal::next_runtime_id()),
      made_at_(where) {}

LocalSet::~LocalSet() { set_->shut_down(); }

LocalSet::EnterGuard LocalSet::enter(Where where) {
  set_->check_owner(where);
  return EnterGuard(*set_);
}

LocalSet& LocalSet::unhandled_exception(runtime::UnhandledException policy, Where where) {
  set_->set_policy(policy, where);
  return *this;
}

}  // namespace weft
