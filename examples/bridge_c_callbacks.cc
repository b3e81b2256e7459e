// bridge_c_callbacks: a C library with callbacks, awaited.
//
//   $ bridge_c_callbacks
//   sensor 0: 20.0 degrees
//   ...
//   sensor 8: no answer within 50 ms
//
// The library (bridge_c_callbacks/sensors.h) has a thread of its own, on which it calls a function
// with a status, a value and a pointer that it was given. from_callback() makes that an awaitable:
// read() below is all there is to it, with cancellation. Then sensors are read like anything else:
// several at once, with a timeout.
//
// Guide: docs/guide/c-libraries.md.

#include <chrono>
#include <cstdio>
#include <memory>
#include <utility>
#include <vector>

#include <examples/bridge_c_callbacks/sensors.h>
#include <weft/weft.h>

namespace {

using namespace std::chrono_literals;

using Degrees = weft::Result<double>;

// What the library calls. `user` is the completion, as a pointer.
extern "C" void on_read(void* user, sensors_status status, double value) {
  const auto done = weft::Completion<Degrees>::adopt(user);
  switch (status) {
    case SENSORS_OK:
      done(value);
      return;
    case SENSORS_UNKNOWN:
      done(weft::Err(weft::Error(std::errc::no_such_device)));
      return;
    case SENSORS_CANCELLED:
      done(weft::Err(weft::Error(weft::Errc::cancelled)));
      return;
  }
}

// Cancel safe: destroyed while it waits, it cancels the operation.
weft::Task<Degrees> read(sensors& library, int sensor) {
  const auto start = [&library, sensor](weft::Completion<Degrees> done) {
    return sensors_read(&library, sensor, &on_read, std::move(done).release());
  };
  const auto cancel = [&library](unsigned long operation) { sensors_cancel(&library, operation); };
  co_return co_await weft::from_callback<Degrees>(start, cancel);
}

constexpr auto kPatience = 50ms;

// True if the sensor has answered.
weft::Task<bool> show(sensors& library, int sensor) {
  const auto answer = co_await weft::time::timeout(kPatience, read(library, sensor));
  if (!answer) {
    std::printf("sensor %d: no answer within 50 ms\n", sensor);
  } else if (const Degrees& degrees = *answer; degrees) {
    std::printf("sensor %d: %.1f degrees\n", sensor, *degrees);
    co_return true;
  } else {
    std::printf("sensor %d: %s\n", sensor, degrees.error().to_string().c_str());
  }
  co_return false;
}

// All of them at once; the slow ones hold up nobody.
weft::Task<int> show_all(sensors& library) {
  std::vector<weft::Task<bool>> readings;
  for (const int sensor : {0, 1, 2, 8, 12}) readings.push_back(show(library, sensor));
  int answered = 0;
  for (const bool has_answered : co_await weft::join_all(std::move(readings))) {
    answered += has_answered ? 1 : 0;
  }
  co_return answered;
}

}  // namespace

weft::Task<int> co_main(int, char**) {
  const std::unique_ptr<sensors, decltype(&sensors_close)> library(sensors_open(), &sensors_close);
  const int answered = co_await show_all(*library);
  std::printf("%d of 5 have answered\n", answered);
  co_return answered == 3 ? 0 : 1;
}
