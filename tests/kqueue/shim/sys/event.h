// <sys/event.h> as FreeBSD documents it, as far as the reactor uses it: lets the sources for kqueue
// be compiled, and their questions to the kernel be checked, where there is no kqueue. The two
// functions are the tests' (fake_kqueue.cc).

#ifndef WEFT_TESTS_KQUEUE_SHIM_SYS_EVENT_H_
#define WEFT_TESTS_KQUEUE_SHIM_SYS_EVENT_H_

#include <stdint.h>
#include <time.h>

#define EVFILT_READ (-1)
#define EVFILT_WRITE (-2)
#define EVFILT_AIO (-3)
#define EVFILT_LIO (-10)
#define EVFILT_USER (-11)

#define EV_ADD 0x0001
#define EV_DELETE 0x0002
#define EV_CLEAR 0x0020
#define EV_RECEIPT 0x0040
#define EV_ERROR 0x4000
#define EV_EOF 0x8000

#define NOTE_TRIGGER 0x01000000

struct kevent {
  uintptr_t ident;
  short filter;
  unsigned short flags;
  unsigned int fflags;
  int64_t data;
  void* udata;
  uint64_t ext[4];
};

extern "C" {
int kqueue();
int kevent(int queue, const struct kevent* changes, int change_count, struct kevent* events,
           int event_count, const struct timespec* timeout);
}

#endif  // WEFT_TESTS_KQUEUE_SHIM_SYS_EVENT_H_
