// UnixSocketAddr: the address of a unix socket: a path, an abstract name, or none.
//
// Spec: S-K5; net.md section 4.
//
// A plain value, comparable and hashable. A path names a file that bind() makes and nobody removes;
// an abstract name (Linux) is bytes in a space of their own, gone with the last socket bound to it;
// a socket that was not bound, like most that connect, is unnamed.
//
//   Result<net::UnixSocketAddr> file = net::UnixSocketAddr::from_pathname("/run/service.sock");
//   Result<net::UnixSocketAddr> hidden = net::UnixSocketAddr::from_abstract_name("service");
//   bool is_file = file->as_pathname() == "/run/service.sock";  // true
//   bool is_nameless = hidden->is_unnamed();                    // false

#ifndef WEFT_NET_UNIX_SOCKET_ADDR_H_
#define WEFT_NET_UNIX_SOCKET_ADDR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>

#include <weft/base/result.h>

namespace weft::net {

class UnixSocketAddr {
 public:
  // What a name may have in bytes: a path must leave room for its terminating zero, the zero that
  // an abstract name begins with counts.
  static constexpr std::size_t kCapacity = 108;

  // At most 107 bytes without a zero; if the first byte is zero, the abstract name made of the
  // others, of which there may be 107; if empty, unnamed. Else invalid_argument.
  static Result<UnixSocketAddr> from_pathname(const std::filesystem::path& path) noexcept;
  // At most 107 bytes, of any values. Else invalid_argument.
  static Result<UnixSocketAddr> from_abstract_name(std::string_view name) noexcept;
  static constexpr UnixSocketAddr unnamed() noexcept { return {}; }
  // From the bytes of a sun_path that belong to the address: nothing is unnamed; bytes that begin
  // with a zero are an abstract name with it; the others a path, up to the first zero if there is
  // one. Bytes beyond the capacity are ignored.
  static UnixSocketAddr from_native(std::string_view bytes) noexcept;

  constexpr bool is_unnamed() const noexcept { return size_ == 0; }
  // The views are valid as long as this object.
  std::optional<std::string_view> as_pathname() const& noexcept;
  std::optional<std::string_view> as_pathname() const&& = delete;
  // Without the zero that marks it as abstract; may contain others.
  std::optional<std::string_view> as_abstract_name() const& noexcept;
  std::optional<std::string_view> as_abstract_name() const&& = delete;
  // The inverse of from_native(): a path without its terminating zero.
  std::string_view native() const& noexcept { return {bytes_.data(), size_}; }
  std::string_view native() const&& = delete;

  // For people: the path; "@" and the abstract name, with bytes that are not printable as \x00;
  // "(unnamed)".
  std::string to_string() const;

  friend constexpr bool operator==(const UnixSocketAddr&, const UnixSocketAddr&) noexcept = default;
  friend std::ostream& operator<<(std::ostream& out, const UnixSocketAddr& address);

 private:
  constexpr UnixSocketAddr() noexcept = default;

  std::array<char, kCapacity> bytes_{};  // zero after size_
  std::uint8_t size_ = 0;
};

}  // namespace weft::net

template <>
struct std::hash<weft::net::UnixSocketAddr> {
  std::size_t operator()(const weft::net::UnixSocketAddr& address) const noexcept;
};

#endif  // WEFT_NET_UNIX_SOCKET_ADDR_H_
