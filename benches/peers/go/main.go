// Go's rows of the comparison. What each measures: docs/benchmarks.md. How a program of rows is
// called and what it prints: benches/peers/support/row.h.
//
// Goroutines have stacks, and Go's channels and locks are the language's own: rows whose like Go has
// not (unbounded channels, foreign threads) are missing.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"sort"
	"strconv"
)

// Figure is a row's result, in nanoseconds, bytes, or per second; for one operation.
type Figure struct {
	value float64
	cpu   float64 // processor time of the whole process, nanoseconds; 0: not measured
}

// Run is how a row is run.
type Run struct {
	workers int
	laps    *Laps
}

type row func(run Run) Figure

var rows = map[string]row{}

// each file's init() adds its rows.
func add(name string, body row) { rows[name] = body }

// Runs `body(laps)`, whose laps are of `operations` each.
func timed(operations int, body func(laps *Laps)) row {
	return func(run Run) Figure {
		body(run.laps)
		return run.laps.perOperation(operations)
	}
}

// Says where a server listens and waits until it is to end.
func serve(address string) {
	fmt.Printf("{\"address\": \"%s\"}\n", address)
	_, _ = io.Copy(io.Discard, bufio.NewReader(os.Stdin))
}

func list() {
	var names []string
	for name := range rows {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println(name)
	}
}

func fail(format string, arguments ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", arguments...)
	os.Exit(2)
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "list" {
		list()
		return
	}
	if len(os.Args) != 4 {
		fail("usage: %s list | <row> <workers> <seconds>", os.Args[0])
	}
	body, found := rows[os.Args[1]]
	workers, workersError := strconv.Atoi(os.Args[2])
	seconds, secondsError := strconv.ParseFloat(os.Args[3], 64)
	if !found || workersError != nil || secondsError != nil {
		fail("there is no row '%s' here, or its arguments are no numbers", os.Args[1])
	}
	runtime.GOMAXPROCS(workers)
	figure := body(Run{workers, newLaps(seconds)})
	fmt.Printf("{\"value\": %.3f, \"cpu\": %.3f}\n", figure.value, figure.cpu)
}
