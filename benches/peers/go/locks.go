package main

import "sync"

// Rows about locks. A channel of one place is Go's semaphore.
func init() {
	add("mutex_uncontended", timed(operations, mutexUncontended))
	add("mutex_4", timed(operations, func(laps *Laps) { mutexShared(laps, 4) }))
	add("mutex_100", timed(operations, func(laps *Laps) { mutexShared(laps, 100) }))
	add("semaphore_uncontended", timed(operations, semaphore))
	add("rwlock_read", timed(operations, readLock))
	add("rwlock_write", timed(operations, writeLock))
}

type counter struct {
	mutex sync.Mutex
	value int
}

func (c *counter) lockOften(count int) {
	for i := 0; i < count; i++ {
		c.mutex.Lock()
		c.value++
		c.mutex.Unlock()
	}
}

func mutexUncontended(laps *Laps) {
	var c counter
	for laps.next() {
		c.lockOften(operations)
	}
}

func mutexShared(laps *Laps, tasks int) {
	var c counter
	for laps.next() {
		together(tasks, func() { c.lockOften(operations / tasks) })
	}
}

func semaphore(laps *Laps) {
	permits := make(chan struct{}, 1)
	for laps.next() {
		for i := 0; i < operations; i++ {
			permits <- struct{}{}
			<-permits
		}
	}
}

func readLock(laps *Laps) {
	var lock sync.RWMutex
	for laps.next() {
		for i := 0; i < operations; i++ {
			lock.RLock()
			kept++
			lock.RUnlock()
		}
	}
}

func writeLock(laps *Laps) {
	var lock sync.RWMutex
	for laps.next() {
		for i := 0; i < operations; i++ {
			lock.Lock()
			kept++
			lock.Unlock()
		}
	}
}
