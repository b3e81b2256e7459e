// Where a server listens, as it says so itself: "tcp:8080", "udp:8080" (on 127.0.0.1) or
// "unix:/path".

#ifndef WEFT_BENCHES_PEERS_LOAD_ADDRESS_H_
#define WEFT_BENCHES_PEERS_LOAD_ADDRESS_H_

// A non-blocking socket that is connected to it. Ends the program if that is not possible.
int connect_to(const char* address);

#endif  // WEFT_BENCHES_PEERS_LOAD_ADDRESS_H_
