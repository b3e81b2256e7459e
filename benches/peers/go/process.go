package main

import (
	"fmt"
	"os"
	"syscall"
	"time"
)

func usage() syscall.Rusage {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail("getrusage: %v", err)
	}
	return usage
}

// Of all threads of this process.
func processorTime() time.Duration {
	used := usage()
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// Bytes that this process has now.
func residentBytes() float64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		fail("%v", err)
	}
	var total, resident int
	if _, err := fmt.Sscan(string(text), &total, &resident); err != nil {
		fail("%v", err)
	}
	return float64(resident * os.Getpagesize())
}

// Bytes that this process has had at most.
func peakResidentBytes() float64 { return float64(usage().Maxrss) * 1024 }
