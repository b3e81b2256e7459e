// mpsc: channels from many senders to one receiver.
//
// Spec: SY-66 .. SY-89; SY-1 .. SY-10, SY-119.
//
//   Task<> produce(sync::mpsc::Sender<int> sender) {  // may be copied; each copy may send
//     for (int i = 1; i <= 100; ++i) {
//       const auto sent = co_await sender.send(i);  // waits while the channel is full
//       if (!sent) co_return;                       // the receiver has gone
//     }
//   }
//   Task<int> consume() {
//     auto [sender, receiver] = sync::mpsc::channel<int>(16);
//     auto producing = spawn(produce(std::move(sender)));
//     int sum = 0;
//     while (const std::optional<int> message = co_await receiver.recv()) sum += *message;
//     co_return sum;  // all senders have gone
//   }

#ifndef WEFT_SYNC_MPSC_H_
#define WEFT_SYNC_MPSC_H_

#include <weft/sync/mpsc_bounded.h>    // IWYU pragma: export
#include <weft/sync/mpsc_error.h>      // IWYU pragma: export
#include <weft/sync/mpsc_permit.h>     // IWYU pragma: export
#include <weft/sync/mpsc_unbounded.h>  // IWYU pragma: export

#endif  // WEFT_SYNC_MPSC_H_
