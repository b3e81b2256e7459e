// IoScript. See io_script.h.

#include <weft/testing/internal/io_script.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <mutex>

#include <weft/base/check.h>
#include <weft/testing/failure.h>

namespace weft::test::internal {

namespace {

using Kind = IoAction::Kind;

// Bytes as a failure shows them, the first of them if there are many.
std::string quoted(std::span<const std::byte> bytes) {
  constexpr std::size_t kShown = 64;
  std::string text = "\"";
  for (const std::byte byte : bytes.first(std::min(bytes.size(), kShown))) {
    const auto value = std::to_integer<unsigned>(byte);
    if (value >= 0x20 && value < 0x7f && value != '"' && value != '\\') {
      text += static_cast<char>(value);
    } else {
      std::array<char, 5> escape{};
      std::snprintf(escape.data(), escape.size(), "\\x%02x", value);
      text += escape.data();
    }
  }
  text += bytes.size() > kShown ? "\"..." : "\"";
  return text;
}

// Made before the lock is taken, so that it wakes after the lock was released.
struct WakeAtEnd {
  WakeAtEnd() = default;
  WakeAtEnd(const WakeAtEnd&) = delete;
  WakeAtEnd& operator=(const WakeAtEnd&) = delete;
  ~WakeAtEnd() {
    for (Waker& waker : wakers) std::move(waker).wake();
  }
  std::array<Waker, 2> wakers;
};

}  // namespace

IoAction IoAction::bytes_of(Kind kind, std::span<const std::byte> bytes) {
  IoAction action{};
  action.kind = kind;
  action.bytes.assign(bytes.begin(), bytes.end());
  return action;
}

IoAction IoAction::error_of(Kind kind, Error error) {
  IoAction action{};
  action.kind = kind;
  action.error = error;
  return action;
}

IoAction IoAction::wait_of(std::chrono::nanoseconds duration, std::source_location where) {
  WEFT_CHECK(duration >= std::chrono::milliseconds(1),
             "test::IoMockBuilder::wait: less than a millisecond, which timers cannot tell apart",
             where);
  IoAction action{};
  action.kind = Kind::kWait;
  action.duration = duration;
  return action;
}

std::vector<std::byte> IoAction::take(std::size_t size) {
  const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(size);
  std::vector<std::byte> taken(bytes.begin(), end);
  bytes.erase(bytes.begin(), end);
  return taken;
}

bool IoAction::is_nothing() const noexcept {
  return (kind == Kind::kRead || kind == Kind::kWrite) && bytes.empty();
}

IoScript::IoScript(std::vector<IoAction> actions, std::string name, bool has_handle,
                   std::source_location where)
    : name_(std::move(name)),
      where_(where),
      actions_(std::make_move_iterator(actions.begin()), std::make_move_iterator(actions.end())),
      has_handle_(has_handle) {
  std::erase_if(actions_, [](const IoAction& action) { return action.is_nothing(); });
}

IoScript::Step IoScript::read(Context& cx, io::ReadBuf& buf, Result<void>& result) {
  WakeAtEnd to_wake;
  const std::lock_guard lock(mutex_);
  result = Result<void>();
  if (buf.remaining() == 0) return Step::kDone;
  if (actions_.empty()) return has_handle_ ? park(reader_, cx) : Step::kDone;
  IoAction& action = actions_.front();
  switch (action.kind) {
    case Kind::kRead: {
      const std::size_t size = std::min(buf.remaining(), action.bytes.size());
      buf.put_slice(action.take(size));
      if (!action.bytes.empty()) return Step::kDone;
      break;
    }
    case Kind::kReadError:
      result = Err(action.error);
      break;
    case Kind::kWait:
      return begin_wait(reader_, cx);
    case Kind::kWrite:
    case Kind::kWriteError:
      return park(reader_, cx);
  }
  to_wake.wakers = finish_first();
  return Step::kDone;
}

IoScript::Step IoScript::write(Context& cx, std::span<const std::byte> data,
                               Result<std::size_t>& result) {
  WakeAtEnd to_wake;
  std::string failure;
  {
    const std::lock_guard lock(mutex_);
    result = std::size_t{0};
    if (data.empty()) return Step::kDone;
    if (actions_.empty()) {
      result = Err(std::errc::broken_pipe);
      if (has_handle_) return Step::kDone;
      failure = prefix() + "the script is over, and " + quoted(data) + " is written";
    } else if (actions_.front().kind == Kind::kWait) {
      return begin_wait(writer_, cx);
    } else if (actions_.front().kind == Kind::kWriteError) {
      result = Err(actions_.front().error);
      to_wake.wakers = finish_first();
      return Step::kDone;
    } else {
      result = match(data, failure);
      if (failure.empty() && *result == 0) return park(writer_, cx);
      to_wake.wakers = take_wakers();
    }
  }
  if (!failure.empty()) report_failure(failure, where_);
  return Step::kDone;
}

// Compares `data` with the writes up to the next wait or error, and takes from both what is equal.
// Says what differs in `failure`.
Result<std::size_t> IoScript::match(std::span<const std::byte> data, std::string& failure) {
  std::size_t written = 0;
  for (std::size_t i = 0; i < actions_.size() && !data.empty(); ++i) {
    IoAction& action = actions_[i];
    if (action.kind == Kind::kRead) continue;
    if (action.kind != Kind::kWrite) break;
    const std::size_t size = std::min(data.size(), action.bytes.size());
    if (!std::ranges::equal(data.first(size), std::span(action.bytes).first(size))) {
      failure = prefix() + "action " + std::to_string(played_ + i) + ": " +
                quoted(data.first(size)) + " is written, expected " + quoted(action.bytes);
      return Err(Errc::other);
    }
    static_cast<void>(action.take(size));
    data = data.subspan(size);
    written += size;
  }
  drop_finished_writes();
  return written;
}

// Writes may be over before reads that stand in front of them.
void IoScript::drop_finished_writes() {
  const auto is_over = [](const IoAction& action) {
    return action.kind == Kind::kWrite && action.bytes.empty();
  };
  played_ += std::erase_if(actions_, is_over);
}

time::Instant IoScript::wait_end() const {
  const std::lock_guard lock(mutex_);
  return wait_end_.value_or(time::Instant());
}

void IoScript::end_wait(time::Instant end, Context& cx) {
  WakeAtEnd to_wake;
  const std::lock_guard lock(mutex_);
  // The other side may have ended it.
  if (wait_end_ != end) return;
  wait_end_.reset();
  to_wake.wakers = finish_first();
  for (Waker& waker : to_wake.wakers) {
    if (waker.will_wake(cx.waker())) waker = Waker();  // it goes on without
  }
}

void IoScript::append(IoAction action) {
  WakeAtEnd to_wake;
  const std::lock_guard lock(mutex_);
  if (action.is_nothing()) return;
  actions_.push_back(std::move(action));
  to_wake.wakers = take_wakers();
}

void IoScript::close() {
  WakeAtEnd to_wake;
  const std::lock_guard lock(mutex_);
  has_handle_ = false;
  to_wake.wakers = take_wakers();
}

void IoScript::check_all_used() const {
  std::string failure;
  {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < actions_.size(); ++i) {
      const IoAction& action = actions_[i];
      if (action.bytes.empty()) continue;
      failure = prefix() + "destroyed, and action " + std::to_string(played_ + i) +
                " is left: " + quoted(action.bytes) + " to be " +
                (action.kind == Kind::kRead ? "read" : "written");
      break;
    }
  }
  if (!failure.empty()) report_failure(failure, where_);
}

IoScript::Step IoScript::park(Waker& slot, Context& cx) {
  // The old one is dropped under the lock: it is a test's, and calls nobody back.
  if (!slot.will_wake(cx.waker())) slot = cx.clone_waker();
  return Step::kPending;
}

// The waker is kept besides, because the sleep has room for one: the other side's, perhaps.
IoScript::Step IoScript::begin_wait(Waker& slot, Context& cx) {
  static_cast<void>(park(slot, cx));
  if (!wait_end_) {
    wait_end_ = time::checked_add(time::Clock::now(), actions_.front().duration)
                    .value_or(time::Instant::max());
  }
  return Step::kWait;
}

// The script goes on: whoever waits looks again.
IoScript::Wakers IoScript::finish_first() {
  actions_.pop_front();
  ++played_;
  return take_wakers();
}

std::string IoScript::prefix() const {
  return name_.empty() ? "test::IoMock: " : "test::IoMock \"" + name_ + "\": ";
}

}  // namespace weft::test::internal
