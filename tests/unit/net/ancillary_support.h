// What the tests of ancillary data have in common: files to pass, sockets to pass them over, and
// control messages made by hand.

#ifndef WEFT_TESTS_UNIT_NET_ANCILLARY_SUPPORT_H_
#define WEFT_TESTS_UNIT_NET_ANCILLARY_SUPPORT_H_

#include <array>
#include <cstddef>
#include <cstring>
#include <fcntl.h>
#include <span>
#include <string_view>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <tests/support/raw_sockets.h>
#include <weft/base/fd.h>
#include <weft/base/sys.h>
#include <weft/net/ancillary/ancillary.h>

namespace weft::net {

using Bytes = std::vector<std::byte>;

inline constexpr int kPassPidFd = 76;     // SO_PASSPIDFD, which libc does not name yet
inline constexpr int kPassSecurity = 34;  // SO_PASSSEC

// A file that nothing else has open.
inline OwnedFd a_file() { return OwnedFd(::memfd_create("weft", MFD_CLOEXEC)); }

inline std::vector<OwnedFd> files(std::size_t count) {
  std::vector<OwnedFd> made;
  for (std::size_t i = 0; i < count; ++i) made.push_back(a_file());
  return made;
}
inline std::vector<BorrowedFd> borrow(const std::vector<OwnedFd>& fds) {
  return {fds.begin(), fds.end()};
}

inline std::pair<::dev_t, ::ino_t> identity(BorrowedFd fd) {
  struct ::stat facts{};
  EXPECT_EQ(::fstat(fd.raw(), &facts), 0);
  return {facts.st_dev, facts.st_ino};
}
inline bool same_file(BorrowedFd a, BorrowedFd b) { return identity(a) == identity(b); }
inline bool is_close_on_exec(BorrowedFd fd) {
  return (sys::get_fd_flags(fd).value() & FD_CLOEXEC) != 0;
}

// Two connected unix sockets that block.
struct UnixPair {
  explicit UnixPair(int type)
      : UnixPair(sys::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0).value()) {}
  explicit UnixPair(sys::Ends ends)
      : left_fd(std::move(ends.first)),
        right_fd(std::move(ends.second)),
        left(left_fd),
        right(right_fd) {}

  OwnedFd left_fd;
  OwnedFd right_fd;
  MessageFd left;
  MessageFd right;
};

inline constexpr int kUnixTypes[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};

inline void set_option(BorrowedFd fd, int level, int name, int value) {
  ASSERT_TRUE(sys::setsockopt(fd, level, name, &value, sizeof value));
}

// Has whatever is received there come with a descriptor of the sending process.
inline Result<void> pass_pid_fd(BorrowedFd fd) {
  const int on = 1;
  return sys::setsockopt(fd, SOL_SOCKET, kPassPidFd, &on, sizeof on);
}

// The bytes of one control message, with padding; `size` is what its header says, 0 for the truth.
inline Bytes raw_message(int level, int type, std::span<const std::byte> payload,
                         std::size_t size = 0) {
  Bytes bytes(CMSG_SPACE(payload.size()));
  ::cmsghdr header{};
  header.cmsg_len = size != 0 ? size : CMSG_LEN(payload.size());
  header.cmsg_level = level;
  header.cmsg_type = type;
  std::memcpy(bytes.data(), &header, sizeof header);
  if (!payload.empty()) std::memcpy(bytes.data() + CMSG_LEN(0), payload.data(), payload.size());
  return bytes;
}
template <class T>
Bytes raw_message_of(int level, int type, const T& value) {
  return raw_message(level, type, std::as_bytes(std::span(&value, 1)));
}
inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Receives one message into `ancillary`; its bytes and flags.
struct Got {
  std::string text;
  RecvResult flags;
};
inline Result<Got> receive(const MessageFd& socket, AncillaryData& ancillary,
                           RecvOptions options = {}) {
  std::array<std::byte, 64> room;
  io::IoSliceMut slice{std::span<std::byte>(room)};
  const auto got = socket.recv_message(std::span(&slice, 1), ancillary, options);
  if (!got) return Err(got.error());
  std::string text(reinterpret_cast<const char*>(room.data()), std::min(got->first, room.size()));
  return Got{std::move(text), got->second};
}
inline Result<std::size_t> send(const MessageFd& socket, std::string_view text,
                                AncillaryData& ancillary, SendOptions options = {}) {
  const io::IoSlice slice(text);
  return socket.send_message(std::span(&slice, 1), ancillary, options);
}
// Sends `text` with `count` descriptors of new files.
inline void send_files(const MessageFd& socket, std::string_view text, std::size_t count) {
  const std::vector<OwnedFd> fds = files(count);
  MessageFd copy = socket;
  ASSERT_EQ(send_fds(copy, text, borrow(fds)).value(), text.size());
}

// Room for the bytes of a message.
using Room = std::array<char, 64>;

// One recv_fds(), of which only the result matters.
template <std::size_t N>
Result<RecvFds<N>, RecvFdsError> take(MessageFd socket) {
  Room room;
  return recv_fds<N>(socket, std::span<char>(room));
}

inline std::vector<OwnedFd> take_all(AncillaryData& ancillary) {
  std::vector<OwnedFd> taken;
  for (OwnedFd fd : ancillary.received_fds()) taken.push_back(std::move(fd));
  return taken;
}

// Storage for control messages, on the stack of a test.
template <std::size_t N>
using Storage = std::array<std::byte, N>;

// Fails the test unless as many descriptors are open at the end of the block as at its beginning.
class NothingLeaks {
 public:
  NothingLeaks() : before_(test_support::open_fd_count()) {}
  NothingLeaks(const NothingLeaks&) = delete;
  NothingLeaks& operator=(const NothingLeaks&) = delete;
  ~NothingLeaks() { EXPECT_EQ(test_support::open_fd_count(), before_); }

 private:
  std::size_t before_;
};

}  // namespace weft::net

#endif  // WEFT_TESTS_UNIT_NET_ANCILLARY_SUPPORT_H_
