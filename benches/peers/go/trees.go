package main

const (
	fibOf     = 30
	fibCalls  = 2_692_537
	leaves    = 1_000_000
	branching = 10
)

// Rows about trees of calls, each of which is a goroutine.
func init() {
	add("fib_spawn", timed(fibCalls, func(laps *Laps) {
		for laps.next() {
			result := make(chan int, 1)
			fib(fibOf, result)
			<-result
		}
	}))
	add("skynet_spawn", timed(leaves, func(laps *Laps) {
		for laps.next() {
			result := make(chan int, 1)
			skynet(0, leaves, result)
			<-result
		}
	}))
}

func fib(n int, result chan<- int) {
	if n < 2 {
		result <- n
		return
	}
	below := make(chan int, 2)
	go fib(n-1, below)
	go fib(n-2, below)
	result <- <-below + <-below
}

// Each node spawns ten below it, down to a million leaves, and adds up what they return.
func skynet(number, size int, result chan<- int) {
	if size == 1 {
		result <- number
		return
	}
	below := make(chan int, branching)
	step := size / branching
	for i := 0; i < branching; i++ {
		go skynet(number+i*step, step, below)
	}
	sum := 0
	for i := 0; i < branching; i++ {
		sum += <-below
	}
	result <- sum
}
