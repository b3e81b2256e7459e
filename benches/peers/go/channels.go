package main

import "sync"

const (
	operations = 100_000
	values     = 100_000 // of all producers together
	capacity   = 1024
)

// Rows about channels. A Go channel stands for oneshot and mpsc alike; it is always bounded.
func init() {
	add("oneshot_same_task", timed(operations, oneshotSameTask))
	add("mpsc_bounded_1p1c", timed(values, func(laps *Laps) { bounded(laps, 1) }))
	add("mpsc_bounded_4p1c", timed(values, func(laps *Laps) { bounded(laps, 4) }))
	add("mpsc_create_drop", timed(operations, createAndDrop))
}

func oneshotSameTask(laps *Laps) {
	for laps.next() {
		for i := 0; i < operations; i++ {
			channel := make(chan int, 1)
			channel <- i
			kept = <-channel
		}
	}
}

func bounded(laps *Laps, producers int) {
	for laps.next() {
		channel := make(chan int32, capacity)
		var group sync.WaitGroup
		group.Add(producers)
		for i := 0; i < producers; i++ {
			go func() {
				for value := 0; value < values/producers; value++ {
					channel <- int32(value)
				}
				group.Done()
			}()
		}
		go func() {
			group.Wait()
			close(channel)
		}()
		sum := 0
		for value := range channel {
			sum += int(value)
		}
		kept = sum
	}
}

func createAndDrop(laps *Laps) {
	for laps.next() {
		for i := 0; i < operations; i++ {
			keptChannel = make(chan int32, capacity)
		}
	}
}

// Where results go, so that they are computed.
var (
	kept        int
	keptChannel chan int32
)
