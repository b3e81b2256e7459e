// Row: one line of the comparison, as a program of this folder carries it out.
//
// A program consists of rows, which are found by the name they have in tools/peers_rows.py:
//
//   const peers::Row kSpawnJoin("spawn_join", [](peers::Run& run) { ...; return figure; });
//
//   <program> list                          the names of its rows
//   <program> <row> <workers> <seconds>     runs one and prints {"value": ..., "cpu": ...}
//
// A row named serve_... is a server: it prints the address that its load is to be sent to (serve())
// and works until its standard input ends.

#ifndef WEFT_BENCHES_PEERS_SUPPORT_ROW_H_
#define WEFT_BENCHES_PEERS_SUPPORT_ROW_H_

#include <cstddef>
#include <string>
#include <string_view>

#include <benches/peers/support/laps.h>

namespace peers {

struct Run {
  unsigned workers;
  Laps laps;
};

// A constant at namespace scope, which lives as long as the program and puts itself on the list.
class Row {
 public:
  using Body = Figure (*)(Run& run);

  Row(std::string_view name, Body body) : name_(name), body_(body), next_(first_) { first_ = this; }
  Row(const Row&) = delete;
  Row& operator=(const Row&) = delete;

  std::string_view name() const { return name_; }
  Figure run(Run& run) const { return body_(run); }

  const Row* next() const { return next_; }
  static const Row* first() { return first_; }

 private:
  static inline const Row* first_ = nullptr;

  std::string_view name_;
  Body body_;
  const Row* next_;
};

// Says where a server listens ("tcp:8080", "udp:8080", "unix:/path"), and waits until it is to end.
void serve(const std::string& address);

// A path where no socket is yet.
std::string socket_path();

// Bytes of memory that this process has now, and has had at most.
std::size_t resident_bytes();
std::size_t peak_resident_bytes();

// Keeps the processor busy for ten microseconds.
void stall();

// A function of which the compiler knows nothing, which does nothing.
void look_at(const volatile void* value);

// Has `value` computed, though nobody looks at it.
template <class T>
void keep(const T& value) {
  look_at(&value);
}

}  // namespace peers

#endif  // WEFT_BENCHES_PEERS_SUPPORT_ROW_H_
