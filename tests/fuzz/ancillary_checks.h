// What has to hold for control messages made of any bytes: the checks of the fuzz targets and of
// the tests with the hostile list. A check that fails aborts.

#ifndef WEFT_TESTS_FUZZ_ANCILLARY_CHECKS_H_
#define WEFT_TESTS_FUZZ_ANCILLARY_CHECKS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <span>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <utility>
#include <vector>

#include <weft/base/check.h>
#include <weft/base/fd.h>
#include <weft/base/sys.h>
#include <weft/net/ancillary/ancillary.h>

namespace weft::test_support {

// A second parser, written for being obviously right: one byte at a time, in numbers that cannot
// overflow. It shares nothing with the library's.
class SlowParser {
 public:
  struct Message {
    int level = 0;
    int type = 0;
    std::size_t begin = 0;  // of the payload
    std::size_t end = 0;
    bool truncated = false;
  };

  explicit SlowParser(std::span<const std::byte> bytes) : bytes_(bytes) {
    while (parse_one()) {
    }
  }

  const std::vector<Message>& messages() const { return messages_; }
  // Where what could not be parsed begins.
  std::size_t rest_begin() const { return at_; }

  // Where the descriptors are, in order.
  std::vector<std::size_t> fd_offsets() const {
    std::vector<std::size_t> offsets;
    for (const Message& message : messages_) {
      const bool carries = message.level == SOL_SOCKET && (message.type == 1 || message.type == 4);
      if (!carries) continue;
      for (std::size_t at = message.begin; at + 4 <= message.end; at += 4) offsets.push_back(at);
    }
    return offsets;
  }

 private:
  using Wide = unsigned __int128;

  // The little-endian number in `size` bytes. Linux with 64 bits is what this is written for.
  Wide number(std::size_t at, std::size_t size) const {
    Wide value = 0;
    for (std::size_t i = size; i > 0; --i) {
      value = value * 256 + std::to_integer<unsigned>(bytes_[at + i - 1]);
    }
    return value;
  }
  int integer(std::size_t at) const {
    return static_cast<int>(static_cast<std::uint32_t>(number(at, 4)));
  }

  bool parse_one() {
    const std::size_t left = bytes_.size() - at_;
    if (left < 16) return false;
    const Wide size = number(at_, 8);
    if (size < 16) return false;
    Message message{.level = integer(at_ + 8), .type = integer(at_ + 12), .begin = at_ + 16};
    message.truncated = size > left;
    const std::size_t taken = message.truncated ? left : static_cast<std::size_t>(size);
    message.end = at_ + taken;
    messages_.push_back(message);
    std::size_t next = message.end;
    while (next < bytes_.size() && (next - at_) % 8 != 0) ++next;
    at_ = next;
    return true;
  }

  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  std::vector<Message> messages_;
};

static_assert(sizeof(::cmsghdr) == 16 && sizeof(std::size_t) == 8);

// A copy at `misalignment` (0 to 15) bytes behind an aligned address, with nothing after it.
class MisalignedCopy {
 public:
  MisalignedCopy(std::span<const std::byte> bytes, std::size_t misalignment)
      : size_(bytes.size()), memory_(misalignment + bytes.size()) {
    std::copy(bytes.begin(), bytes.end(), memory_.begin() + static_cast<long>(misalignment));
  }
  std::span<std::byte> bytes() { return std::span(memory_).last(size_); }

 private:
  std::size_t size_;
  std::vector<std::byte> memory_;
};

// All that can be asked of a message, so that a sanitizer sees what is read.
inline std::size_t ask_everything(const net::ControlMessage& message) {
  std::size_t found = 0;
  found += net::ScmCredentials::from(message).has_value();
  found += net::ScmSecurity::from(message).has_value();
  found += net::ScmPidFd::matches(message);
  found += net::ScmTimestamp::from(message).has_value();
  found += net::Ipv4PktInfo::from(message).has_value();
  found += net::Ipv6PktInfo::from(message).has_value();
  found += net::Ipv4Tos::from(message).has_value();
  found += net::Ipv6TrafficClass::from(message).has_value();
  return found;
}

// The parser finds what the slow one finds, in the bytes that it was given, and leaves over the
// same.
inline void check_parser(std::span<const std::byte> control) {
  const SlowParser expected(control);
  const net::ControlMessages messages = net::ControlMessages::from_bytes(control);
  WEFT_CHECK(messages.empty() == expected.messages().empty());
  std::size_t count = 0;
  net::ControlMessages::Iterator it = messages.begin();
  for (; it != messages.end(); ++it, ++count) {
    WEFT_CHECK(count < expected.messages().size(), "the parser found one too many");
    const SlowParser::Message& want = expected.messages()[count];
    const net::ControlMessage got = *it;
    WEFT_CHECK(got.level() == want.level && got.type() == want.type);
    WEFT_CHECK(got.truncated() == want.truncated);
    WEFT_CHECK(got.data().size() == want.end - want.begin);
    WEFT_CHECK(got.data().data() == control.data() + want.begin);
    WEFT_CHECK(ask_everything(got) <= 1, "one message, two meanings");
  }
  WEFT_CHECK(count == expected.messages().size(), "the parser found too few");
  WEFT_CHECK(it.rest().size() == control.size() - expected.rest_begin());
  WEFT_CHECK(it.rest().empty() || it.rest().data() == control.data() + expected.rest_begin());
}

inline bool is_open(int fd) { return sys::get_fd_flags(BorrowedFd(fd)).has_value(); }

// Puts descriptors of our own in the places of those in `control`: a place gets one of `most`, or
// of fewer if there are fewer places, as its number says, so that some come twice; a negative
// number stays. Returns them.
inline std::vector<int> plant_fds(std::span<std::byte> control, std::size_t most) {
  static const OwnedFd original = sys::eventfd(0, EFD_CLOEXEC).value();
  std::vector<int> planted;
  for (const std::size_t offset : SlowParser(control).fd_offsets()) {
    int number = 0;
    std::memcpy(&number, control.data() + offset, sizeof number);
    if (number < 0) continue;
    const std::size_t which = static_cast<std::size_t>(number) % most;
    if (which >= planted.size())
      planted.push_back(std::move(original.try_clone().value()).release());
    number = planted[std::min(which, planted.size() - 1)];
    std::memcpy(control.data() + offset, &number, sizeof number);
  }
  return planted;
}

// What came in `control` is owned, each descriptor once and in order; what is taken out of it is
// the taker's; and the rest is closed, once.
inline void check_adoption(std::span<const std::byte> control, std::size_t misalignment,
                           std::size_t take) {
  MisalignedCopy storage(control, misalignment);
  const std::vector<int> planted = plant_fds(storage.bytes(), 24);
  const std::vector<std::byte> written(storage.bytes().begin(), storage.bytes().end());
  std::vector<int> expected;
  for (const std::size_t offset : SlowParser(written).fd_offsets()) {
    int fd = 0;
    std::memcpy(&fd, written.data() + offset, sizeof fd);
    const bool seen = std::find(expected.begin(), expected.end(), fd) != expected.end();
    if (fd >= 0 && !seen) expected.push_back(fd);
  }
  std::vector<OwnedFd> taken;
  {
    net::AncillaryData ancillary(storage.bytes());
    // SAFETY(storage): the bytes are written into what this gives, as a kernel would.
    const auto room = ancillary.recv_buffer(net::unchecked::unsafe());
    WEFT_CHECK(room.has_value() == !control.empty());
    if (!room) return;
    std::copy(written.begin(), written.end(), room->begin());
    // SAFETY(storage): as many were copied.
    ancillary.set_received_len(written.size(), net::unchecked::unsafe());
    // SAFETY(lifetime): plant_fds() has replaced every number that will be adopted.
    ancillary.adopt_rights(net::unchecked::unsafe());
    for (OwnedFd fd : ancillary.received_fds()) {
      WEFT_CHECK(fd, "an empty descriptor was handed out");
      taken.push_back(std::move(fd));
      if (taken.size() > take) break;
    }
  }
  WEFT_CHECK(taken.size() <= expected.size(), "more were adopted than came");
  WEFT_CHECK(taken.size() == std::min(take + 1, expected.size()), "fewer were adopted than came");
  for (std::size_t i = 0; i < taken.size(); ++i) WEFT_CHECK(taken[i].raw() == expected[i]);
  for (const int fd : planted) {
    const bool ours = std::any_of(taken.begin(), taken.end(),
                                  [fd](const OwnedFd& one) { return one.raw() == fd; });
    WEFT_CHECK(is_open(fd) == ours, "a descriptor was leaked, or closed under its owner");
  }
}

}  // namespace weft::test_support

#endif  // WEFT_TESTS_FUZZ_ANCILLARY_CHECKS_H_
