package main

import (
	"runtime"
	"sync"
	"time"
)

const (
	yielding = 200
	yields   = 1000
	pairs    = 1000
	rounds   = 20_000
)

// Rows about goroutines that give way to each other: yields, ping-pong, notifications.
func init() {
	add("yield_many", timed(yielding*yields, yieldMany))
	add("ping_pong", timed(pairs, pingPong))
	add("notify_ping_pong", timed(rounds, notifyPingPong))
}

func waitForEver(arrived *sync.WaitGroup) {
	arrived.Done()
	select {}
}

func sleepLong(arrived *sync.WaitGroup) {
	arrived.Done()
	time.Sleep(time.Hour)
}

// Runs `count` of `body` at once and waits for all.
func together(count int, body func()) {
	var group sync.WaitGroup
	group.Add(count)
	for i := 0; i < count; i++ {
		go func() {
			defer group.Done()
			body()
		}()
	}
	group.Wait()
}

func yieldMany(laps *Laps) {
	for laps.next() {
		together(yielding, func() {
			for i := 0; i < yields; i++ {
				runtime.Gosched()
			}
		})
	}
}

// Two channels for each pair, each for one value.
func pingPong(laps *Laps) {
	for laps.next() {
		together(pairs, func() {
			ping := make(chan int, 1)
			pong := make(chan int, 1)
			go func() { pong <- <-ping }()
			ping <- 1
			<-pong
		})
	}
}

func notifyPingPong(laps *Laps) {
	ping := make(chan struct{}, 1)
	pong := make(chan struct{}, 1)
	for laps.next() {
		go func() {
			for i := 0; i < rounds; i++ {
				<-ping
				pong <- struct{}{}
			}
		}()
		for i := 0; i < rounds; i++ {
			ping <- struct{}{}
			<-pong
		}
	}
}
