// AnyRead, AnyWrite: a reader or writer whose type is not known before run time.
//
// Spec: io.md B-4; api.md "I/O" (any_read, any_write).
//
//   io::AnyRead open_source(bool is_empty) {
//     if (is_empty) return io::any_read(io::empty());
//     return io::any_read(io::take(io::repeat(std::byte{'x'}), 3));
//   }

#ifndef WEFT_IO_ANY_STREAM_H_
#define WEFT_IO_ANY_STREAM_H_

#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <weft/base/result.h>
#include <weft/io/concepts.h>
#include <weft/io/io_slice.h>
#include <weft/io/members.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/context.h>
#include <weft/runtime/poll.h>

namespace weft::io {
namespace internal {

class ReadInterface {
 public:
  virtual ~ReadInterface() = default;
  virtual Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) = 0;
};

template <class R>
class ReadAdapter final : public ReadInterface {
 public:
  explicit ReadAdapter(R&& reader) : reader_(std::forward<R>(reader)) {}
  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) override {
    return model(reader_).poll_read(cx, buf);
  }

 private:
  R reader_;
};

class WriteInterface {
 public:
  virtual ~WriteInterface() = default;
  virtual Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) = 0;
  virtual Poll<Result<std::size_t>> poll_write_vectored(Context& cx,
                                                        std::span<const IoSlice> slices) = 0;
  virtual bool is_write_vectored() = 0;
  virtual Poll<Result<void>> poll_flush(Context& cx) = 0;
  virtual Poll<Result<void>> poll_shutdown(Context& cx) = 0;
};

template <class W>
class WriteAdapter final : public WriteInterface {
 public:
  explicit WriteAdapter(W&& writer) : writer_(std::forward<W>(writer)) {}
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) override {
    return model(writer_).poll_write(cx, data);
  }
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx,
                                                std::span<const IoSlice> slices) override {
    return internal::poll_write_vectored(writer_, cx, slices);
  }
  bool is_write_vectored() override { return internal::is_write_vectored(writer_); }
  Poll<Result<void>> poll_flush(Context& cx) override { return model(writer_).poll_flush(cx); }
  Poll<Result<void>> poll_shutdown(Context& cx) override {
    return model(writer_).poll_shutdown(cx);
  }

 private:
  W writer_;
};

}  // namespace internal

// An AsyncRead. Movable; moved from it can only be destroyed or assigned to.
class AnyRead : public ReadMembers<AnyRead> {
 public:
  explicit AnyRead(std::unique_ptr<internal::ReadInterface> reader) noexcept
      : reader_(std::move(reader)) {}
  Poll<Result<void>> poll_read(Context& cx, ReadBuf& buf) { return reader_->poll_read(cx, buf); }

 private:
  std::unique_ptr<internal::ReadInterface> reader_;
};

// An AsyncWrite; vectored if what is inside is. Movable as AnyRead.
class AnyWrite : public WriteMembers<AnyWrite> {
 public:
  explicit AnyWrite(std::unique_ptr<internal::WriteInterface> writer) noexcept
      : writer_(std::move(writer)) {}
  Poll<Result<std::size_t>> poll_write(Context& cx, std::span<const std::byte> data) {
    return writer_->poll_write(cx, data);
  }
  Poll<Result<std::size_t>> poll_write_vectored(Context& cx, std::span<const IoSlice> slices) {
    return writer_->poll_write_vectored(cx, slices);
  }
  bool is_write_vectored() { return writer_->is_write_vectored(); }
  Poll<Result<void>> poll_flush(Context& cx) { return writer_->poll_flush(cx); }
  Poll<Result<void>> poll_shutdown(Context& cx) { return writer_->poll_shutdown(cx); }

 private:
  std::unique_ptr<internal::WriteInterface> writer_;
};

// An rvalue is moved in, an lvalue borrowed. Throw std::bad_alloc.
template <class R>
  requires AsyncRead<R>
AnyRead any_read(R&& reader) {
  return AnyRead(std::make_unique<internal::ReadAdapter<R>>(std::forward<R>(reader)));
}
template <class W>
  requires AsyncWrite<W>
AnyWrite any_write(W&& writer) {
  return AnyWrite(std::make_unique<internal::WriteAdapter<W>>(std::forward<W>(writer)));
}

}  // namespace weft::io

#endif  // WEFT_IO_ANY_STREAM_H_
