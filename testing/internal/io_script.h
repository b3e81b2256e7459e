// IoScript: the script of an IoMock, which its handle may add to meanwhile.
//
// Spec: TE-3.
//
// One mutex guards all of it. The reader's and the writer's task may be two: each leaves its waker
// when it has to wait for something else than time, and whoever gets on in the script wakes the
// other, because its turn may have come.

#ifndef WEFT_TESTING_INTERNAL_IO_SCRIPT_H_
#define WEFT_TESTING_INTERNAL_IO_SCRIPT_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <source_location>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <weft/base/error.h>
#include <weft/base/result.h>
#include <weft/io/read_buf.h>
#include <weft/loom/mutex.h>
#include <weft/runtime/context.h>
#include <weft/runtime/waker.h>
#include <weft/time/instant.h>

namespace weft::test::internal {

struct IoAction {
  enum class Kind : std::uint8_t { kRead, kWrite, kReadError, kWriteError, kWait };

  static IoAction bytes_of(Kind kind, std::span<const std::byte> bytes);
  static IoAction error_of(Kind kind, Error error);
  static IoAction wait_of(std::chrono::nanoseconds duration, std::source_location where);

  // The first bytes, which are then gone.
  std::vector<std::byte> take(std::size_t size);
  // No bytes to be read or written.
  bool is_nothing() const noexcept;

  Kind kind = Kind::kRead;
  std::vector<std::byte> bytes;  // kRead, kWrite: what is left of them
  Error error{std::errc::io_error};
  std::chrono::nanoseconds duration{0};
};

// Thread-safe.
class IoScript {
 public:
  // What a read or write found.
  enum class Step : std::uint8_t {
    kDone,
    kPending,  // the waker is kept
    kWait,     // until `wait_end`; ask again then
  };

  IoScript(std::vector<IoAction> actions, std::string name, bool has_handle,
           std::source_location where);
  IoScript(const IoScript&) = delete;
  IoScript& operator=(const IoScript&) = delete;

  Step read(Context& cx, io::ReadBuf& buf, Result<void>& result);
  Step write(Context& cx, std::span<const std::byte> data, Result<std::size_t>& result);
  // When the wait ends that the last step answered with.
  time::Instant wait_end() const;
  // A wait's time is up: both sides go on, that of `cx` without being woken.
  void end_wait(time::Instant end, Context& cx);

  // The handle's.
  void append(IoAction action);
  void close();

  // The mock is destroyed: reports what it should have read or written.
  void check_all_used() const;

 private:
  using Wakers = std::array<Waker, 2>;

  // All with mutex_ held.
  Step park(Waker& slot, Context& cx);
  Step begin_wait(Waker& slot, Context& cx);
  Result<std::size_t> match(std::span<const std::byte> data, std::string& failure);
  void drop_finished_writes();
  Wakers finish_first();
  Wakers take_wakers() { return Wakers{std::exchange(reader_, {}), std::exchange(writer_, {})}; }

  std::string prefix() const;

  const std::string name_;
  const std::source_location where_;

  mutable loom::Mutex mutex_;
  // The rest is guarded by mutex_.
  std::deque<IoAction> actions_;
  std::size_t played_ = 0;                 // how many actions are over
  std::optional<time::Instant> wait_end_;  // of the wait that is first, once it has begun
  bool has_handle_;
  Waker reader_;
  Waker writer_;
};

}  // namespace weft::test::internal

#endif  // WEFT_TESTING_INTERNAL_IO_SCRIPT_H_
