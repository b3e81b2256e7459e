// Session: one client's connection to the server.
//
// Clients pipeline: they send requests without waiting for the replies. So replies are collected in
// the write buffer, and written when the client has nothing more for us to do (or when there are
// many of them: then reading stops until the client takes some, and a client that never reads
// cannot make the buffer grow).
//
// A client that is subscribed to channels gets messages between its replies. While it is, we wait
// for two things at a time, its next request and the next message.

#ifndef WEFT_EXAMPLES_MINI_REDIS_SESSION_H_
#define WEFT_EXAMPLES_MINI_REDIS_SESSION_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <examples/mini_redis/channels.h>
#include <examples/mini_redis/commands.h>
#include <examples/mini_redis/server_codec.h>
#include <weft/weft.h>

namespace mini_redis {

// What all sessions share.
struct Shared {
  explicit Shared(std::size_t most_sessions) : room(most_sessions) {}

  Store store;
  Channels channels;
  weft::sync::Semaphore room;    // a permit for each session that there may be
  weft::CancellationToken stop;  // cancelled when the server is asked to stop
};

// Used by one task.
class Session {
 public:
  Session(weft::net::TcpStream stream, Shared& shared)
      : framed_(std::move(stream), ServerCodec()), shared_(shared) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { stop_listening(); }

  // Serves the client until it goes, sends what cannot be understood, or the server stops; then it
  // still gets the replies to what has been done for it.
  weft::Task<> run();
  // Tells the client that there is no room for it.
  weft::Task<> refuse();

 private:
  using Framed = weft::io::codec::Framed<weft::net::TcpStream, ServerCodec>;
  using NextRequest = std::optional<weft::Result<Request>>;
  using Names = std::set<std::string, std::less<>>;

  weft::Task<bool> step_subscribed();
  weft::Task<bool> send_replies();
  weft::Task<bool> make_room();
  weft::Task<> finish();
  weft::Task<> say_goodbye();

  weft::Poll<NextRequest> poll_request(weft::Context& cx);
  auto next_request() {
    return weft::poll_fn([this](weft::Context& cx) { return poll_request(cx); });
  }
  bool answer(const NextRequest& next);
  void pass_on(Message message);
  void handle(const Request& request);
  void subscribe(const Request& request);
  void unsubscribe(const Request& request);
  void ping(const Request& request);
  void stop_listening();
  Reply subscription_reply(std::string_view what, Reply channel) const;
  bool is_subscribed() const { return inbox_.has_value(); }

  Framed framed_;
  Shared& shared_;
  weft::CancellationToken stop_ = shared_.stop.child_token();
  std::vector<Reply> replies_;  // to the request that is being answered
  bool is_over_ = false;        // the client gets these replies, and no more
  // Set while the client is subscribed to anything.
  std::optional<Channels::Inbox> inbox_;
  Channels::Id id_ = 0;
  Names subscriptions_;
};

}  // namespace mini_redis

#endif  // WEFT_EXAMPLES_MINI_REDIS_SESSION_H_
