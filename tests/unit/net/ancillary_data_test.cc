// AncillaryData and AncillaryDataBuf: adding, owning, lending.

#include <algorithm>
#include <cstdint>
#include <ranges>

#include <tests/unit/net/ancillary_support.h>

namespace weft::net {
namespace {

using unchecked::unsafe;

constexpr std::array<std::byte, 8> kEight{};

ControlMessage eight_bytes() { return ControlMessage(99, 1, kEight); }

// Puts what a kernel might have written into `ancillary`, which owns the descriptors in it then.
void deliver(AncillaryData& ancillary, const Bytes& control) {
  // SAFETY(storage): written as a kernel would, with descriptors that the test gives away.
  const auto room = ancillary.recv_buffer(unsafe());
  ASSERT_TRUE(room && control.size() <= room->size());
  std::copy(control.begin(), control.end(), room->begin());
  // SAFETY(storage): as many were copied.
  ancillary.set_received_len(control.size(), unsafe());
  // SAFETY(lifetime): see above.
  ancillary.adopt_rights(unsafe());
}

Bytes rights(std::vector<OwnedFd> fds, int type = SCM_RIGHTS) {
  std::vector<int> numbers;
  for (OwnedFd& fd : fds) numbers.push_back(std::move(fd).release());
  return raw_message(SOL_SOCKET, type, std::as_bytes(std::span(numbers)));
}

TEST(A5, AddingFillsTheStorageToItsLastByte) {
  Storage<CMSG_SPACE(8) + CMSG_LEN(8)> storage;
  AncillaryData ancillary(storage);
  EXPECT_TRUE(ancillary.add_control_message(eight_bytes()));
  EXPECT_TRUE(ancillary.add_control_message(eight_bytes()));
  EXPECT_EQ(ancillary.send_view().size(), storage.size());
  EXPECT_EQ(std::ranges::distance(ancillary.control_messages()), 2);
}

TEST(A5, WhatDoesNotFitIsRefusedAndChangesNothing) {
  Storage<CMSG_SPACE(8) + CMSG_LEN(8) - 1> storage;
  AncillaryData ancillary(storage);
  EXPECT_TRUE(ancillary.add_control_message(eight_bytes()));
  const Bytes before(storage.begin(), storage.end());
  EXPECT_EQ(ancillary.add_control_message(eight_bytes()).error(), Errc::no_capacity);
  const OwnedFd file = a_file();
  const std::vector<BorrowedFd> fds(2, file);
  EXPECT_EQ(ancillary.add_file_descriptors(fds).error(), Errc::no_capacity);
  EXPECT_TRUE(std::ranges::equal(before, storage));
  EXPECT_EQ(ancillary.send_view().size(), CMSG_LEN(8));
}

TEST(A5, DescriptorsDoNotGoInAsBytes) {
  Storage<256> storage;
  AncillaryData ancillary(storage);
  AncillaryDataBuf growing;
  for (const int type : {int{SCM_RIGHTS}, kScmPidFd}) {
    const ControlMessage disguised(SOL_SOCKET, type, kEight);
    EXPECT_EQ(ancillary.add_control_message(disguised).error(), std::errc::invalid_argument);
    EXPECT_EQ(growing.add_control_message(disguised).error(), std::errc::invalid_argument);
  }
  EXPECT_TRUE(ancillary.control_messages().empty());
  EXPECT_TRUE(growing.control_messages().empty());
  EXPECT_TRUE(ancillary.add_control_message(ControlMessage(99, SCM_RIGHTS, kEight)));
}

TEST(A6, NoneOneAndAsManyAsAKernelTakes) {
  const OwnedFd file = a_file();
  for (const std::size_t count : {0U, 1U, 253U}) {
    Storage<CMSG_SPACE(253 * sizeof(int))> storage;
    AncillaryData ancillary(storage);
    EXPECT_TRUE(ancillary.add_file_descriptors(std::vector<BorrowedFd>(count, file)));
    std::size_t found = 0;
    for (const ControlMessage& message : ancillary.control_messages()) {
      EXPECT_EQ(message.level(), SOL_SOCKET);
      EXPECT_EQ(message.type(), SCM_RIGHTS);
      found += message.data().size() / sizeof(int);
    }
    EXPECT_EQ(found, count);
    EXPECT_EQ(ancillary.control_messages().empty(), count == 0);
  }
}

TEST(A6, MoreAreTooMany) {
  const OwnedFd file = a_file();
  Storage<4096> storage;
  AncillaryData ancillary(storage);
  EXPECT_EQ(ancillary.add_file_descriptors(std::vector<BorrowedFd>(254, file)).error(),
            Errc::too_many_fds);
  EXPECT_TRUE(ancillary.control_messages().empty());
  EXPECT_TRUE(ancillary.add_file_descriptors(std::vector<BorrowedFd>(200, file)));
  EXPECT_EQ(ancillary.add_file_descriptors(std::vector<BorrowedFd>(100, file)).error(),
            Errc::too_many_fds);
  EXPECT_TRUE(ancillary.add_file_descriptors(std::vector<BorrowedFd>(53, file)));
}

TEST(A7, AddedDescriptorsAreNotReceivedOnes) {
  const NothingLeaks check;
  const OwnedFd file = a_file();
  Storage<64> storage;
  {
    AncillaryData ancillary(storage);
    EXPECT_TRUE(ancillary.add_file_descriptors(std::array{file.borrow()}));
    EXPECT_TRUE(take_all(ancillary).empty());
    ancillary.clear();
    EXPECT_TRUE(ancillary.control_messages().empty());
  }
  EXPECT_TRUE(sys::get_fd_flags(file));
}

TEST(A7, NorAreThoseThatWereAddedBehindReceivedOnes) {
  const NothingLeaks check;
  const OwnedFd file = a_file();
  Storage<256> storage;
  AncillaryData ancillary(storage);
  deliver(ancillary, rights(files(2)));
  EXPECT_TRUE(ancillary.add_file_descriptors(std::array{file.borrow()}));
  EXPECT_EQ(std::ranges::distance(ancillary.control_messages()), 2);
  EXPECT_EQ(take_all(ancillary).size(), 2U);
}

TEST(A9, WhatIsNotTakenIsClosedWithTheRange) {
  const NothingLeaks check;
  Storage<256> storage;
  AncillaryData ancillary(storage);
  deliver(ancillary, rights(files(5)));
  std::vector<OwnedFd> taken;
  {
    ReceivedFds range = ancillary.received_fds();
    auto it = range.begin();
    taken.push_back(*it);
    ++it;
    taken.push_back(*it);
    ReceivedFds moved = std::move(range);
    EXPECT_TRUE(moved.begin() != moved.end());
    const std::size_t with_five = test_support::open_fd_count();
    ++moved.begin();  // the second was moved from; now the third is held
    ++moved.begin();  // closed: nobody took it
    EXPECT_EQ(test_support::open_fd_count(), with_five - 1);
  }
  EXPECT_TRUE(sys::get_fd_flags(taken[0]) && sys::get_fd_flags(taken[1]));
  EXPECT_TRUE(take_all(ancillary).empty());
}

TEST(A9, ARangeThatIsNotBegunClosesAll) {
  const NothingLeaks check;
  Storage<256> storage;
  AncillaryData ancillary(storage);
  deliver(ancillary, rights(files(3)));
  {
    const ReceivedFds ignored = ancillary.received_fds();
  }
  EXPECT_TRUE(take_all(ancillary).empty());
}

TEST(A9, ANumberThatComesTwiceIsOwnedOnce) {
  const NothingLeaks check;
  const int number = a_file().release();
  const int other = a_file().release();
  const std::array<int, 5> numbers = {number, -1, number, other, number};
  Storage<256> storage;
  AncillaryData ancillary(storage);
  deliver(ancillary, raw_message_of(SOL_SOCKET, SCM_RIGHTS, numbers) +
                         raw_message_of(SOL_SOCKET, kScmPidFd, number));
  const std::vector<OwnedFd> taken = take_all(ancillary);
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[0].raw(), number);
  EXPECT_EQ(taken[1].raw(), other);
}

TEST(A10, DestructionClosesEverything) {
  const NothingLeaks check;
  Storage<256> storage;
  {
    AncillaryData ancillary(storage);
    deliver(ancillary, rights(files(3)) + rights(files(1), kScmPidFd));
    AncillaryData moved = std::move(ancillary);
    EXPECT_EQ(std::ranges::distance(moved.control_messages()), 2);
  }
  AncillaryData first(storage);
  deliver(first, rights(files(2)));
  first = AncillaryData(std::span<std::byte>());
  EXPECT_EQ(first.capacity(), 0U);
}

TEST(A10, ClearingClosesEverything) {
  const NothingLeaks check;
  Storage<256> storage;
  AncillaryData ancillary(storage);
  deliver(ancillary, rights(files(3)));
  ancillary.clear();
  EXPECT_TRUE(take_all(ancillary).empty());
}

TEST(A11, TheBufferIsGivenOutOnce) {
  Storage<64> storage;
  AncillaryData ancillary(storage);
  // SAFETY(storage): nothing is written, and no length is claimed but 0.
  EXPECT_TRUE(ancillary.recv_buffer(unsafe()));
  EXPECT_FALSE(ancillary.recv_buffer(unsafe()));
  EXPECT_EQ(ancillary.add_control_message(eight_bytes()).error(),
            std::errc::device_or_resource_busy);
  const OwnedFd file = a_file();
  EXPECT_EQ(ancillary.add_file_descriptors(std::array{file.borrow()}).error(),
            std::errc::device_or_resource_busy);
  ancillary.set_received_len(0, unsafe());
  EXPECT_TRUE(ancillary.recv_buffer(unsafe()));
}

TEST(A11, ThereIsNoneWithoutStorage) {
  AncillaryData none{std::span<std::byte>()};
  // SAFETY(storage): there is none.
  EXPECT_FALSE(none.recv_buffer(unsafe()));
  EXPECT_EQ(none.add_control_message(eight_bytes()).error(), Errc::no_capacity);
}

TEST(A12, TheBufferIsGivenOutEmptyOfDescriptors) {
  const NothingLeaks check;
  Storage<256> storage;
  storage.fill(std::byte{0xab});
  AncillaryData ancillary(storage);
  const Bytes message = rights(files(3));
  deliver(ancillary, message);
  storage.back() = std::byte{0xcd};
  const std::size_t before = test_support::open_fd_count();
  // SAFETY(storage): nothing is written, and no length is claimed.
  const auto room = ancillary.recv_buffer(unsafe());
  EXPECT_EQ(test_support::open_fd_count(), before - 3);
  EXPECT_EQ(room->size(), storage.size());
  const auto unused = room->subspan(message.size());
  EXPECT_TRUE(std::ranges::all_of(unused, [](std::byte b) { return b == std::byte{0}; }));
}

TEST(A13, ALengthBeyondTheStorageIsFatal) {
  Storage<64> storage;
  AncillaryData ancillary(storage);
  // SAFETY(storage): the claim is refused.
  static_cast<void>(ancillary.recv_buffer(unsafe()));
  EXPECT_DEATH(ancillary.set_received_len(65, unsafe()),
               "ancillary_data_test.*more than the storage has room for");
}

TEST(A14, ALengthWithoutABufferIsFatal) {
  Storage<64> storage;
  AncillaryData ancillary(storage);
  // SAFETY(storage): the claim is refused.
  EXPECT_DEATH(ancillary.set_received_len(0, unsafe()), "call recv_buffer\\(\\) before");
}

TEST(A15, ASecondLengthIsFatal) {
  Storage<64> storage;
  AncillaryData ancillary(storage);
  // SAFETY(storage): nothing is claimed the first time; the second is refused.
  static_cast<void>(ancillary.recv_buffer(unsafe()));
  ancillary.set_received_len(0, unsafe());
  EXPECT_DEATH(ancillary.set_received_len(0, unsafe()), "call recv_buffer\\(\\) before");
}

TEST(A16, AdoptingWithoutALengthIsFatal) {
  Storage<64> storage;
  AncillaryData ancillary(storage);
  // SAFETY(lifetime): refused.
  EXPECT_DEATH(ancillary.adopt_rights(unsafe()), "call set_received_len\\(\\) before");
  static_cast<void>(ancillary.recv_buffer(unsafe()));
  EXPECT_DEATH(ancillary.adopt_rights(unsafe()), "call set_received_len\\(\\) before");
}

TEST(A17, AdoptingTwiceIsFatal) {
  Storage<64> storage;
  AncillaryData ancillary(storage);
  deliver(ancillary, {});
  // SAFETY(lifetime): refused.
  EXPECT_DEATH(ancillary.adopt_rights(unsafe()), "call set_received_len\\(\\) before");
}

TEST(A18, WhatIsLentReadsAsEmptyAndTakesNothing) {
  AncillaryDataBuf growing = AncillaryDataBuf::with_capacity(100);
  EXPECT_GE(growing.capacity(), 100U);
  EXPECT_TRUE(growing.add_control_message(eight_bytes()));
  const std::size_t capacity = growing.capacity();
  const OwnedFd file = a_file();
  {
    AncillaryData lease = growing.lease();
    EXPECT_EQ(lease.capacity(), capacity);
    EXPECT_EQ(std::ranges::distance(lease.control_messages()), 1);
    EXPECT_TRUE(growing.control_messages().empty());
    const auto busy = std::errc::device_or_resource_busy;
    EXPECT_EQ(growing.add_control_message(eight_bytes()).error(), busy);
    EXPECT_EQ(growing.add_file_descriptors(std::array{file.borrow()}).error(), busy);
    EXPECT_EQ(growing.append(lease.control_messages()).error(), busy);
    EXPECT_EQ(growing.try_reserve(1000).error(), busy);
    EXPECT_DEATH(growing.reserve(1000), "it is lent out");
    EXPECT_DEATH(growing.reserve_exact(1000), "it is lent out");
    EXPECT_DEATH(static_cast<void>(growing.lease()), "it is lent out");
    growing.clear();
    EXPECT_EQ(std::ranges::distance(lease.control_messages()), 1);
  }
  EXPECT_EQ(growing.capacity(), capacity);
  EXPECT_TRUE(growing.control_messages().empty());
  EXPECT_TRUE(growing.add_control_message(eight_bytes()));
  growing.clear();
  EXPECT_TRUE(growing.control_messages().empty());
  EXPECT_EQ(growing.capacity(), capacity);
}

TEST(A18, ALeaseOutlivesItsBuffer) {
  const NothingLeaks check;
  AncillaryDataBuf growing = AncillaryDataBuf::with_capacity(64);
  AncillaryData lease = growing.lease();
  const AncillaryDataBuf moved = std::move(growing);
  EXPECT_EQ(growing.capacity(), 0U);
  EXPECT_TRUE(growing.add_control_message(eight_bytes()));
  growing = AncillaryDataBuf();
  deliver(lease, rights(files(2)));
  EXPECT_EQ(take_all(lease).size(), 2U);
  EXPECT_EQ(moved.capacity(), 64U);
}

TEST(A18, ItGrows) {
  AncillaryDataBuf growing;
  EXPECT_EQ(growing.capacity(), 0U);
  EXPECT_EQ(growing.lease().capacity(), 0U);
  const OwnedFd file = a_file();
  for (int i = 0; i < 50; ++i) {
    EXPECT_TRUE(growing.add_control_message(ControlMessage(99, i, kEight)));
  }
  EXPECT_TRUE(growing.add_file_descriptors(std::vector<BorrowedFd>(253, file)));
  EXPECT_EQ(growing.add_file_descriptors(std::array{file.borrow()}).error(), Errc::too_many_fds);
  int next = 0;
  for (const ControlMessage& message : growing.control_messages()) {
    if (message.level() != 99) continue;
    EXPECT_EQ(message.type(), next++);
  }
  EXPECT_EQ(next, 50);
}

TEST(A18, ItIsAppendedToAsAWholeAlsoFromItself) {
  AncillaryDataBuf growing;
  EXPECT_TRUE(growing.add_control_message(eight_bytes()));
  for (int doublings = 0; doublings < 5; ++doublings) {
    EXPECT_TRUE(growing.append(growing.control_messages()));
  }
  EXPECT_EQ(std::ranges::distance(growing.control_messages()), 32);
  EXPECT_TRUE(growing.add_control_message(*growing.control_messages().begin()));
  const Bytes with_rights =
      raw_message(99, 1, kEight) + raw_message(SOL_SOCKET, SCM_RIGHTS, kEight);
  EXPECT_EQ(growing.append(ControlMessages::from_bytes(with_rights)).error(),
            std::errc::invalid_argument);
  EXPECT_EQ(std::ranges::distance(growing.control_messages()), 33);
}

TEST(A18, RoomIsReservedBehindTheMessages) {
  AncillaryDataBuf growing;
  EXPECT_TRUE(growing.add_control_message(eight_bytes()));
  const std::size_t used = growing.control_messages().as_bytes().size();
  growing.reserve_exact(1000);
  EXPECT_EQ(growing.capacity(), used + 1000);
  growing.reserve(1);
  EXPECT_EQ(growing.capacity(), used + 1000);
  growing.reserve(1001);
  EXPECT_GE(growing.capacity(), used + 1001);
  EXPECT_TRUE(growing.try_reserve(5000));
  EXPECT_GE(growing.capacity(), used + 5000);
  EXPECT_EQ(std::ranges::distance(growing.control_messages()), 1);
}

}  // namespace
}  // namespace weft::net
