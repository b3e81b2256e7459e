// The leaves of read_exact and write_all: operations repeated until everything has been moved.
//
// Spec: io.md sections 2 and 3 (read_exact, write_all), section 5 (not cancel safe).
//
// One leaf for the whole transfer instead of a coroutine around single reads: it allocates nothing,
// and can be a branch of a select. What had been moved before it was destroyed stays moved, and
// nobody is told how much that was.

#ifndef WEFT_NET_INTERNAL_TRANSFER_ALL_H_
#define WEFT_NET_INTERNAL_TRANSFER_ALL_H_

#include <cstddef>
#include <optional>
#include <span>

#include <weft/base/result.h>
#include <weft/runtime/context.h>
#include <weft/runtime/driver/io_record.h>
#include <weft/runtime/driver/io_wait.h>
#include <weft/runtime/driver/ready.h>
#include <weft/runtime/leaf.h>
#include <weft/runtime/wait_report.h>

namespace weft::net::internal {

// Moves all of `rest`, by one operation after the other, each made from what is left. False: it has
// to wait. True: that is done, or `result` says what went wrong; `nothing_moved` if one moved none.
template <class Op, class Byte, class T>
bool move_all(weft::internal::IoCall& call, Context& cx, std::span<Byte>& rest, Errc nothing_moved,
              Result<T>& result) noexcept {
  while (!rest.empty()) {
    Op op(rest);
    const std::optional<Result<std::size_t>> moved = call.poll(cx, op);
    if (!moved) return false;
    if (!*moved) {
      result = Err(moved->error());
      return true;
    }
    if (**moved == 0) {
      result = Err(nothing_moved);
      return true;
    }
    rest = rest.subspan(**moved);
  }
  return true;
}

template <class Op>
class ReadExactNode : public Leaf {
 public:
  ReadExactNode(weft::internal::IoRecord& record, std::span<std::byte> room) noexcept
      : call_(record), rest_(room), result_(room.size()) {}

  bool poll(Context& cx) noexcept {
    return move_all<Op>(call_, cx, rest_, Errc::unexpected_eof, result_);
  }
  Result<std::size_t> take() noexcept { return result_; }
  void describe(WaitReport& report) noexcept {
    weft::internal::describe_io(report, call_.record(), runtime::Ready::kReadable);
  }

  static constexpr const char* kWaitingOn = "read_exact";

 private:
  weft::internal::IoCall call_;
  std::span<std::byte> rest_;
  Result<std::size_t> result_;
};

template <class Op>
class WriteAllNode : public Leaf {
 public:
  WriteAllNode(weft::internal::IoRecord& record, std::span<const std::byte> data) noexcept
      : call_(record), rest_(data) {}

  bool poll(Context& cx) noexcept {
    return move_all<Op>(call_, cx, rest_, Errc::write_zero, result_);
  }
  Result<void> take() noexcept { return result_; }
  void describe(WaitReport& report) noexcept {
    weft::internal::describe_io(report, call_.record(), runtime::Ready::kWritable);
  }

  static constexpr const char* kWaitingOn = "write_all";

 private:
  weft::internal::IoCall call_;
  std::span<const std::byte> rest_;
  Result<void> result_;
};

template <class Op>
using ReadExact = weft::internal::IoOperationAwaitable<ReadExactNode<Op>, std::span<std::byte>>;
template <class Op>
using WriteAll = weft::internal::IoOperationAwaitable<WriteAllNode<Op>, std::span<const std::byte>>;

}  // namespace weft::net::internal

#endif  // WEFT_NET_INTERNAL_TRANSFER_ALL_H_
