// IoMock: a byte stream that plays a script.
//
// Spec: TE-3; io.md B-1, B-2 for what it models.
//
// The script says, in order, what is read from it, what has to be written to it, when it fails and
// when it takes its time. Code that reads and writes is tested so without a socket, at every border
// of its messages:
//
//   TEST(Greet, AnswersUntilTheConnectionBreaks) {
//     test::PausedRuntime runtime;
//     auto stream = test::IoMockBuilder()
//                       .read("HELO a\r\n")
//                       .write("250 ok\r\n")
//                       .wait(5s)
//                       .read_error(std::errc::connection_reset)
//                       .build();
//     EXPECT_EQ(runtime.block_on(greet(std::move(stream))), std::errc::connection_reset);
//   }
//
// Reading    yields the bytes of the script, fewer if the buffer is smaller, never those of two
//            actions at once; is pending while a write or a wait comes first; is at the end of the
//            stream when the script is over, or pending as long as there is a handle.
// Writing    is compared with the script; what one call writes may run over several write actions,
//            up to a wait or an error. It does not wait for reads that come before it.
// Waiting    takes the time of the current runtime, from when a read or write has come there.
//
// A write that differs from the script is a failure (failure.h), and so are what was not read and
// not written when the mock is destroyed (waits and errors may be left), unless an exception is on
// its way. A write when the script is over fails with broken_pipe as long as there is a handle, and
// is a failure of the test without.

#ifndef WEFT_TESTING_IO_MOCK_H_
#define WEFT_TESTING_IO_MOCK_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <weft/base/error.h>
#include <weft/base/result.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>
#include <weft/time/sleep.h>

namespace weft::test {

namespace internal {
class IoScript;
struct IoAction;
}  // namespace internal

class IoMockHandle;

// The stream: io::AsyncRead and io::AsyncWrite. Polled by one thread at a time. Movable until it
// has waited; moved from, it can only be destroyed.
class IoMock {
 public:
  IoMock(IoMock&&) noexcept;
  IoMock& operator=(IoMock&&) = delete;
  ~IoMock();

  Poll<Result<void>> poll_read(Context& cx, io::ReadBuf& buf);
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data);
  // Both do nothing.
  Poll<Result<void>> poll_flush(Context&) { return Result<void>(); }
  Poll<Result<void>> poll_shutdown(Context&) { return Result<void>(); }

 private:
  friend class IoMockBuilder;
  explicit IoMock(std::shared_ptr<internal::IoScript> script) noexcept;

  bool wait_is_over(Context& cx);

  std::shared_ptr<internal::IoScript> script_;
  std::optional<time::Sleep> sleep_;  // of the wait that the script is at
};

// Adds to the script while it is played. Thread-safe. Its destruction is the end of the script.
class IoMockHandle {
 public:
  IoMockHandle(IoMockHandle&&) noexcept = default;
  IoMockHandle& operator=(IoMockHandle&&) = delete;
  ~IoMockHandle();

  // As those of IoMockBuilder.
  IoMockHandle& read(std::span<const std::byte> bytes);
  IoMockHandle& read(std::string_view text);
  IoMockHandle& write(std::span<const std::byte> bytes);
  IoMockHandle& write(std::string_view text);
  IoMockHandle& read_error(Error error);
  IoMockHandle& write_error(Error error);
  IoMockHandle& wait(std::chrono::nanoseconds duration,
                     std::source_location where = std::source_location::current());

 private:
  friend class IoMockBuilder;
  explicit IoMockHandle(std::shared_ptr<internal::IoScript> script) noexcept
      : script_(std::move(script)) {}

  std::shared_ptr<internal::IoScript> script_;
};

// Writes the script.
class IoMockBuilder {
 public:
  IoMockBuilder();
  IoMockBuilder(IoMockBuilder&&) noexcept;
  ~IoMockBuilder();

  // The next bytes to be read; to be written.
  IoMockBuilder& read(std::span<const std::byte> bytes);
  IoMockBuilder& read(std::string_view text);
  IoMockBuilder& write(std::span<const std::byte> bytes);
  IoMockBuilder& write(std::string_view text);
  // The next read, or write, fails once.
  IoMockBuilder& read_error(Error error);
  IoMockBuilder& write_error(Error error);
  // Nothing happens for so long. Fatal at `where` if it is less than a millisecond.
  IoMockBuilder& wait(std::chrono::nanoseconds duration,
                      std::source_location where = std::source_location::current());
  // What failures call it.
  IoMockBuilder& name(std::string name);

  // The stream; failures name `where`. Uses the builder up.
  IoMock build(std::source_location where = std::source_location::current());
  std::pair<IoMock, IoMockHandle> build_with_handle(
      std::source_location where = std::source_location::current());

 private:
  std::shared_ptr<internal::IoScript> script(bool has_handle, std::source_location where);

  std::vector<internal::IoAction> actions_;
  std::string name_;
};

}  // namespace weft::test

#endif  // WEFT_TESTING_IO_MOCK_H_
