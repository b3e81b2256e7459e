package main

import "sync"

const (
	many   = 1_000_000
	joined = 100_000
	depth  = 1000
	chains = 20
	tasks  = 200_000
)

// Rows about spawning and what it takes: detached, joined, in a chain; memory.
func init() {
	add("spawn_from_worker", timed(many, spawnMany))
	add("spawn_peak_rss", func(run Run) Figure {
		spawnMany(run.laps)
		return Figure{value: peakResidentBytes()}
	})
	add("spawn_join", timed(joined, spawnAndJoin))
	add("chained_spawn", timed(depth*chains, chain))
	add("bytes_per_task_parked", bytesPerTask(waitForEver))
	add("bytes_per_task_sleeping", bytesPerTask(sleepLong))
}

func spawnMany(laps *Laps) {
	var group sync.WaitGroup
	for laps.next() {
		group.Add(many)
		for i := 0; i < many; i++ {
			go group.Done()
		}
		group.Wait()
	}
}

func spawnAndJoin(laps *Laps) {
	result := make(chan int, 1)
	for laps.next() {
		for i := 0; i < joined; i++ {
			go func(value int) { result <- value }(i)
			<-result
		}
	}
}

func link(left int, end chan<- struct{}) {
	if left == 0 {
		end <- struct{}{}
	} else {
		go link(left-1, end)
	}
}

func chain(laps *Laps) {
	end := make(chan struct{}, 1)
	for laps.next() {
		for i := 0; i < chains; i++ {
			go link(depth, end)
			<-end
		}
	}
}

func bytesPerTask(body func(arrived *sync.WaitGroup)) row {
	return func(Run) Figure {
		before := residentBytes()
		var arrived sync.WaitGroup
		arrived.Add(tasks)
		for i := 0; i < tasks; i++ {
			go body(&arrived)
		}
		arrived.Wait()
		return Figure{value: (residentBytes() - before) / tasks}
	}
}
