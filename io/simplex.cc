// simplex. Interface: simplex.h.

#include <weft/io/simplex.h>

#include <weft/base/check.h>

namespace weft::io {

SimplexSender& SimplexSender::operator=(SimplexSender&& other) noexcept {
  SimplexSender moved(std::move(other));
  std::swap(pipe_, moved.pipe_);
  return *this;
}
SimplexSender::~SimplexSender() {
  if (pipe_) pipe_->close();
}
Poll<Result<void>> SimplexSender::poll_flush(Context&) noexcept {
  if (pipe_->is_closed()) return Err(std::errc::broken_pipe);
  return Result<void>();
}

SimplexReceiver& SimplexReceiver::operator=(SimplexReceiver&& other) noexcept {
  SimplexReceiver moved(std::move(other));
  std::swap(pipe_, moved.pipe_);
  return *this;
}
SimplexReceiver::~SimplexReceiver() {
  if (pipe_) pipe_->close();
}

std::pair<SimplexSender, SimplexReceiver> simplex(std::size_t capacity,
                                                  std::source_location where) {
  WEFT_CHECK(capacity > 0, "io::simplex: the capacity has to be above 0", where);
  auto pipe = make_ref<internal::MemoryPipe>(capacity);
  return {SimplexSender(pipe), SimplexReceiver(pipe)};
}

}  // namespace weft::io
