// One client's connection. Interface: session.h.

#include <examples/mini_redis/session.h>

#include <chrono>
#include <utility>

namespace mini_redis {
namespace {

using namespace std::chrono_literals;
using weft::Context;
using weft::Err;
using weft::kPending;
using weft::Poll;
using weft::Result;
using weft::Task;

// How long a client may take to receive some of its replies, and to close at the end.
constexpr auto kPatience = 30s;
constexpr auto kLastWords = 1s;
// How many messages are taken out of the inbox at a time.
constexpr std::size_t kMostTogether = 64;

Reply literal(std::string_view text) { return Reply::text(Bytes::from_static(text)); }

Reply message_reply(Message message) {
  std::vector<Reply> parts;
  parts.push_back(literal("message"));
  parts.push_back(Reply::text(std::move(message.channel)));
  parts.push_back(Reply::text(std::move(message.text)));
  return Reply::array(std::move(parts));
}

}  // namespace

Task<> Session::run() {
  for (bool goes_on = true; goes_on;) {
    if (is_subscribed()) {
      goes_on = co_await step_subscribed();
    } else {
      const auto next = co_await stop_.run_until_cancelled(next_request());
      goes_on = next && answer(*next);
    }
    const bool sent = co_await send_replies();
    goes_on = goes_on && sent;
  }
  co_await finish();
}

// The next request or the next messages, whichever come first. False: no more after that.
Task<bool> Session::step_subscribed() {
  auto event = co_await stop_.run_until_cancelled(weft::select(next_request(), inbox_->recv()));
  if (!event) co_return false;
  if (event->index() == 0) co_return answer(std::get<0>(*event));
  std::optional<Message>& message = std::get<1>(*event);
  if (!message) co_return false;  // was too slow for its messages
  pass_on(*std::move(message));
  // Those that are there already go out in the same write.
  for (std::size_t i = 1; i < kMostTogether; ++i) {
    auto another = inbox_->try_recv();
    if (!another) break;
    pass_on(*std::move(another));
  }
  co_return true;
}

void Session::pass_on(Message message) {
  // It may have been on its way when the client unsubscribed.
  if (!subscriptions_.contains(message.channel.as_string_view())) return;
  replies_.push_back(message_reply(std::move(message)));
}

Poll<Session::NextRequest> Session::poll_request(Context& cx) {
  Poll<NextRequest> next = framed_.poll_next(cx);
  if (next.is_ready()) return next;
  // The client waits for us. Whatever comes first, a request or room for replies, wakes this task.
  const Poll<Result<void>> flushed = framed_.poll_flush(cx);
  if (flushed.is_ready() && !*flushed) return NextRequest(Err(flushed->error()));
  return kPending;
}

// Makes the replies to what has come. False: nothing will come after it.
bool Session::answer(const NextRequest& next) {
  if (!next) return false;
  if (*next) {
    handle(**next);
    return !is_over_;
  }
  const std::string_view problem = framed_.codec().problem();
  if (!problem.empty()) {
    replies_.push_back(Reply::error("ERR Protocol error: " + std::string(problem)));
  }
  return false;
}

Task<bool> Session::send_replies() {
  for (const Reply& reply : replies_) {
    if (framed_.write_buffer().size() >= framed_.backpressure_boundary()) {
      const bool has_room = co_await make_room();
      if (!has_room) co_return false;
    }
    const Result<void> encoded = framed_.start_send(reply);
    if (!encoded) co_return false;
  }
  replies_.clear();
  co_return true;
}

Task<bool> Session::make_room() {
  const auto flushed = co_await weft::time::timeout(kPatience, framed_.flush());
  co_return flushed && *flushed;
}

Task<> Session::refuse() {
  replies_.push_back(Reply::error("ERR max number of clients reached"));
  const bool sent = co_await send_replies();
  if (sent) co_await finish();
}

Task<> Session::finish() {
  stop_listening();
  [[maybe_unused]] const auto finished = co_await weft::time::timeout(kLastWords, say_goodbye());
}

// Writes what is left, ends our side, and reads what the client may still be sending: closing a
// socket with unread bytes resets the connection, perhaps before the client has seen the replies.
Task<> Session::say_goodbye() {
  const Result<void> closed = co_await framed_.close();
  if (!closed) co_return;
  BytesMut& scratch = framed_.read_buffer();
  for (;;) {
    scratch.clear();
    const Result<std::size_t> count = co_await framed_.inner().read_buf(scratch);
    if (!count || *count == 0) co_return;
  }
}

void Session::handle(const Request& request) {
  const Bytes& name = request[0];
  if (is_word(name, "PING")) {
    ping(request);
  } else if (is_word(name, "SUBSCRIBE")) {
    subscribe(request);
  } else if (is_word(name, "UNSUBSCRIBE")) {
    unsubscribe(request);
  } else if (is_word(name, "QUIT")) {
    replies_.push_back(Reply::status("OK"));
    is_over_ = true;
  } else if (is_subscribed()) {
    replies_.push_back(Reply::error(
        "ERR Can't execute this command: only SUBSCRIBE, UNSUBSCRIBE, PING and QUIT are allowed "
        "while subscribed"));
  } else if (!is_word(name, "PUBLISH")) {
    replies_.push_back(execute(request, shared_.store));
  } else if (request.size() != 3) {
    replies_.push_back(wrong_arguments(request));
  } else {
    const std::size_t count =
        shared_.channels.publish(request[1].as_string_view(), request[2].as_string_view());
    replies_.push_back(Reply::integer(static_cast<std::int64_t>(count)));
  }
}

void Session::ping(const Request& request) {
  if (request.size() > 2) {
    replies_.push_back(wrong_arguments(request));
  } else if (is_subscribed()) {
    std::vector<Reply> parts;
    parts.push_back(literal("pong"));
    parts.push_back(request.size() == 2 ? Reply::text(request[1]) : literal(""));
    replies_.push_back(Reply::array(std::move(parts)));
  } else {
    replies_.push_back(request.size() == 2 ? Reply::text(request[1]) : Reply::status("PONG"));
  }
}

void Session::subscribe(const Request& request) {
  if (request.size() < 2) {
    replies_.push_back(wrong_arguments(request));
    return;
  }
  if (!is_subscribed()) {
    auto [outbox, inbox] = weft::sync::mpsc::channel<Message>(Channels::kMostBehind);
    id_ = shared_.channels.enter(std::move(outbox));
    inbox_.emplace(std::move(inbox));
  }
  for (std::size_t i = 1; i < request.size(); ++i) {
    subscriptions_.emplace(request[i].as_string_view());
    shared_.channels.subscribe(id_, request[i].as_string_view());
    replies_.push_back(subscription_reply("subscribe", Reply::text(request[i])));
  }
}

// From the channels named, or from all.
void Session::unsubscribe(const Request& request) {
  Request channels(request.begin() + 1, request.end());
  if (channels.empty()) {
    for (const std::string& name : subscriptions_) channels.push_back(Bytes::copy_from(name));
  }
  for (const Bytes& channel : channels) {
    const auto found = subscriptions_.find(channel.as_string_view());
    if (found != subscriptions_.end()) subscriptions_.erase(found);
    shared_.channels.unsubscribe(id_, channel.as_string_view());
    replies_.push_back(subscription_reply("unsubscribe", Reply::text(channel)));
  }
  if (channels.empty()) replies_.push_back(subscription_reply("unsubscribe", Reply()));
  if (subscriptions_.empty()) stop_listening();
}

void Session::stop_listening() {
  if (!is_subscribed()) return;
  shared_.channels.leave(id_);
  inbox_.reset();
  subscriptions_.clear();
}

Reply Session::subscription_reply(std::string_view what, Reply channel) const {
  std::vector<Reply> parts;
  parts.push_back(literal(what));
  parts.push_back(std::move(channel));
  parts.push_back(Reply::integer(static_cast<std::int64_t>(subscriptions_.size())));
  return Reply::array(std::move(parts));
}

}  // namespace mini_redis
