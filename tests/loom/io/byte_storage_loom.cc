// Bytes and BytesMut: the count of handles against what a sole handle may do.
//
// Explored: handles of one storage are copied, sliced, frozen and dropped on two or three threads,
// while one of them asks whether it is alone and, if so, writes to the memory, takes it back, or
// takes it over. What the handles show is stood for by a Cell, which finds two accesses that
// nothing keeps apart; the owner is in tracked memory, so that a leak, a second destruction, or a
// use after it is found. Not explored: the bytes themselves, which are plain memory, and
// allocation.

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include <tests/loom/support/model.h>
#include <weft/base/check.h>
#include <weft/io/bytes.h>
#include <weft/io/bytes_mut.h>
#include <weft/loom/allocation.h>
#include <weft/loom/cell.h>

namespace weft::io {
namespace {

using loom_test::expect;
using loom_test::model;
using loom_test::start;

// Stands for the content: read by who has a handle, written by who is alone.
class Content {
 public:
  void look() const {
    cell_.with([](const int&) {});
  }
  void change() {
    cell_.with_mut([](int& value) { ++value; });
  }

 private:
  loom::Cell<int> cell_;
};

// Bytes of tracked memory. Its destructor writes, as freeing does.
class Owner {
 public:
  explicit Owner(Content* content) : content_(content), text_(loom::make<Text>()) {}
  Owner(Owner&& other) noexcept
      : content_(other.content_), text_(std::exchange(other.text_, nullptr)) {}
  ~Owner() {
    if (text_ == nullptr) return;
    content_->change();
    loom::free(text_);
  }
  const char* data() const noexcept { return text_->chars; }
  std::size_t size() const noexcept { return 4; }

 private:
  struct Text {
    char chars[4] = {'t', 'e', 'x', 't'};
  };
  Content* content_;
  Text* text_;
};

TEST(IO55, CopiesAreDroppedOnTwoThreads) {
  model([] {
    Content content;
    Bytes bytes = Bytes::from_owner(Owner(&content));
    Bytes copy = bytes;
    loom::Thread other = start([&content, moved = std::move(copy)]() mutable {
      content.look();
      const Bytes part = moved.slice(1, 3);
      moved = Bytes();
      expect(part.size() == 2, "the slice");
    });
    content.look();
    bytes = Bytes();
    other.join();
  });
}

// The first copies of memory that was moved in: two threads make them from one handle.
TEST(IO55, FirstCopiesRace) {
  model([] {
    Content content;
    {
      const Bytes bytes = Bytes::from_owner(Owner(&content));
      loom::Thread other = start([&] {
        const Bytes copy = bytes;
        content.look();
      });
      const Bytes copy = bytes;
      content.look();
      other.join();
    }
    content.look();
  });
}

TEST(IO55, TheLastOfThreeThreadsFrees) {
  model([] {
    Content content;
    Bytes bytes = Bytes::from_owner(Owner(&content));
    const auto use = [&content](Bytes handle) {
      content.look();
      handle = Bytes();
    };
    loom::Thread one = start([use, copy = bytes]() mutable { use(std::move(copy)); });
    loom::Thread two = start([use, copy = bytes]() mutable { use(std::move(copy)); });
    use(std::move(bytes));
    one.join();
    two.join();
  });
}

// A buffer takes its memory back if the frame is gone, and then nobody is reading it any more.
TEST(IOV3, ReclaimingAgainstDroppingAFrame) {
  bool reclaimed = false, refused = false;
  model([&] {
    Content content;
    BytesMut buffer = BytesMut::with_capacity(16);
    buffer.extend("frame");
    Bytes frame = buffer.split().freeze();
    loom::Thread other = start([&content, moved = std::move(frame)]() mutable {
      content.look();
      expect(moved.size() == 5, "the frame");
      moved = Bytes();
    });
    if (buffer.try_reclaim(16)) {
      content.change();
      reclaimed = true;
    } else {
      refused = true;
    }
    other.join();
    expect(buffer.try_reclaim(16), "nobody else has a handle");
  });
  EXPECT_TRUE(reclaimed);
  EXPECT_TRUE(refused);
}

// Two halves are frozen and dropped on two threads; each that finds itself alone may write.
TEST(IOV1, TakingOverAgainstCloningAndDropping) {
  bool taken = false, refused = false;
  model([&] {
    Content content;
    BytesMut buffer = BytesMut::with_capacity(16);
    buffer.extend("onetwo");
    BytesMut second = buffer.split_off(3);
    loom::Thread other = start([&content, moved = std::move(second)]() mutable {
      const Bytes frozen = std::move(moved).freeze();
      const Bytes copy = frozen;
      content.look();
    });
    Result<BytesMut, Bytes> mine = std::move(buffer).freeze().try_into_mut();
    if (mine) {
      content.change();
      expect(mine->as_string_view() == "one", "the content");
      taken = true;
    } else {
      content.look();
      expect(mine.error().as_string_view() == "one", "the content");
      refused = true;
    }
    other.join();
  });
  EXPECT_TRUE(taken);
  EXPECT_TRUE(refused);
}

// Both ask at the same time: never do both find themselves alone while the other has a handle, and
// the memory is freed once.
TEST(IO55, BothThreadsAskWhetherTheyAreAlone) {
  model([] {
    Content content;
    Bytes mine(std::string("text"));
    Bytes theirs = mine;
    loom::Thread other = start([&content, moved = std::move(theirs)]() mutable {
      content.look();
      if (std::move(moved).try_into_mut()) content.change();
    });
    content.look();
    if (std::move(mine).try_into_mut()) content.change();
    other.join();
  });
}

}  // namespace
}  // namespace weft::io
