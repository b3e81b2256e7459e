// Streams for tests: a reader and a writer that follow a script, a file in memory, and how to look
// at bytes.
//
// Each step of a script is one call: bytes (of a writer: how many it takes), an error, or
// "pending", which wakes the task at once.

#ifndef WEFT_TESTS_UNIT_IO_IO_SUPPORT_H_
#define WEFT_TESTS_UNIT_IO_IO_SUPPORT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <weft/base/result.h>
#include <weft/io/io.h>
#include <weft/testing/testing.h>

namespace weft::io {

inline std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}
inline std::string text(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}
inline std::vector<std::byte> vector_of(std::string_view from) {
  return {bytes(from).begin(), bytes(from).end()};
}

// Polls `operation` until it is ready, at each wake-up, and yields its value.
template <class A>
auto finish(A&& operation) {
  auto task = test::spawn(std::forward<A>(operation));
  return test::assert_ready(task.poll_until_idle());
}
// Polls `operation` once, expects it to wait, and destroys it: as a task does that is cancelled.
template <class A>
void cancel_after_one_poll(A&& operation) {
  auto task = test::spawn(std::forward<A>(operation));
  test::assert_pending(task.poll());
}

struct WaitOnce {};
using ReadStep = std::variant<std::string, WaitOnce, Error>;

// At the end of the script it is at its end.
class ScriptReader : public ReadMembers<ScriptReader> {
 public:
  ScriptReader(std::initializer_list<ReadStep> steps) : steps_(steps) {}
  explicit ScriptReader(std::string_view all) : steps_{std::string(all)} {}

  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) {
    ++calls;
    if (steps_.empty()) return Result<void>();
    if (std::holds_alternative<WaitOnce>(steps_.front())) {
      steps_.pop_front();
      cx.waker().wake();
      return kPending;
    }
    if (const Error* const error = std::get_if<Error>(&steps_.front())) {
      const Error copy = *error;
      steps_.pop_front();
      return Err(copy);
    }
    std::string& front = std::get<std::string>(steps_.front());
    const std::size_t size = std::min(front.size(), buf.remaining());
    buf.put_slice(bytes(front).first(size));
    front.erase(0, size);
    if (front.empty()) steps_.pop_front();
    return Result<void>();
  }

  int calls = 0;

 private:
  std::deque<ReadStep> steps_;
};

using WriteStep = std::variant<std::size_t, WaitOnce, Error>;

// At the end of the script it takes everything.
class ScriptWriter : public WriteMembers<ScriptWriter> {
 public:
  ScriptWriter() = default;
  ScriptWriter(std::initializer_list<WriteStep> steps) : steps_(steps) {}

  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) {
    ++calls;
    std::size_t most = data.size();
    if (!steps_.empty()) {
      const WriteStep step = steps_.front();
      steps_.pop_front();
      if (std::holds_alternative<WaitOnce>(step)) {
        cx.waker().wake();
        return kPending;
      }
      if (const Error* const error = std::get_if<Error>(&step)) return Err(*error);
      most = std::min(most, std::get<std::size_t>(step));
    }
    writes.push_back(text(data.first(most)));
    return Result<std::size_t>(most);
  }
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx, std::span<const IoSlice> slices) {
    if (!vectored) {
      for (const IoSlice& slice : slices) {
        if (slice.size() > 0) return poll_write(cx, slice.bytes());
      }
      return poll_write(cx, {});
    }
    std::string all;
    for (const IoSlice& slice : slices) all += text(slice.bytes());
    most_slices = std::max(most_slices, slices.size());
    return poll_write(cx, bytes(all));
  }
  bool is_write_vectored() const { return vectored; }
  Poll<Result<void>> poll_flush(Context&) {
    ++flushes;
    return Result<void>();
  }
  Poll<Result<void>> poll_shutdown(Context&) {
    ++shutdowns;
    return Result<void>();
  }

  // All that was taken.
  std::string written() const {
    std::string all;
    for (const std::string& write : writes) all += write;
    return all;
  }

  std::vector<std::string> writes;
  int calls = 0;
  int flushes = 0;
  int shutdowns = 0;
  std::size_t most_slices = 0;
  bool vectored = false;

 private:
  std::deque<WriteStep> steps_;
};

// A file in memory that may be told to keep every other poll waiting.
class MemoryFile : public ReadMembers<MemoryFile>,
                   public WriteMembers<MemoryFile>,
                   public SeekMembers<MemoryFile> {
 public:
  explicit MemoryFile(std::string given = {}, bool is_slow = false)
      : content(std::move(given)), slow(is_slow) {}

  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) {
    if (must_wait(cx)) return kPending;
    const std::string_view rest =
        std::string_view(content).substr(std::min<std::size_t>(position, content.size()));
    const std::size_t size = std::min({rest.size(), buf.remaining(), most_at_once});
    reads.push_back(buf.remaining());
    buf.put_slice(bytes(rest.substr(0, size)));
    position += size;
    return Result<void>();
  }
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) {
    if (must_wait(cx)) return kPending;
    const std::size_t size = std::min(data.size(), most_at_once);
    if (content.size() < position + size) content.resize(position + size);
    std::copy_n(text(data).begin(), size, content.begin() + static_cast<std::ptrdiff_t>(position));
    position += size;
    return Result<std::size_t>(size);
  }
  Poll<Result<void>> poll_flush(Context& cx) {
    if (must_wait(cx)) return kPending;
    ++flushes;
    return Result<void>();
  }
  Poll<Result<void>> poll_shutdown(Context& cx) { return poll_flush(cx); }

  Result<void> start_seek(SeekFrom where) {
    seeks.push_back(where);
    std::int64_t target = where.offset();
    if (where.origin() == SeekFrom::Origin::kCurrent) target += static_cast<std::int64_t>(position);
    if (where.origin() == SeekFrom::Origin::kEnd) {
      target += static_cast<std::int64_t>(content.size());
    }
    if (target < 0) return Err(std::errc::invalid_argument);
    position = static_cast<std::size_t>(target);
    return {};
  }
  Poll<Result<std::uint64_t>> poll_complete(Context& cx) {
    if (must_wait(cx)) return kPending;
    return Result<std::uint64_t>(position);
  }

  std::string content;
  std::size_t position = 0;
  std::size_t most_at_once = SIZE_MAX;
  std::vector<std::size_t> reads;  // how much room each had
  std::vector<SeekFrom> seeks;
  int flushes = 0;
  bool slow = false;

 private:
  bool must_wait(Context& cx) {
    if (!slow) return false;
    waited_ = !waited_;
    if (waited_) cx.waker().wake();
    return waited_;
  }

  bool waited_ = false;
};

}  // namespace weft::io

#endif  // WEFT_TESTS_UNIT_IO_IO_SUPPORT_H_
