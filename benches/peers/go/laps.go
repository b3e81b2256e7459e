package main

import (
	"sort"
	"time"
)

// Laps is the clock of a row: benches/peers/support/laps.h in Go.
type Laps struct {
	limit         time.Duration
	calls         int
	isWarm        bool
	warmUpUntil   time.Time
	begin         time.Time
	lapBegin      time.Time
	processorTime time.Duration
	laps          []time.Duration
}

func newLaps(seconds float64) *Laps {
	return &Laps{limit: time.Duration(seconds * float64(time.Second))}
}

// next is false when the time is over. A lap lasts from one call to the next.
func (l *Laps) next() bool {
	now := time.Now()
	l.calls++
	if l.calls == 1 {
		l.warmUpUntil = now.Add(l.limit / 10)
	} else if !l.isWarm {
		if !now.Before(l.warmUpUntil) {
			l.isWarm = true
			l.begin = now
			l.processorTime = processorTime()
		}
	} else {
		l.laps = append(l.laps, now.Sub(l.lapBegin))
		if now.Sub(l.begin) >= l.limit {
			l.processorTime = processorTime() - l.processorTime
			return false
		}
	}
	l.lapBegin = time.Now()
	return true
}

// perOperation, after the last lap: what one of the `operations` of a lap took.
func (l *Laps) perOperation(operations int) Figure {
	sort.Slice(l.laps, func(i, j int) bool { return l.laps[i] < l.laps[j] })
	median := float64(l.laps[len(l.laps)/2])
	all := float64(len(l.laps)) * float64(operations)
	return Figure{median / float64(operations), float64(l.processorTime) / all}
}
