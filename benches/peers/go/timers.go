package main

import (
	"sort"
	"time"
)

const (
	timers = 50_000 // of each goroutine
	sleeps = 100_000
)

// Rows about timers: made and cancelled, as most timeouts are; and a hundred thousand that end.
func init() {
	add("timer_create_cancel", timed(timers, func(laps *Laps) { createAndCancel(laps, 1) }))
	add("timer_create_cancel_4", timed(timers, func(laps *Laps) { createAndCancel(laps, 4) }))
	add("sleeps_100k_cpu", func(Run) Figure {
		before := processorTime()
		sleepAll()
		return Figure{value: float64(processorTime() - before)}
	})
	add("sleeps_100k_p99", func(Run) Figure {
		lateness := sleepAll()
		sort.Slice(lateness, func(i, j int) bool { return lateness[i] < lateness[j] })
		return Figure{value: float64(lateness[sleeps*99/100])}
	})
}

func createAndCancel(laps *Laps, goroutines int) {
	for laps.next() {
		together(goroutines, func() {
			for i := 0; i < timers; i++ {
				time.NewTimer(time.Duration(10_000+i%1000) * time.Millisecond).Stop()
			}
		})
	}
}

// Sleeps of 1 to 1000 ms; how late each ended.
func sleepAll() []time.Duration {
	lateness := make([]time.Duration, sleeps)
	next := make(chan int, sleeps)
	for i := 0; i < sleeps; i++ {
		next <- i
	}
	together(sleeps, func() {
		index := <-next
		duration := time.Duration(1+index*7919%1000) * time.Millisecond
		begin := time.Now()
		time.Sleep(duration)
		lateness[index] = time.Since(begin) - duration
	})
	return lateness
}
