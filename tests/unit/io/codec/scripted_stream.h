// ScriptedStream: a stream that gives and takes what a test has written down, call by call.
//
// Without a runtime, and with what a real stream seldom does: to be pending between any two bytes,
// to go on after its end, to fail once.

#ifndef WEFT_TESTS_UNIT_IO_CODEC_SCRIPTED_STREAM_H_
#define WEFT_TESTS_UNIT_IO_CODEC_SCRIPTED_STREAM_H_

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <gtest/gtest.h>

#include <tests/support/mock_task.h>
#include <tests/unit/io/bytes_support.h>
#include <weft/base/result.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io::test_support {

using weft::test_support::MockTask;
using weft::test_support::Polled;

struct Pending {};
struct End {};

class ScriptedStream {
 public:
  // One read: bytes, "not yet", nothing, or an error. After the last one it is at its end.
  ScriptedStream& reads(std::string text) { return push(reads_, std::move(text)); }
  ScriptedStream& reads(Pending) { return push(reads_, Pending()); }
  ScriptedStream& reads(End) { return push(reads_, End()); }
  ScriptedStream& reads(Error error) { return push(reads_, error); }
  // One write: takes so many bytes at most, or none yet, or fails. After the last one it takes all.
  ScriptedStream& writes(std::size_t most) { return push(writes_, most); }
  ScriptedStream& writes(Pending) { return push(writes_, Pending()); }
  ScriptedStream& writes(Error error) { return push(writes_, error); }

  const std::string& written() const noexcept { return written_; }
  int read_calls() const noexcept { return read_calls_; }
  int write_calls() const noexcept { return write_calls_; }
  int flushes() const noexcept { return flushes_; }
  bool is_shut_down() const noexcept { return is_shut_down_; }

  Poll<Result<void>> poll_read(Context&, ReadBuf& buf) {
    ++read_calls_;
    if (reads_.empty()) return Result<void>();
    Step step = std::move(reads_.front());
    reads_.pop_front();
    if (std::holds_alternative<Pending>(step)) return kPending;
    if (const Error* error = std::get_if<Error>(&step)) return Result<void>(Err(*error));
    if (std::string* text = std::get_if<std::string>(&step)) {
      const std::size_t size = std::min(text->size(), buf.remaining());
      buf.put_slice(as_bytes(std::string_view(*text).substr(0, size)));
      if (size < text->size()) reads_.push_front(text->substr(size));
    }
    return Result<void>();
  }
  Poll<Result<std::size_t>> poll_write(Context&, std::span<const std::byte> data) {
    ++write_calls_;
    std::size_t most = data.size();
    if (!writes_.empty()) {
      const Step step = std::move(writes_.front());
      writes_.pop_front();
      if (std::holds_alternative<Pending>(step)) return kPending;
      if (const Error* error = std::get_if<Error>(&step)) return Err(*error);
      most = std::min(most, std::get<std::size_t>(step));
    }
    written_ += as_text(data.first(most));
    return Result<std::size_t>(most);
  }
  Poll<Result<void>> poll_flush(Context&) {
    ++flushes_;
    return Result<void>();
  }
  Poll<Result<void>> poll_shutdown(Context&) {
    is_shut_down_ = true;
    return Result<void>();
  }

 private:
  using Step = std::variant<Pending, End, Error, std::string, std::size_t>;
  template <class T>
  ScriptedStream& push(std::deque<Step>& steps, T step) {
    steps.emplace_back(std::move(step));
    return *this;
  }

  std::deque<Step> reads_;
  std::deque<Step> writes_;
  std::string written_;
  int read_calls_ = 0;
  int write_calls_ = 0;
  int flushes_ = 0;
  bool is_shut_down_ = false;
};

// What an awaitable yields that must be ready at once.
template <class A>
auto now(A&& awaitable) {
  MockTask task;
  Polled polled(std::forward<A>(awaitable));
  if (!polled.poll(task)) ADD_FAILURE() << "not ready";
  return polled.take();
}
// Whether it is pending.
template <class A>
bool waits(A&& awaitable) {
  MockTask task;
  Polled polled(std::forward<A>(awaitable));
  return !polled.poll(task);
}

// The next frame as text; "(end)", or the error's text in brackets.
template <class F>
std::string next_text(F& framed) {
  auto frame = now(framed.next());
  if (!frame) return "(end)";
  if (!*frame) return "(" + frame->error().to_string() + ")";
  return std::string(std::string_view((**frame).as_string_view()));
}

inline std::string in_brackets(Error error) { return "(" + error.to_string() + ")"; }

}  // namespace weft::io::test_support

#endif  // WEFT_TESTS_UNIT_IO_CODEC_SCRIPTED_STREAM_H_
