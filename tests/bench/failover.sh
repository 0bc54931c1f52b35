#!/bin/bash
# How long the home waits for the other path, on the lab's line: from the fault to the first answer that a new connection of the
# PC's gets (a DNS question every 40 ms, each from a port of its own).  Called by tests/bench/run inside the lab.
# Prints "name|value|unit|aim" lines: the median and the worst of BENCH_RUNS.
RESULTS=$LAB_RESULTS
. "${0%/*}/../lab/lib.sh"
install_stage

RUNS=${BENCH_RUNS:-5}

# Bash opens these sockets without starting a program.  The answer begins with the question's id, "AB".
asks='q="AB\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01"
	until exec 3<>/dev/udp/9.9.9.9/53 && printf "$q" >&3 && read -r -t 0.04 -N 1 -u 3 c; do :; done 2> /dev/null
	echo "$EPOCHREALTIME"'

us() { echo "${1/[.,]/}"; }

config() { # LINE of [probe]...
	{
		cat <<-CONF
			[router]
			lan = $LAN
			[dslite]
			interface = $WAN
			[pppoe]
			interface = $WAN
			user = $PPP_USER
			password-file = $PASSWORD_FILE
			[probe]
			targets = icmp:1.1.1.1, icmp:8.8.8.8
		CONF
		printf '%s\n' "$@"
	} | cfg_write
}

# Milliseconds.  The line is healed and both paths are up afterwards.
lose() { # FAULT
	local begin answered
	begin=$(us "$EPOCHREALTIME")
	fault "$1"
	answered=$(us "$(in_ns pc bash -c "$asks")")
	echo $(((answered - begin) / 1000))
	heal "$1"
	ctl failback > /dev/null
	wait_for 20 status_is dslite up
}

row() { # NAME FAULT AIM
	local i
	for ((i = 0; i < RUNS; i++)); do
		nap "1.$((RANDOM % 10))" # not in step with the rounds
		lose "$2"
	done | sort -n > "$RESULTS/times"
	echo "$1, median|$(sed -n "$(((RUNS + 1) / 2))p" "$RESULTS/times")|ms|$3"
	echo "  worst of $RUNS|$(tail -n 1 "$RESULTS/times")|ms|"
}

line_up
config
daemon_start
wait_status dslite up 30
wait_status pppoe up 30
row "failover, silent loss, idle" dslite ""
row "failover, the AFTR's network says so" dslite-core-reject ""
row "failover, the line says so" dslite-reject ""
ip netns exec pc ping -n -i 0.02 1.1.1.1 > /dev/null 2>&1 &
row "failover, silent loss, with traffic" dslite ""
config 'interval = 100ms' 'timeout = 300ms' 'down-after = 2' 'up-after = 3'
ctl reload > /dev/null
wait_status dslite up 30
row "failover, silent loss, probes of 100 ms" dslite ""
kill %1
daemon_stop
