#!/bin/bash
# How long after the cable is in the home has IPv4: [dslite] interface = alone, by each link of the chain that finds the AFTR, from the
# carrier to the first answer that a machine of the home gets (as failover.sh asks).  Called by tests/bench/run inside the lab.
# Prints "name|value|unit|aim" lines: the median and the worst of BENCH_RUNS.
RESULTS=$LAB_RESULTS
. "${0%/*}/../lab/lib.sh"
. "${0%/*}/../lab/chain.sh"
install_stage

RUNS=${LAB_BENCH_RUNS:-5}

row() { # LINK NAME [forget]
	local i
	chain_first "$1"
	for ((i = 0; i < RUNS; i++)); do
		chain_boot "${@:3}" > /dev/null 2>&1
		chain_plug
		wait_for 10 status_is dslite up # it keeps what worked
	done > "$RESULTS/unsorted" # no pipe: the daemon is to be this shell's
	sort -n "$RESULTS/unsorted" > "$RESULTS/times"
	echo "cable to the first packet, $2, median|$(sed -n "$(((RUNS + 1) / 2))p" "$RESULTS/times")|ms|"
	echo "  worst of $RUNS|$(tail -n 1 "$RESULTS/times")|ms|"
}

chain_line_up
row dhcpv6 "option 64" forget
row hb46pp "HB46PP" forget
row known "the prefix" forget
row remembered "the last that worked"
daemon_stop
