// Tutorial, from chapter Shared state on: the keys and their values, and the commands on them.

#ifndef WEFT_EXAMPLES_TUTORIAL_STORE_H_
#define WEFT_EXAMPLES_TUTORIAL_STORE_H_

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tutorial {

// Thread-safe.
class Store {
 public:
  std::optional<std::string> get(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end()) return std::nullopt;
    return found->second;
  }
  void set(const std::string& key, std::string value) {
    const std::lock_guard lock(mutex_);
    entries_.insert_or_assign(key, std::move(value));
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::string, std::string> entries_;  // guarded by mutex_
};

using Request = std::vector<std::string>;

// Clients write names of commands as they like: "get" is GET.
inline std::string in_capitals(std::string word) {
  for (char& c : word) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return word;
}

// The reply to a request, as it goes over the wire.
inline std::string execute(const Request& request, Store& store) {
  const std::string name = request.empty() ? "" : in_capitals(request[0]);
  if (name == "PING" && request.size() == 1) return "+PONG\r\n";
  if (name == "SET" && request.size() == 3) {
    store.set(request[1], request[2]);
    return "+OK\r\n";
  }
  if (name == "GET" && request.size() == 2) {
    const std::optional<std::string> value = store.get(request[1]);
    if (!value) return "$-1\r\n";
    return "$" + std::to_string(value->size()) + "\r\n" + *value + "\r\n";
  }
  return "-ERR unknown command\r\n";
}

}  // namespace tutorial

#endif  // WEFT_EXAMPLES_TUTORIAL_STORE_H_
