// Everything of weft::time.

#ifndef WEFT_TIME_TIME_H_
#define WEFT_TIME_TIME_H_

#include <weft/time/delay_key.h>
#include <weft/time/delay_queue.h>
#include <weft/time/elapsed.h>
#include <weft/time/instant.h>
#include <weft/time/interval.h>
#include <weft/time/pause.h>
#include <weft/time/sleep.h>
#include <weft/time/timeout.h>

#endif  // WEFT_TIME_TIME_H_
