// OpenConnections: lets a server wait until the connections it has accepted have ended.
//
// The task of each connection owns a Token. A token is a sender of a channel on which nobody ever
// sends: when the last one is gone, the receiver sees the end of the channel. So there is no
// counter to keep right, and a task that is cancelled, or throws, gives its token back like any
// other.
//
//   OpenConnections connections;
//   weft::spawn(serve, std::move(stream), connections.token());
//   ...
//   const bool all_ended = co_await std::move(connections).ended_within(2s);

#ifndef WEFT_EXAMPLES_SUPPORT_OPEN_CONNECTIONS_H_
#define WEFT_EXAMPLES_SUPPORT_OPEN_CONNECTIONS_H_

#include <chrono>
#include <utility>
#include <variant>

#include <weft/weft.h>

namespace examples {

class OpenConnections {
 public:
  using Token = weft::sync::mpsc::Sender<std::monostate>;

  OpenConnections() : OpenConnections(weft::sync::mpsc::channel<std::monostate>(1)) {}

  Token token() const { return sender_; }

  // Waits until there are no tokens any more, at most for `limit`. True: there are none.
  weft::Task<bool> ended_within(std::chrono::nanoseconds limit) && {
    return wait(std::move(receiver_), std::move(sender_), limit);
  }

 private:
  using Receiver = weft::sync::mpsc::Receiver<std::monostate>;

  explicit OpenConnections(std::pair<Token, Receiver> channel)
      : sender_(std::move(channel.first)), receiver_(std::move(channel.second)) {}

  static weft::Task<bool> wait(Receiver receiver, Token sender, std::chrono::nanoseconds limit) {
    {
      const Token ours = std::move(sender);
    }  // gone, so that only those of connections count
    const auto end = co_await weft::time::timeout(limit, receiver.recv());
    co_return end.has_value();
  }

  Token sender_;
  Receiver receiver_;
};

}  // namespace examples

#endif  // WEFT_EXAMPLES_SUPPORT_OPEN_CONNECTIONS_H_
