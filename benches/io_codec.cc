// What does a frame cost, from the bytes of a stream to the item and back?
//
// The stream is memory that gives out 64 KiB a read, and nothing waits, so that what is left is
// buffers, codecs and the machines around them. Peer: tokio-util 0.7, `FramedRead` over a slice.
// `per_op` is a frame.

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <benches/support/bench.h>

namespace {

namespace codec = weft::io::codec;

// The same bytes over and over: it never ends.
class Endless {
 public:
  explicit Endless(std::string period) : period_(std::move(period)) {}

  weft::Poll<weft::Result<void>> poll_read(weft::Context&, weft::io::ReadBuf& buf) {
    std::size_t room = std::min(buf.remaining(), std::size_t{64} << 10);
    while (room > 0) {
      const std::string_view rest = std::string_view(period_).substr(at_);
      const std::size_t size = std::min(room, rest.size());
      buf.put_slice(std::as_bytes(std::span(rest.substr(0, size))));
      at_ = (at_ + size) % period_.size();
      room -= size;
    }
    return weft::Result<void>();
  }
  weft::Poll<weft::Result<std::size_t>> poll_write(weft::Context&,
                                                   std::span<const std::byte> data) {
    return weft::Result<std::size_t>(data.size());
  }
  weft::Poll<weft::Result<void>> poll_flush(weft::Context&) { return weft::Result<void>(); }
  weft::Poll<weft::Result<void>> poll_shutdown(weft::Context&) { return weft::Result<void>(); }

 private:
  std::string period_;
  std::size_t at_ = 0;
};

std::string frame_of(std::size_t size) {
  weft::io::BytesMut out;
  codec::LengthDelimitedCodec length;
  benchmark::DoNotOptimize(length.encode(std::string(size, 'x'), out).has_value());
  return std::string(out.as_string_view());
}

constexpr int kFrames = 1000;

template <class C>
void read_frames(benchmark::State& state, C its_codec, std::string period) {
  codec::FramedRead framed(Endless(std::move(period)), std::move(its_codec));
  weft::Context cx(weft::Waker::noop());
  for (auto _ : state) {
    for (int i = 0; i < kFrames; ++i) {
      auto frame = framed.poll_next(cx);
      benchmark::DoNotOptimize(frame);
    }
  }
  bench::report_per_operation(state, kFrames);
}

void BM_read_length_delimited(benchmark::State& state) {
  read_frames(state, codec::LengthDelimitedCodec(),
              frame_of(static_cast<std::size_t>(state.range(0))));
}
BENCHMARK(BM_read_length_delimited)->ArgName("bytes")->Arg(16)->Arg(256)->Arg(4096);

void BM_read_lines(benchmark::State& state) {
  read_frames(state, codec::LinesCodec::with_max_length(1 << 16),
              std::string(static_cast<std::size_t>(state.range(0)), 'x') + "\n");
}
BENCHMARK(BM_read_lines)->ArgName("bytes")->Arg(8)->Arg(64)->Arg(1024);

void BM_write_length_delimited(benchmark::State& state) {
  codec::FramedWrite framed(Endless("unused"), codec::LengthDelimitedCodec());
  weft::Context cx(weft::Waker::noop());
  const std::string payload(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) {
    for (int i = 0; i < kFrames; ++i) {
      benchmark::DoNotOptimize(framed.poll_ready(cx).is_ready());
      benchmark::DoNotOptimize(framed.start_send(std::string_view(payload)).has_value());
    }
  }
  bench::report_per_operation(state, kFrames);
}
BENCHMARK(BM_write_length_delimited)->ArgName("bytes")->Arg(16)->Arg(256)->Arg(4096);

}  // namespace
