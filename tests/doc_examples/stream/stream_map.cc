// The example in stream/stream_map.h; tools/doc_examples.py keeps the two equal.

#include <weft/stream/stream_map.h>

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include <weft/runtime/task.h>
#include <weft/stream/receiver_stream.h>
#include <weft/sync/mpsc.h>
#include <weft/testing/block_on.h>

namespace weft {
namespace {

// [example]
using Subscription = stream::ReceiverStream<std::string>;

// "room: message" for all rooms, until they are all closed.
Task<std::string> read_rooms(stream::StreamMap<std::string, Subscription> rooms) {
  std::string log;
  while (const auto found = co_await rooms.next()) {
    const auto& [room, message] = *found;
    log += room + ": " + message + "\n";
  }
  co_return log;
}
// [end]

TEST(DocExample, StreamStreamMap) {
  auto [sender, receiver] = sync::mpsc::channel<std::string>(4);
  EXPECT_TRUE(sender.try_send("hello"));
  receiver.close();
  stream::StreamMap<std::string, Subscription> rooms;
  EXPECT_FALSE(rooms.insert("lobby", Subscription(std::move(receiver))).has_value());
  EXPECT_EQ(test::block_on(read_rooms(std::move(rooms))), "lobby: hello\n");
}

}  // namespace
}  // namespace weft
