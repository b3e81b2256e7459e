// duplex. Interface: duplex.h.

#include <weft/io/duplex.h>

namespace weft::io {

DuplexStream& DuplexStream::operator=(DuplexStream&& other) noexcept {
  DuplexStream moved(std::move(other));
  std::swap(in_, moved.in_);
  std::swap(out_, moved.out_);
  return *this;
}

void DuplexStream::close() noexcept {
  if (!in_) return;
  in_->close();
  out_->close();
}

std::pair<DuplexStream, DuplexStream> duplex(std::size_t capacity) {
  auto one = make_ref<internal::MemoryPipe>(capacity);
  auto other = make_ref<internal::MemoryPipe>(capacity);
  return {DuplexStream(one, other), DuplexStream(other, one)};
}

}  // namespace weft::io
