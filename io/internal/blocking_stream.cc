// Reading and writing on the blocking pool. Interface: blocking_stream.h.

#include <weft/io/internal/blocking_stream.h>

#include <algorithm>
#include <cstring>
#include <poll.h>
#include <utility>

#include <weft/base/sys.h>
#include <weft/runtime/scheduler/thread_context.h>
#include <weft/runtime/task/blocking_task.h>

namespace weft::io::internal {
namespace {

// Somebody who shares the terminal may have made it non-blocking: then this is where it blocks. A
// failed wait shows in the call that is made next.
void wait_for(int fd, short events) noexcept {
  ::pollfd waiting{fd, events, 0};
  static_cast<void>(sys::poll(std::span(&waiting, 1), -1));
}

Result<std::size_t> read_blocking(int fd, CallBuffer& buffer) {
  for (;;) {
    const Result<std::size_t> read =
        sys::read(BorrowedFd(fd), std::span(buffer.memory.get(), buffer.capacity));
    if (read) buffer.end = *read;
    if (read || read.error() != std::errc::operation_would_block) return read;
    wait_for(fd, POLLIN);
  }
}

// All of it.
Result<std::size_t> write_blocking(int fd, CallBuffer& buffer) {
  std::span<const std::byte> rest = buffer.held();
  const std::size_t size = rest.size();
  while (!rest.empty()) {
    const Result<std::size_t> written = sys::write(BorrowedFd(fd), rest);
    if (written && *written == 0) return Err(Errc::write_zero);
    if (written) {
      rest = rest.subspan(*written);
    } else if (written.error() == std::errc::operation_would_block) {
      wait_for(fd, POLLOUT);
    } else {
      return written;
    }
  }
  return size;
}

}  // namespace

void CallBuffer::reserve(std::size_t size) {
  begin = end = 0;
  if (capacity >= size) return;
  memory = std::make_unique_for_overwrite<std::byte[]>(size);
  capacity = size;
}

Result<void> BlockingCall::start(Result<std::size_t> (*call)(int fd, CallBuffer& buffer),
                                 BorrowedFd fd, CallBuffer buffer, std::source_location where) {
  weft::internal::Scheduler& scheduler =
      weft::internal::require_scheduler("an operation on a standard stream", where);
  auto run = [call, fd, held = std::move(buffer)]() mutable {
    Result<std::size_t> result = call(fd.raw(), held);
    return CallOutcome{std::move(held), result};
  };
  auto spawned =
      weft::internal::try_spawn_blocking_on(scheduler, where, "standard stream", std::move(run));
  if (!spawned) return Err(spawned.error());
  running_ = std::make_unique<Running>(*std::move(spawned));
  return {};
}

std::optional<CallOutcome> BlockingCall::poll(Context& cx) {
  if (!running_->poll(cx)) return std::nullopt;
  JoinResult<CallOutcome> joined = running_->take();
  running_.reset();
  if (!joined) return CallOutcome{CallBuffer(), Err(Errc::runtime_shutdown)};
  return *std::move(joined);
}

Poll<Result<void>> BlockingReader::poll_read(Context& cx, ReadBuf& buf) {
  if (buf.remaining() == 0) return Result<void>();
  if (buffer_.held().empty()) {
    if (!call_.is_running()) {
      buffer_.reserve(std::min(buf.remaining(), kMostAtOnce));
      const Result<void> started = call_.start(read_blocking, fd_, std::move(buffer_), where_);
      buffer_ = CallBuffer();
      if (!started) return Err(started.error());
    }
    std::optional<CallOutcome> outcome = call_.poll(cx);
    if (!outcome) return kPending;
    buffer_ = std::move(outcome->buffer);
    if (!outcome->result) return Err(outcome->result.error());
  }
  const std::span<const std::byte> held = buffer_.held();
  const std::size_t size = std::min(held.size(), buf.remaining());
  buf.put_slice(held.first(size));
  buffer_.begin += size;
  return Result<void>();
}

Poll<Result<std::size_t>> BlockingWriter::poll_write(Context& cx, std::span<const std::byte> data) {
  const Poll<Result<void>> earlier = poll_flush(cx);
  if (earlier.is_pending()) return kPending;
  if (!*earlier) return Err(earlier->error());
  if (data.empty()) return Result<std::size_t>(0);
  const std::size_t size = std::min(data.size(), kMostAtOnce);
  buffer_.reserve(size);
  std::memcpy(buffer_.memory.get(), data.data(), size);
  buffer_.end = size;
  const Result<void> started = call_.start(write_blocking, fd_, std::move(buffer_), where_);
  buffer_ = CallBuffer();
  if (!started) return Err(started.error());
  return Result<std::size_t>(size);
}

Poll<Result<void>> BlockingWriter::poll_flush(Context& cx) {
  if (!call_.is_running()) return Result<void>();
  std::optional<CallOutcome> outcome = call_.poll(cx);
  if (!outcome) return kPending;
  buffer_ = std::move(outcome->buffer);
  return outcome->result.transform([](std::size_t) {});
}

}  // namespace weft::io::internal
