// Channels: what is published on a channel goes to all who are subscribed to it.
//
// Each subscriber has an outbox, a bounded queue of messages for it, whose other end its connection
// writes to the client. A publisher never waits: a subscriber whose outbox is full does not read
// what it asked for, and is dropped from all channels, as Redis does. Its outbox then comes to an
// end, by which its connection knows.

#ifndef WEFT_EXAMPLES_MINI_REDIS_CHANNELS_H_
#define WEFT_EXAMPLES_MINI_REDIS_CHANNELS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include <weft/weft.h>

namespace mini_redis {

using weft::io::Bytes;

struct Message {
  Bytes channel;
  Bytes text;
};

// Thread-safe.
class Channels {
 public:
  using Outbox = weft::sync::mpsc::Sender<Message>;
  using Inbox = weft::sync::mpsc::Receiver<Message>;
  using Id = std::uint64_t;

  // How many messages a subscriber may be behind.
  static constexpr std::size_t kMostBehind = 1024;

  // A subscriber, known by its number, to no channels so far.
  Id enter(Outbox outbox);
  // Forgets it, and its subscriptions.
  void leave(Id id);

  void subscribe(Id id, std::string_view channel);
  void unsubscribe(Id id, std::string_view channel);

  // Returns how many subscribers get the message. Copies what it is given.
  std::size_t publish(std::string_view channel, std::string_view text);

 private:
  // `name` to `subscribers`; the strings are compared as they are, without making one.
  using ByName = std::map<std::string, std::set<Id>, std::less<>>;
  struct Subscriber {
    Outbox outbox;
    std::set<std::string, std::less<>> channels;
  };
  using Subscribers = std::map<Id, Subscriber>;

  void leave_locked(Subscribers::iterator subscriber);
  void remove_locked(Id id, std::string_view channel);

  std::mutex mutex_;
  Id last_id_ = 0;           // guarded by mutex_, as all of these
  ByName channels_;          // only those that somebody is subscribed to
  Subscribers subscribers_;  // also the subscribers of nothing
};

}  // namespace mini_redis

#endif  // WEFT_EXAMPLES_MINI_REDIS_CHANNELS_H_
