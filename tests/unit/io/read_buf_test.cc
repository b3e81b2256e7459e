// ReadBuf, IoSlice, IoSliceMut, and the stream concepts.

#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>
#include <weft/io/io.h>

namespace weft::io {
namespace {

using Room = std::array<std::byte, 8>;

std::span<const std::byte> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
std::string text(std::span<const std::byte> data) {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

Room dirty() {
  Room room;
  room.fill(std::byte{'#'});
  return room;
}

TEST(IO4, AFreshBufferIsEmptyAndInitialized) {
  Room room = dirty();
  ReadBuf buf(room);
  EXPECT_EQ(buf.capacity(), 8u);
  EXPECT_EQ(buf.remaining(), 8u);
  EXPECT_TRUE(buf.filled().empty());
  EXPECT_EQ(buf.initialized().size(), 8u);
}

TEST(IO4, PuttingSlicesFills) {
  Room room = dirty();
  ReadBuf buf = ReadBuf::uninit(room);
  EXPECT_TRUE(buf.initialized().empty());
  buf.put_slice(bytes("hello"));
  EXPECT_EQ(text(buf.filled()), "hello");
  EXPECT_EQ(buf.initialized().size(), 5u);
  EXPECT_EQ(buf.remaining(), 3u);
  buf.put_slice({});
  buf.put_slice(bytes("abc"));
  EXPECT_EQ(text(std::as_const(buf).filled()), "helloabc");
  EXPECT_EQ(buf.remaining(), 0u);
}

TEST(IO4, OnlyWhatWasNeverWrittenIsZeroed) {
  Room room = dirty();
  ReadBuf buf = ReadBuf::uninit(room);
  buf.unfilled_raw()[0] = std::byte{'a'};
  buf.assume_init(1);
  const std::span<std::byte> some = buf.initialize_unfilled_to(3);
  EXPECT_EQ(text(some), std::string("a\0\0", 3));
  EXPECT_EQ(buf.initialized().size(), 3u);
  EXPECT_EQ(room[3], std::byte{'#'});
  EXPECT_EQ(buf.initialize_unfilled().size(), 8u);
  EXPECT_EQ(room[0], std::byte{'a'});
  EXPECT_EQ(room[7], std::byte{0});
}

TEST(IO4, AdvancingAndClearing) {
  Room room = dirty();
  ReadBuf buf = ReadBuf::uninit(room);
  std::memcpy(buf.unfilled_raw().data(), "hello", 5);
  buf.assume_init(5);
  buf.advance(2);
  EXPECT_EQ(text(buf.filled()), "he");
  buf.set_filled(4);
  EXPECT_EQ(text(buf.filled()), "hell");
  buf.clear();
  EXPECT_TRUE(buf.filled().empty());
  EXPECT_EQ(std::as_const(buf).initialized().size(), 5u);
  EXPECT_EQ(buf.unfilled_raw().size(), 8u);
}

TEST(IO4, ASubBufferIsTakenAsNeverWritten) {
  Room room = dirty();
  ReadBuf buf(room);
  buf.put_slice(bytes("ab"));
  ReadBuf sub = buf.take(3);
  EXPECT_EQ(sub.capacity(), 3u);
  EXPECT_TRUE(sub.initialized().empty());
  sub.put_slice(bytes("xyz"));
  EXPECT_TRUE(buf.filled().size() == 2);
  buf.assume_init(3);
  buf.advance(3);
  EXPECT_EQ(text(buf.filled()), "abxyz");
  EXPECT_EQ(buf.take(100).capacity(), 3u);
}

TEST(IO34, MisuseIsFatalAtTheCallersLine) {
  Room room = dirty();
  ReadBuf buf = ReadBuf::uninit(room);
  EXPECT_DEATH(buf.advance(1), "read_buf_test.cc:.*ReadBuf::advance");
  EXPECT_DEATH(buf.set_filled(1), "read_buf_test.cc:.*ReadBuf::set_filled");
  EXPECT_DEATH(buf.assume_init(9), "read_buf_test.cc:.*ReadBuf::assume_init");
  EXPECT_DEATH(buf.put_slice(bytes("123456789")), "read_buf_test.cc:.*ReadBuf::put_slice");
  EXPECT_DEATH(static_cast<void>(buf.initialize_unfilled_to(9)),
               "read_buf_test.cc:.*initialize_unfilled_to");
  IoSlice slice("ab");
  EXPECT_DEATH(slice.advance(3), "read_buf_test.cc:.*IoSlice::advance");
  IoSliceMut room_slice{std::span<std::byte>(room)};
  EXPECT_DEATH(room_slice.advance(9), "read_buf_test.cc:.*IoSliceMut::advance");
}

TEST(IO54, SlicesAreIovecs) {
  Room room = dirty();
  IoSlice out("hello");
  IoSliceMut in{std::span<std::byte>(room)};
  const std::span<const ::iovec> native = as_iovecs(std::span<const IoSlice>(&out, 1));
  EXPECT_EQ(native[0].iov_base, out.bytes().data());
  EXPECT_EQ(native[0].iov_len, 5u);
  EXPECT_EQ(as_iovecs(std::span<const IoSliceMut>(&in, 1))[0].iov_base, room.data());
  out.advance(2);
  EXPECT_EQ(text(out.bytes()), "llo");
  in.advance(3);
  EXPECT_EQ(in.bytes().data(), room.data() + 3);
  EXPECT_EQ(in.size(), 5u);
  EXPECT_EQ(IoSlice().size(), 0u);
  const std::array<IoSlice, 3> several{IoSlice("ab"), IoSlice(), IoSlice("c")};
  EXPECT_EQ(total_size(std::span<const IoSlice>(several)), 3u);
}

struct Both {
  Poll<Result<void>> poll_read(Context&, ReadBuf&) { return Result<void>(); }
  Poll<Result<std::size_t>> poll_write(Context&, std::span<const std::byte>) {
    return Result<std::size_t>(0);
  }
  Poll<Result<void>> poll_flush(Context&) { return Result<void>(); }
  Poll<Result<void>> poll_shutdown(Context&) { return Result<void>(); }
};
struct ReadsOnly {
  Poll<Result<void>> poll_read(Context&, ReadBuf&) { return kPending; }
};

TEST(IOB1, AReaderIsWhatHasPollRead) {
  static_assert(AsyncRead<Both> && AsyncRead<ReadsOnly>);
  static_assert(!AsyncRead<int> && !AsyncRead<std::string>);
}

TEST(IOB2, AWriterHasThreePollForms) {
  static_assert(AsyncWrite<Both> && !AsyncWrite<ReadsOnly> && !AsyncWrite<int>);
}

TEST(IOB4, AReferenceToAModelIsAModel) {
  static_assert(AsyncRead<Both&> && AsyncWrite<Both&> && !AsyncWrite<ReadsOnly&>);
}

}  // namespace
}  // namespace weft::io
