// mpsc: channels from many senders to one receiver.
//
// Spec: SY-66 .. SY-89; SY-1 .. SY-10, SY-119.
//
//   auto [tx, rx] = sync::mpsc::channel<Job>(64);          // send() waits while 64 are in the
//   channel auto [tx, rx] = sync::mpsc::unbounded_channel<Job>();  // send() never waits
//
//   co_await tx.send(job);                                 // tx may be copied; each copy may send
//   while (std::optional<Job> job = co_await rx.recv()) run(*job);

#ifndef WEFT_SYNC_MPSC_H_
#define WEFT_SYNC_MPSC_H_

#include <weft/sync/mpsc_bounded.h>    // IWYU pragma: export
#include <weft/sync/mpsc_error.h>      // IWYU pragma: export
#include <weft/sync/mpsc_permit.h>     // IWYU pragma: export
#include <weft/sync/mpsc_unbounded.h>  // IWYU pragma: export

#endif  // WEFT_SYNC_MPSC_H_
