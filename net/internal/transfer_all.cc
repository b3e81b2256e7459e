// read_exact and write_all. Interface: transfer_all.h.

#include <weft/net/internal/transfer_all.h>

#include <optional>

namespace weft::net::internal {

bool ReadExactNode::poll(Context& cx) noexcept {
  while (!rest_.empty()) {
    Receive receive(rest_);
    const std::optional<Result<std::size_t>> moved = call_.poll(cx, receive);
    if (!moved) return false;
    if (!*moved) {
      result_ = Err(moved->error());
      return true;
    }
    if (**moved == 0) {
      result_ = Err(Errc::unexpected_eof);
      return true;
    }
    rest_ = rest_.subspan(**moved);
  }
  return true;
}

bool WriteAllNode::poll(Context& cx) noexcept {
  while (!rest_.empty()) {
    Send send(rest_);
    const std::optional<Result<std::size_t>> moved = call_.poll(cx, send);
    if (!moved) return false;
    if (!*moved) {
      result_ = Err(moved->error());
      return true;
    }
    if (**moved == 0) {
      result_ = Err(Errc::write_zero);
      return true;
    }
    rest_ = rest_.subspan(**moved);
  }
  return true;
}

}  // namespace weft::net::internal
