/* A library as C has them: operations report by a callback that takes a pointer of the caller's.
 *
 * Callbacks are called on a thread of the library's, once for each operation. */

#ifndef WEFT_EXAMPLES_BRIDGE_C_CALLBACKS_SENSORS_H_
#define WEFT_EXAMPLES_BRIDGE_C_CALLBACKS_SENSORS_H_

#ifdef __cplusplus
extern "C" {
#endif

struct sensors;

enum sensors_status { SENSORS_OK = 0, SENSORS_UNKNOWN = 1, SENSORS_CANCELLED = 2 };

typedef void sensors_callback(void* user, enum sensors_status status, double value);

/* Starts the library; sensors_close() waits for its thread, and cancels what has not ended. */
struct sensors* sensors_open(void);
void sensors_close(struct sensors* library);

/* Begins to read a sensor; returns the operation's number. There are sensors 0 to 9, and the higher
 * the number, the longer it takes: 7 of them are fast, 8 and 9 do not answer. */
unsigned long sensors_read(struct sensors* library, int sensor, sensors_callback* callback,
                           void* user);

/* Ends an operation that has not ended: its callback is called with SENSORS_CANCELLED before this
 * returns. Does nothing to one that has. */
void sensors_cancel(struct sensors* library, unsigned long operation);

#ifdef __cplusplus
}
#endif

#endif /* WEFT_EXAMPLES_BRIDGE_C_CALLBACKS_SENSORS_H_ */
