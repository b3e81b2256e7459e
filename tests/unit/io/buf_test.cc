// Buf, BufMut and the buffers made of them.

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/unit/io/bytes_support.h>
#include <weft/io/buf.h>
#include <weft/io/buf_adapters.h>
#include <weft/io/bytes.h>
#include <weft/io/bytes_mut.h>
#include <weft/io/concepts.h>
#include <weft/io/read_buf.h>
#include <weft/runtime/waker.h>

namespace weft::io {
namespace {

using test_support::as_bytes;
using test_support::as_text;

static_assert(Buf<Bytes> && Buf<BytesMut> && Buf<SpanBuf&> && Buf<DequeBuf>);
static_assert(Buf<BufChain<Bytes, SpanBuf&>> && Buf<BufTake<Bytes&>> && !Buf<std::string>);
static_assert(BufMut<BytesMut> && BufMut<SpanBufMut> && BufMut<VectorBufMut> && BufMut<ReadBuf&>);
static_assert(BufMut<BufMutLimit<BytesMut&>> && !BufMut<Bytes>);

// Everything that is left, whatever pieces it is in.
template <Buf B>
std::string drain(B& buf) {
  std::string text;
  while (buf.remaining() > 0) {
    text += as_text(buf.chunk());
    buf.advance(buf.chunk().size());
  }
  return text;
}

TEST(IOV4, NumbersInThreeOrders) {
  BytesMut out;
  out.put_u8(0x01);
  out.put_i8(-2);
  out.put_u16(0x0102);
  out.put_u16_le(0x0102);
  out.put_i32(-2);
  out.put_u64_le(0x0102030405060708);
  out.put_u32_ne(0xdeadbeef);
  EXPECT_EQ(out, std::string_view("\x01\xfe\x01\x02\x02\x01\xff\xff\xff\xfe"
                                  "\x08\x07\x06\x05\x04\x03\x02\x01\xef\xbe\xad\xde",
                                  22));
  Bytes in = std::move(out).freeze();
  EXPECT_EQ(in.get_u8(), 0x01);
  EXPECT_EQ(in.get_i8(), -2);
  EXPECT_EQ(in.get_u16(), 0x0102);
  EXPECT_EQ(in.get_u16_le(), 0x0102);
  EXPECT_EQ(in.get_i32(), -2);
  EXPECT_EQ(in.get_u64_le(), 0x0102030405060708u);
  EXPECT_EQ(in.get_u32_ne(), 0xdeadbeefu);
  EXPECT_FALSE(in.has_remaining());
}

TEST(IOV4, EveryTypeComesBack) {
  BytesMut b;
  b.put_i16_le(-300), b.put_i16_ne(-301), b.put_i16(-302), b.put_u16_ne(7);
  b.put_u32(8), b.put_u32_le(9), b.put_i32_le(-10), b.put_i32_ne(-11);
  b.put_u64(12), b.put_u64_ne(13), b.put_i64(-14), b.put_i64_le(-15), b.put_i64_ne(-16);
  EXPECT_EQ(b.get_i16_le(), -300);
  EXPECT_EQ(b.get_i16_ne(), -301);
  EXPECT_EQ(b.get_i16(), -302);
  EXPECT_EQ(b.get_u16_ne(), 7);
  EXPECT_EQ(b.get_u32(), 8u);
  EXPECT_EQ(b.get_u32_le(), 9u);
  EXPECT_EQ(b.get_i32_le(), -10);
  EXPECT_EQ(b.get_i32_ne(), -11);
  EXPECT_EQ(b.get_u64(), 12u);
  EXPECT_EQ(b.get_u64_ne(), 13u);
  EXPECT_EQ(b.get_i64(), -14);
  EXPECT_EQ(b.get_i64_le(), -15);
  EXPECT_EQ(b.get_i64_ne(), -16);
}

TEST(IOV4, WideAndFloatingPointNumbersComeBack) {
  constexpr auto kWide = static_cast<unsigned __int128>(0x0102030405060708u) << 64 | 0x99u;
  BytesMut b;
  b.put_u128(kWide), b.put_u128_le(kWide), b.put_u128_ne(kWide);
  EXPECT_EQ(b[0], std::byte{1});
  EXPECT_EQ(b[16], std::byte{0x99});
  EXPECT_TRUE(b.get_u128() == kWide && b.get_u128_le() == kWide && b.get_u128_ne() == kWide);
  b.put_i128(-5), b.put_i128_le(-6), b.put_i128_ne(-7);
  EXPECT_TRUE(b.get_i128() == -5 && b.get_i128_le() == -6 && b.get_i128_ne() == -7);
  b.put_f32(1.5f), b.put_f32_le(-2.5f), b.put_f32_ne(3.5f);
  EXPECT_EQ(b.get_f32(), 1.5f);
  EXPECT_EQ(b.get_f32_le(), -2.5f);
  EXPECT_EQ(b.get_f32_ne(), 3.5f);
  b.put_f64(0.1), b.put_f64_le(-0.0), b.put_f64_ne(std::numeric_limits<double>::infinity());
  EXPECT_EQ(b.get_f64(), 0.1);
  EXPECT_TRUE(std::signbit(b.get_f64_le()));
  EXPECT_EQ(b.get_f64_ne(), std::numeric_limits<double>::infinity());
}

TEST(IOV4, NumbersOfAnySize) {
  BytesMut b;
  b.put_uint(0x010203, 3);
  b.put_uint_le(0x010203, 3);
  b.put_int(-2, 3);
  b.put_int_le(-3, 5);
  b.put_uint_ne(0x0a0b, 2);
  b.put_int_ne(-9, 8);
  b.put_uint(7, 0);
  EXPECT_EQ(as_text(std::as_const(b).span().first(9)),
            std::string("\x01\x02\x03\x03\x02\x01\xff\xff\xfe", 9));
  EXPECT_EQ(b.get_uint(3), 0x010203u);
  EXPECT_EQ(b.get_uint_le(3), 0x010203u);
  EXPECT_EQ(b.get_int(3), -2);
  EXPECT_EQ(b.get_int_le(5), -3);
  EXPECT_EQ(b.get_uint_ne(2), 0x0a0bu);
  EXPECT_EQ(b.get_int_ne(8), -9);
  EXPECT_EQ(b.get_uint(0), 0u);
  EXPECT_EQ(b.get_int(0), 0);
  EXPECT_DEATH(static_cast<void>(b.get_uint(9)), "buf_test.cc:.*more than 8 bytes");
  EXPECT_DEATH(b.put_uint(1, 9), "buf_test.cc:.*more than 8 bytes");
}

TEST(IOV4, TryFormsTakeNothingWhenThereIsTooLittle) {
  Bytes bytes = Bytes::from_static("\x01\x02\x03");
  EXPECT_EQ(bytes.try_get_u32().error(), Errc::unexpected_eof);
  EXPECT_EQ(bytes.try_get_uint(4).error(), Errc::unexpected_eof);
  EXPECT_EQ(bytes.try_get_int_le(4).error(), Errc::unexpected_eof);
  std::array<std::byte, 4> room;
  EXPECT_EQ(bytes.try_copy_to_slice(room).error(), Errc::unexpected_eof);
  EXPECT_EQ(bytes.size(), 3u);
  EXPECT_EQ(*bytes.try_get_u16(), 0x0102);
  EXPECT_EQ(*bytes.try_get_int(1), 3);
  EXPECT_TRUE(bytes.empty());
}

TEST(IOV4, TooLittleIsFatal) {
  Bytes bytes = Bytes::from_static("abc");
  std::array<std::byte, 4> room;
  EXPECT_DEATH(static_cast<void>(bytes.get_u32()), "buf_test.cc:.*fewer bytes remain");
  EXPECT_DEATH(static_cast<void>(bytes.get_uint(4)), "buf_test.cc:.*fewer bytes remain");
  EXPECT_DEATH(bytes.copy_to_slice(room), "buf_test.cc:.*fewer bytes remain");
  const std::span<std::byte> all(room);
  SpanBufMut out(all.first(1));
  EXPECT_DEATH(out.put_u16(1), "buf_test.cc:.*no room");
  EXPECT_DEATH(out.put_bytes(std::byte{0}, 2), "buf_test.cc:.*no room");
  EXPECT_DEATH(out.advance_mut(2), "buf_test.cc:.*SpanBufMut::advance_mut");
  SpanBuf span("a");
  EXPECT_DEATH(span.advance(2), "buf_test.cc:.*SpanBuf::advance");
  EXPECT_DEATH(bytes.take(1).advance(2), "buf_test.cc:.*BufTake::advance");
}

TEST(IOV4, NumbersMayLieAcrossChunks) {
  Bytes first = Bytes::from_static("\x01");
  SpanBuf second(std::string_view("\x02\x03\x04\x05", 4));
  auto both = first.chain(second);
  EXPECT_EQ(both.remaining(), 5u);
  EXPECT_EQ(both.get_u32(), 0x01020304u);
  EXPECT_EQ(second.remaining(), 1u);  // an lvalue is borrowed
  EXPECT_EQ(both.get_u8(), 5);
}

TEST(IOV4, ARingIsTheChainOfItsParts) {
  const std::string ring = "rldhello wo";
  auto in_order = SpanBuf(std::string_view(ring).substr(3)).chain(SpanBuf(ring.substr(0, 3)));
  std::array<std::byte, 4> room;
  in_order.copy_to_slice(room);
  EXPECT_EQ(as_text(room), "hell");
  EXPECT_EQ(in_order.first().remaining(), 4u);
  in_order.advance(5);
  EXPECT_EQ(in_order.second().remaining(), 2u);
}

TEST(IOV4, ADequeIsTakenFromItsFront) {
  std::deque<std::byte> deque;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    deque.push_back(static_cast<std::byte>(i % 251));
    expected += static_cast<char>(i % 251);
  }
  DequeBuf buf(deque);
  EXPECT_EQ(buf.get_u16(), 0x0001);
  EXPECT_EQ(buf.remaining(), 2998u);
  EXPECT_EQ(drain(buf), expected.substr(2));
  EXPECT_TRUE(deque.empty());
  EXPECT_TRUE(buf.chunk().empty());
}

TEST(IOV4, TakeIsAPart) {
  Bytes bytes = Bytes::from_static("hello world");
  auto part = bytes.take(5);
  EXPECT_EQ(part.remaining(), 5u);
  EXPECT_EQ(drain(part), "hello");
  EXPECT_EQ(part.limit(), 0u);
  EXPECT_EQ(bytes, " world");
  part.set_limit(100);
  EXPECT_EQ(part.remaining(), 6u);
  auto owned = Bytes(bytes).take(3);
  owned.advance(1);
  EXPECT_EQ(std::move(owned).into_inner(), "world");
}

TEST(IOV4, ChunksOfChainsForOneWrite) {
  auto chain = Bytes::from_static("hello").chain(Bytes()).chain(Bytes::from_static("world"));
  std::array<IoSlice, 4> slices;
  ASSERT_EQ(chunks_vectored(chain, slices), 2u);
  EXPECT_EQ(as_text(slices[0].bytes()), "hello");
  EXPECT_EQ(as_text(slices[1].bytes()), "world");
  EXPECT_EQ(chunks_vectored(chain, std::span(slices).first(1)), 1u);
  EXPECT_EQ(chunks_vectored(chain, std::span(slices).first(0)), 0u);
  auto part = chain.take(7);
  ASSERT_EQ(chunks_vectored(part, slices), 2u);
  EXPECT_EQ(as_text(slices[1].bytes()), "wo");
  part.set_limit(5);
  EXPECT_EQ(chunks_vectored(part, slices), 1u);
  part.set_limit(0);
  EXPECT_EQ(chunks_vectored(part, slices), 0u);
}

TEST(IOV4, ChunksAreInOrderWhereTheFirstNamesOnlyOne) {
  std::deque<std::byte> deque(2000);
  auto chain = DequeBuf(deque).chain(Bytes::from_static("behind"));
  std::array<IoSlice, 4> slices;
  ASSERT_EQ(chunks_vectored(chain, slices), 1u);  // "behind" must not follow yet
}

TEST(IOV4, CopyToBytesCopiesNothing) {
  Bytes bytes = Bytes::copy_from("hello world");
  const std::byte* const first = bytes.data();
  EXPECT_EQ(bytes.copy_to_bytes(5).data(), first);
  EXPECT_EQ(bytes, " world");
  BytesMut writable("hello");
  const std::byte* const begin = std::as_const(writable).data();
  const Bytes front = writable.copy_to_bytes(2);
  EXPECT_EQ(front.data(), begin);
  EXPECT_EQ(front, "he");
  EXPECT_EQ(writable, "llo");
}

TEST(IOV4, RoomInSpansAndVectors) {
  std::array<std::byte, 8> room{};
  SpanBufMut span(room);
  span.put_slice("ab");
  span.put_bytes(std::byte{'-'}, 3);
  span.put_u16(0x6364);
  EXPECT_EQ(span.remaining_mut(), 1u);
  EXPECT_EQ(as_text(std::span(room).first(7)), "ab---cd");
  std::vector<std::byte> vector = test_support::as_vector("x");
  {
    VectorBufMut out(vector);
    for (int i = 0; i < 100; ++i) out.put_slice("0123456789");
    Bytes more = Bytes::from_static("end");
    out.put_buf(more);
    EXPECT_TRUE(more.empty());
    EXPECT_DEATH(out.advance_mut(1 << 20), "buf_test.cc:.*VectorBufMut::advance_mut");
  }
  ASSERT_EQ(vector.size(), 1004u);
  EXPECT_EQ(as_text(std::span(vector).last(4)), "9end");
}

TEST(IOV4, LimitIsAPartOfTheRoom) {
  BytesMut bytes;
  auto limited = bytes.limit(3);
  EXPECT_EQ(limited.remaining_mut(), 3u);
  limited.put_slice("ab");
  EXPECT_EQ(limited.chunk_mut().size(), 1u);
  limited.put_u8('c');
  EXPECT_FALSE(limited.has_remaining_mut());
  EXPECT_TRUE(limited.chunk_mut().empty());
  EXPECT_DEATH(limited.put_u8('d'), "buf_test.cc:.*no room");
  EXPECT_DEATH(limited.advance_mut(1), "buf_test.cc:.*BufMutLimit");
  EXPECT_EQ(bytes, "abc");
  limited.set_limit(1);
  EXPECT_EQ(limited.limit(), 1u);
  EXPECT_EQ(std::move(bytes).limit(7).into_inner(), "abc");
}

TEST(IOV4, BytesMutGrowsAsABufMut) {
  BytesMut bytes;
  EXPECT_GT(bytes.remaining_mut(), std::size_t{1} << 60);
  EXPECT_GE(bytes.chunk_mut().size(), 64u);
  bytes.put_bytes(std::byte{'x'}, 1000);
  EXPECT_EQ(bytes.size(), 1000u);
  Bytes more = Bytes::from_static("yz");
  bytes.put_buf(more);
  EXPECT_EQ(bytes.size(), 1002u);
}

TEST(IO4, AReadBufIsABufMut) {
  std::array<std::byte, 8> room;
  ReadBuf buf = ReadBuf::uninit(room);
  EXPECT_EQ(buf.remaining_mut(), 8u);
  EXPECT_EQ(buf.chunk_mut().size(), 8u);
  buf.put_slice(as_bytes("abcd"));
  EXPECT_EQ(buf.remaining_mut(), 4u);
  buf.chunk_mut()[0] = std::byte{'e'};
  buf.advance_mut(1);
  EXPECT_EQ(as_text(buf.filled()), "abcde");
  EXPECT_EQ(buf.chunk_mut().size(), 3u);
  EXPECT_DEATH(buf.advance_mut(4), "buf_test.cc:.*ReadBuf");
}

TEST(IOV4, ABufIsAReaderAndABufMutAWriter) {
  Context cx(Waker::noop());
  Bytes bytes = Bytes::from_static("hello");
  auto source = reader(bytes.take(4));
  std::array<std::byte, 3> room;
  ReadBuf buf(room);
  EXPECT_TRUE(source.poll_read(cx, buf).is_ready());
  EXPECT_EQ(as_text(buf.filled()), "hel");
  buf.clear();
  EXPECT_TRUE(source.poll_read(cx, buf).is_ready());
  EXPECT_EQ(as_text(buf.filled()), "l");
  buf.clear();
  EXPECT_TRUE(source.poll_read(cx, buf).is_ready());
  EXPECT_TRUE(buf.filled().empty());
  EXPECT_EQ(source.inner().limit(), 0u);

  SpanBufMut span(room);
  auto target = writer(span);
  EXPECT_EQ(**target.poll_write(cx, as_bytes("abcde")), 3u);
  EXPECT_EQ(**target.poll_write(cx, as_bytes("de")), 0u);
  EXPECT_TRUE(target.poll_flush(cx).is_ready());
  EXPECT_TRUE(target.poll_shutdown(cx).is_ready());
  EXPECT_EQ(as_text(room), "abc");
  EXPECT_EQ(target.inner().remaining_mut(), 0u);
  static_assert(AsyncRead<decltype(source)> && AsyncWrite<decltype(target)>);
}

}  // namespace
}  // namespace weft::io
