// The commands that concern nothing but the keys: from a request to its reply.

#ifndef WEFT_EXAMPLES_MINI_REDIS_COMMANDS_H_
#define WEFT_EXAMPLES_MINI_REDIS_COMMANDS_H_

#include <cstddef>
#include <string_view>

#include <examples/mini_redis/message.h>
#include <examples/mini_redis/store.h>

namespace mini_redis {

// Whether `word`, as a client wrote it, is the command or option of this name, in upper case.
bool is_word(const Bytes& word, std::string_view name);

// What a request with the wrong number of arguments, and one with an unknown command, gets.
Reply wrong_arguments(const Request& request);
Reply unknown_command(const Request& request);

// DECR, DEL, ECHO, EXISTS, EXPIRE, GET, INCR, MGET, MSET, PEXPIRE, PTTL, SET, TTL; and what clients
// ask when they begin: COMMAND and CONFIG GET.
Reply execute(const Request& request, Store& store);

}  // namespace mini_redis

#endif  // WEFT_EXAMPLES_MINI_REDIS_COMMANDS_H_
