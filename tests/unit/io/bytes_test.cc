// Bytes: views, owners, uniqueness.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <tests/support/threads.h>
#include <tests/unit/io/bytes_support.h>
#include <weft/io/bytes.h>
#include <weft/io/bytes_mut.h>

namespace weft::io {
namespace {

using test_support::as_bytes;
using test_support::as_vector;
using weft::test_support::run_threads;

// Counts how often it is destroyed, moved-from ones aside.
class Owner {
 public:
  Owner(std::string text, int* ended) : text_(std::move(text)), ended_(ended) {}
  Owner(Owner&& other) noexcept
      : text_(std::move(other.text_)), ended_(std::exchange(other.ended_, nullptr)) {}
  ~Owner() {
    if (ended_ != nullptr) ++*ended_;
  }
  const char* data() const {
    if (text_ == "throws") throw std::runtime_error("no data");
    return text_.data();
  }
  std::size_t size() const noexcept { return text_.size(); }

 private:
  std::string text_;
  int* ended_;
};

TEST(IOV1, CopiesShareTheBytes) {
  const Bytes bytes = Bytes::copy_from("hello");
  const Bytes copy = bytes;
  EXPECT_EQ(copy.data(), bytes.data());
  EXPECT_EQ(copy, "hello");
  Bytes assigned;
  assigned = copy;
  EXPECT_EQ(assigned.data(), bytes.data());
  const Bytes moved = std::move(assigned);
  EXPECT_EQ(moved, "hello");
  EXPECT_TRUE(assigned.empty());  // NOLINT(bugprone-use-after-move): that is the contract
}

TEST(IOV1, AssigningToItselfChangesNothing) {
  Bytes bytes = Bytes::copy_from("hello");
  const Bytes& same = bytes;
  bytes = same;
  EXPECT_EQ(bytes, "hello");
  EXPECT_TRUE(bytes.is_unique());
}

TEST(IOV1, VectorsAndStringsAreNotCopied) {
  std::vector<std::byte> vector = as_vector("hello");
  const std::byte* const first = vector.data();
  const Bytes from_vector(std::move(vector));
  EXPECT_EQ(from_vector.data(), first);
  EXPECT_EQ(from_vector, "hello");
  std::string text(100, 'x');
  const char* const begin = text.data();
  const Bytes from_text(std::move(text));
  EXPECT_EQ(from_text.as_string_view().data(), begin);
  EXPECT_EQ(from_text.size(), 100u);
  EXPECT_EQ(Bytes(std::string("short")), "short");
  EXPECT_TRUE(Bytes(std::string()).empty());
  EXPECT_TRUE(Bytes(std::vector<std::byte>()).empty());
}

TEST(IOV1, SlicesAreViews) {
  const Bytes bytes = Bytes::from_static("hello world");
  EXPECT_EQ(bytes.slice(0, 5), "hello");
  EXPECT_EQ(bytes.slice(6, 11), "world");
  EXPECT_EQ(bytes.slice(3, 3), "");
  EXPECT_EQ(bytes.slice(6, 11).data(), bytes.data() + 6);
  EXPECT_EQ(bytes.slice_ref(bytes.span().subspan(2, 3)), "llo");
  EXPECT_EQ(bytes.slice_ref({}), "");
  EXPECT_EQ(bytes.slice_ref(bytes.span()), bytes);
}

TEST(IOV1, Splitting) {
  Bytes bytes = Bytes::copy_from("hello world");
  const Bytes hello = bytes.split_to(5);
  EXPECT_EQ(hello, "hello");
  EXPECT_EQ(bytes, " world");
  const Bytes world = bytes.split_off(1);
  EXPECT_EQ(world, "world");
  EXPECT_EQ(bytes, " ");
  EXPECT_EQ(bytes.split_to(0), "");
  EXPECT_EQ(bytes.split_off(1), "");
  EXPECT_EQ(bytes.split_to(1), " ");
  EXPECT_TRUE(bytes.empty());
  Bytes whole = world;
  EXPECT_EQ(whole.split_off(0), "world");
  EXPECT_TRUE(whole.empty());
}

TEST(IOV1, TruncateClearAdvance) {
  Bytes bytes = Bytes::copy_from("hello world");
  bytes.truncate(100);
  EXPECT_EQ(bytes.size(), 11u);
  bytes.truncate(5);
  EXPECT_EQ(bytes, "hello");
  bytes.advance(2);
  EXPECT_EQ(bytes, "llo");
  bytes.clear();
  EXPECT_TRUE(bytes.empty());
}

TEST(IOV1, AnEmptySliceHasItsAddressAndKeepsNothing) {
  int ended = 0;
  std::optional<Bytes> bytes = Bytes::from_owner(Owner("hello", &ended));
  const std::byte* const first = bytes->data();
  const Bytes empty = bytes->slice(2, 2);
  EXPECT_EQ(empty.data(), first + 2);
  const Bytes nothing = bytes->split_off(5);
  EXPECT_EQ(nothing.data(), first + 5);
  std::optional<Bytes> all = bytes->split_to(5);
  EXPECT_EQ(bytes->data(), first + 5);
  EXPECT_EQ(*all, "hello");
  EXPECT_EQ(ended, 0);
  all.reset();
  EXPECT_EQ(ended, 1);
}

TEST(IOV1, AnOwnerIsDestroyedOnceWithTheLastHandle) {
  int ended = 0;
  {
    const Bytes bytes = Bytes::from_owner(Owner("hello", &ended));
    std::optional<Bytes> copy = bytes;
    const Bytes part = bytes.slice(1, 2);
    copy.reset();
    EXPECT_EQ(ended, 0);
    EXPECT_EQ(part, "e");
  }
  EXPECT_EQ(ended, 1);
}

TEST(IOV1, AnOwnerMayBeAPointer) {
  const auto shared = std::make_shared<std::vector<std::byte>>(as_vector("shared"));
  {
    const Bytes bytes = Bytes::from_owner(shared);
    EXPECT_EQ(bytes.data(), shared->data());
    EXPECT_EQ(shared.use_count(), 2);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(IOV1, AnOwnerThatThrowsIsDestroyedOnce) {
  int ended = 0;
  EXPECT_THROW(static_cast<void>(Bytes::from_owner(Owner("throws", &ended))), std::runtime_error);
  EXPECT_EQ(ended, 1);
}

TEST(IOV1, UniquenessIsThatOfCountedMemory) {
  EXPECT_FALSE(Bytes().is_unique());
  EXPECT_FALSE(Bytes::from_static("static").is_unique());
  const Bytes bytes(as_vector("vector"));
  EXPECT_TRUE(bytes.is_unique());
  {
    const Bytes part = bytes.slice(1, 2);
    EXPECT_FALSE(bytes.is_unique());
    EXPECT_FALSE(part.is_unique());
  }
  EXPECT_TRUE(bytes.is_unique());
  int ended = 0;
  EXPECT_TRUE(Bytes::from_owner(Owner("owner", &ended)).is_unique());
}

TEST(IOV1, UniqueBytesBecomeWritable) {
  Bytes bytes(as_vector("hello"));
  const std::byte* const first = bytes.data();
  bytes.advance(1);
  Result<BytesMut, Bytes> writable = std::move(bytes).try_into_mut();
  ASSERT_TRUE(writable.has_value());
  EXPECT_EQ(std::as_const(*writable).data(), first + 1);
  EXPECT_EQ(*writable, "ello");
  EXPECT_EQ(writable->capacity(), 4u);
  EXPECT_TRUE(bytes.empty());  // NOLINT(bugprone-use-after-move): that is the contract
}

TEST(IOV1, SharedStaticAndOwnedBytesStayAsTheyAre) {
  const Bytes shared = Bytes::copy_from("shared");
  Result<BytesMut, Bytes> refused = Bytes(shared).try_into_mut();
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().data(), shared.data());
  EXPECT_FALSE(Bytes::from_static("static").try_into_mut().has_value());
  int ended = 0;
  Result<BytesMut, Bytes> owned = Bytes::from_owner(Owner("owned", &ended)).try_into_mut();
  ASSERT_FALSE(owned.has_value());
  EXPECT_EQ(owned.error(), "owned");
  EXPECT_EQ(ended, 0);
}

TEST(IOV1, EqualityHashAndOrderAreThoseOfTheContent) {
  const Bytes a = Bytes::copy_from("abc");
  const Bytes same = Bytes::from_static("abc");
  const Bytes b = Bytes::from_static("abd");
  const Bytes high = Bytes::from_static("\xff");
  EXPECT_EQ(a, same);
  EXPECT_NE(a, b);
  EXPECT_LT(a, b);
  EXPECT_LT(b, high);  // as unsigned numbers
  EXPECT_LT(Bytes(), a);
  EXPECT_EQ(std::hash<Bytes>()(a), std::hash<Bytes>()(same));
  EXPECT_NE(std::hash<Bytes>()(a), std::hash<Bytes>()(b));
  EXPECT_EQ(a, BytesMut("abc"));
  EXPECT_GT(BytesMut("abd"), a);
}

TEST(IOV1, OutOfRangeIsFatal) {
  Bytes bytes = Bytes::from_static("abc");
  EXPECT_DEATH(static_cast<void>(bytes.slice(2, 4)), "bytes_test.cc:.*Bytes::slice");
  EXPECT_DEATH(static_cast<void>(bytes.slice(2, 1)), "bytes_test.cc:.*Bytes::slice");
  EXPECT_DEATH(static_cast<void>(bytes.split_to(4)), "bytes_test.cc:.*Bytes::split_to");
  EXPECT_DEATH(static_cast<void>(bytes.split_off(4)), "bytes_test.cc:.*Bytes::split_off");
  EXPECT_DEATH(bytes.advance(4), "bytes_test.cc:.*Bytes::advance");
  EXPECT_DEATH(static_cast<void>(bytes[3]), "Bytes::operator");
  static const char kOther[] = "elsewhere";
  EXPECT_DEATH(static_cast<void>(bytes.slice_ref(as_bytes(kOther))),
               "bytes_test.cc:.*Bytes::slice_ref");
}

TEST(IOV5, HandlesAreFourWordsOrLess) {
  EXPECT_LE(sizeof(Bytes), 4 * sizeof(void*));
  EXPECT_LE(sizeof(BytesMut), 4 * sizeof(void*));
  EXPECT_TRUE(std::is_nothrow_move_constructible_v<Bytes>);
  EXPECT_TRUE(std::is_nothrow_move_assignable_v<BytesMut>);
}

TEST(IOV5, HandlesMoveBetweenThreads) {
  Bytes bytes = Bytes::copy_from("hello");
  std::size_t seen = 0;
  run_threads(1, [moved = std::move(bytes), &seen](int) { seen = moved.size(); });
  EXPECT_EQ(seen, 5u);
}

// Many threads make the first copies of memory that was moved in, and drop them: under
// ThreadSanitizer a race of the count would show, and a second destruction of the owner anywhere.
TEST(IO55, FirstCopiesOfMovedInMemoryRace) {
  constexpr int kRounds = 200;
  int ended = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Bytes bytes = Bytes::from_owner(Owner("shared", &ended));
    run_threads(4, [&bytes](int) {
      const Bytes copy = bytes;
      EXPECT_EQ(copy.slice(1, 4), "har");
    });
    EXPECT_TRUE(bytes.is_unique());
    EXPECT_EQ(ended, round);  // destroyed at the end of each round
  }
  EXPECT_EQ(ended, kRounds);
}

// The last handle may be anybody's.
TEST(IO55, HandlesAreDroppedByAllThreads) {
  constexpr int kRounds = 200;
  constexpr int kThreads = 4;
  int ended = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<Bytes> copies(kThreads, Bytes::from_owner(Owner("shared", &ended)));
    run_threads(kThreads, [&copies](int i) { copies[static_cast<std::size_t>(i)] = Bytes(); });
    EXPECT_EQ(ended, round + 1);
  }
}

// A buffer takes its memory back while frames of it are dropped elsewhere.
TEST(IO55, ReclaimingAgainstDropping) {
  for (int round = 0; round < 200; ++round) {
    BytesMut bytes = BytesMut::with_capacity(64);
    bytes.extend("0123456789");
    Bytes frame = bytes.split().freeze();
    run_threads(2, [&](int i) {
      if (i == 0) {
        EXPECT_EQ(frame, "0123456789");
        frame = Bytes();
      } else if (bytes.try_reclaim(64)) {
        bytes.resize(64, std::byte{'x'});
      }
    });
    EXPECT_TRUE(bytes.try_reclaim(64 - bytes.size()));
  }
}

}  // namespace
}  // namespace weft::io
