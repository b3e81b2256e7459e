// Adding messages and reading them back, in a buffer of fixed size and in one that grows, and what
// the kernel makes of the descriptors in them.
//
// The input is a program: two bytes of capacity, and then operations of four bytes each: which,
// level, type, size.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <vector>

#include <tests/fuzz/ancillary_checks.h>

namespace weft {
namespace {

struct Added {
  int level;
  int type;
  std::vector<std::byte> data;
};

const BorrowedFd some_fd() {
  static const OwnedFd fd = sys::eventfd(0, EFD_CLOEXEC).value();
  return fd.borrow();
}

void expect_same(net::ControlMessages messages, const std::vector<Added>& expected) {
  test_support::check_parser(messages.as_bytes());
  std::size_t i = 0;
  for (const net::ControlMessage& message : messages) {
    WEFT_CHECK(i < expected.size());
    const Added& want = expected[i++];
    WEFT_CHECK(message.level() == want.level && message.type() == want.type);
    WEFT_CHECK(std::ranges::equal(message.data(), want.data));
  }
  WEFT_CHECK(i == expected.size());
}

// One buffer, and what should be in it.
template <class Data>
class Checked {
 public:
  explicit Checked(Data data) : data_(std::move(data)) {}

  void add_message(const Added& message) {
    const auto before = data_.control_messages().as_bytes().size();
    const Result<void> added =
        data_.add_control_message(net::ControlMessage(message.level, message.type, message.data));
    if (added) expected_.push_back(message);
    WEFT_CHECK(added || data_.control_messages().as_bytes().size() == before);
    const bool rights = message.level == SOL_SOCKET && (message.type == 1 || message.type == 4);
    WEFT_CHECK(!(added && rights), "descriptors went in as bytes");
  }

  void add_fds(std::size_t count) {
    const std::vector<BorrowedFd> fds(count, some_fd());
    const Result<void> added = data_.add_file_descriptors(fds);
    WEFT_CHECK(!added || fds_ + count <= 253, "more descriptors than a kernel takes");
    if (!added || count == 0) return;
    fds_ += count;
    const auto bytes = std::as_bytes(std::span(fds));
    expected_.push_back(Added{SOL_SOCKET, SCM_RIGHTS, {bytes.begin(), bytes.end()}});
  }

  void check() { expect_same(data_.control_messages(), expected_); }
  Data& data() { return data_; }
  std::size_t fds() const { return fds_; }
  // Only descriptors are in it, which every socket of the family takes.
  bool is_sendable() const {
    return fds_ > 0 && std::ranges::all_of(expected_, [](const Added& one) {
             return one.level == SOL_SOCKET && one.type == SCM_RIGHTS;
           });
  }

 private:
  Data data_;
  std::vector<Added> expected_;
  std::size_t fds_ = 0;
};

// Through a socket: all of them arrive, and nothing is left of them.
void send_and_receive(net::AncillaryData& ancillary, std::size_t fds) {
  static const sys::Ends ends = sys::socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0).value();
  net::MessageFd from(ends.first);
  net::MessageFd to(ends.second);
  WEFT_CHECK(from.send_message({}, ancillary));
  WEFT_CHECK(ancillary.send_view().empty());
  std::array<std::byte, 1> room{};
  const auto got = net::recv_fds<0>(to, std::span<std::byte>(room));
  WEFT_CHECK(got && got->surplus == fds);
}

void run(std::span<const std::uint8_t> program) {
  const std::size_t capacity = program[0] + 256U * (program[1] % 8);
  std::vector<std::byte> storage(capacity);
  Checked fixed{net::AncillaryData(storage)};
  Checked growing{net::AncillaryDataBuf()};
  for (auto op = program.subspan(2); op.size() >= 4; op = op.subspan(4)) {
    const Added message{op[1] % 4 == 0 ? SOL_SOCKET : static_cast<int>(op[1]), op[2],
                        std::vector<std::byte>(op[3], std::byte{op[0]})};
    switch (op[0] % 3) {
      case 0:
        fixed.add_message(message);
        growing.add_message(message);
        break;
      case 1:
        fixed.add_fds(op[3]);
        growing.add_fds(op[3]);
        break;
      default:
        growing.data().reserve(op[3]);
        break;
    }
    fixed.check();
    growing.check();
  }
  if (fixed.is_sendable()) send_and_receive(fixed.data(), fixed.fds());
  const std::size_t before = growing.data().capacity();
  {
    net::AncillaryData lease = growing.data().lease();
    WEFT_CHECK(growing.data().control_messages().empty());
    if (growing.is_sendable()) send_and_receive(lease, growing.fds());
  }
  WEFT_CHECK(growing.data().capacity() == before);
}

}  // namespace
}  // namespace weft

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size >= 2) weft::run(std::span(data, size));
  return 0;
}
