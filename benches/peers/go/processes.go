package main

import "os/exec"

const (
	programs     = 8
	programsEach = 10
)

// The row about processes: /bin/true, eight at once.
func init() {
	add("process_true_8", timed(programs*programsEach, func(laps *Laps) {
		for laps.next() {
			together(programs, func() {
				for i := 0; i < programsEach; i++ {
					if err := exec.Command("/bin/true").Run(); err != nil {
						fail("%v", err)
					}
				}
			})
		}
	}))
}
