// Publishing and subscribing. Interface: channels.h.

#include <examples/mini_redis/channels.h>

#include <utility>
#include <vector>

namespace mini_redis {

Channels::Id Channels::enter(Outbox outbox) {
  const std::lock_guard lock(mutex_);
  const Id id = ++last_id_;
  subscribers_.emplace(id, Subscriber{std::move(outbox), {}});
  return id;
}

void Channels::leave(Id id) {
  const std::lock_guard lock(mutex_);
  const auto found = subscribers_.find(id);
  if (found != subscribers_.end()) leave_locked(found);
}

void Channels::subscribe(Id id, std::string_view channel) {
  const std::lock_guard lock(mutex_);
  const auto found = subscribers_.find(id);
  if (found == subscribers_.end()) return;  // was dropped, and its connection will find out
  found->second.channels.emplace(channel);
  channels_[std::string(channel)].insert(id);
}

void Channels::unsubscribe(Id id, std::string_view channel) {
  const std::lock_guard lock(mutex_);
  const auto found = subscribers_.find(id);
  if (found == subscribers_.end()) return;
  const auto its = found->second.channels.find(channel);
  if (its == found->second.channels.end()) return;
  found->second.channels.erase(its);
  remove_locked(id, channel);
}

std::size_t Channels::publish(std::string_view channel, std::string_view text) {
  const std::lock_guard lock(mutex_);
  const auto found = channels_.find(channel);
  if (found == channels_.end()) return 0;
  const Message message{Bytes::copy_from(channel), Bytes::copy_from(text)};
  std::size_t count = 0;
  std::vector<Id> too_slow;
  for (const Id id : found->second) {
    const bool sent = subscribers_.at(id).outbox.try_send(message).has_value();
    if (sent) {
      ++count;
    } else {
      too_slow.push_back(id);
    }
  }
  for (const Id id : too_slow) leave_locked(subscribers_.find(id));
  return count;
}

void Channels::leave_locked(Subscribers::iterator subscriber) {
  for (const std::string& channel : subscriber->second.channels) {
    remove_locked(subscriber->first, channel);
  }
  subscribers_.erase(subscriber);
}

void Channels::remove_locked(Id id, std::string_view channel) {
  const auto found = channels_.find(channel);
  found->second.erase(id);
  if (found->second.empty()) channels_.erase(found);
}

}  // namespace mini_redis
