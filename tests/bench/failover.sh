#!/bin/bash
# How long the home waits for the other path, on the lab's line: from the fault to the first answer that a new connection of a
# machine gets (a DNS question every 40 ms, each from a port of its own); and for the path to be used again once it is healed.  Called
# by tests/bench/run inside the lab.
# Prints "name|value|unit|aim" lines: the median and the worst of BENCH_RUNS.  LAB_BENCH_ONLY: a pattern (bash's) of those that
# are wanted.
RESULTS=$LAB_RESULTS
. "${0%/*}/../lab/lib.sh"
install_stage

RUNS=${LAB_BENCH_RUNS:-5}

us() { echo "${1/[.,]/}"; }

# The first connection that has come by another address.
comes_by_another='until exec 3<>"/dev/tcp/$1/$2" && read -r -t 0.5 -u 3 a b && [ "$a" != "$3" ]; do :; done 2> /dev/null
	echo "$EPOCHREALTIME"'

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
			[host nas]
			address = $NAS
			path = pppoe, dslite
			[probe]
			targets = icmp:1.1.1.1, icmp:8.8.8.8
		CONF
		printf '%s\n' "$@"
	} | cfg_write
}

dslite_is_back() { # FAULT, which is over
	heal "$1"
	ctl failback > /dev/null
	wait_for 20 status_is dslite up
}

# Milliseconds.  The line is healed and both paths are up afterwards.
lose() { # FAULT
	local begin answered
	begin=$(us "$EPOCHREALTIME")
	fault "$1"
	answered=$(first_answer pc)
	echo $(((answered - begin) / 1000))
	dslite_is_back "$1"
}

# Asks as first_answer() does, twice as often, and says when each answer came.
asks_on='q="AB\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01"
	while :; do
		exec 3<>/dev/udp/9.9.9.9/53 && printf "$q" >&3 && read -r -t 0.02 -N 1 -u 3 c && echo "$EPOCHREALTIME" && read -r -t 0.02 -u 4
	done 2> /dev/null'

# The longest time without an answer to a ping every 5 ms (each that is lost is a new connection) nor to a question every 20 ms, around
# what makes a path go down.  So neither the fault's own command is in it nor the start of who asks.
longest_silence() { # MACHINE PATH COMMAND...
	local machine=$1 path=$2 ping asks begin
	shift 2
	ip netns exec "$machine" ping -D -n -i 0.005 1.1.1.1 > "$RESULTS/traffic" 2>&1 & # anew: one that fell back stays where it is
	ping=$!
	ip netns exec "$machine" bash -c "$asks_on" > "$RESULTS/asked" 4<> <(:) &
	asks=$!
	nap 3 # so that it is known that there is traffic
	begin=${EPOCHREALTIME/,/.}
	"$@"
	nap 2 # who asks for the status would need the processor
	wait_status "$path" down 20 > /dev/null
	kill "$ping" "$asks"
	{
		sed -n 's/^\[\([0-9.]*\)\] .* bytes from .*/\1/p' "$RESULTS/traffic"
		cat "$RESULTS/asked"
	} | sort -n | awk -v begin="$begin" 'NR > 1 && $1 > begin && $1 - last > gap { gap = $1 - last } { last = $1 } END { printf "%.0f\n", gap * 1000 }'
}

lose_in_traffic() { # FAULT
	longest_silence pc dslite fault "$1"
	dslite_is_back "$1"
}

# A connection that was on the lost path and cannot stay: from its next packet, once new ones go by the other path, to its reset.
reset_of_running() {
	local begin end pipes
	pipes=$(mktemp -d /run/reset.XXXXXX) # a shared folder takes none
	mkfifo "$pipes/open" "$pipes/send"
	in_ns pc bash -c 'exec 3<>"/dev/tcp/$1/$2" && echo >&3 && read -r -u 3 && echo > "$3/open" && read -r < "$3/send"
		begin=$EPOCHREALTIME; echo >&3; read -r -t 5 -u 3; echo "$begin $EPOCHREALTIME"' x "$WEB" "$STREAM_PORT" "$pipes" \
		2> /dev/null > "$RESULTS/reset" &
	read -r < "$pipes/open"
	fault dslite
	first_answer pc > /dev/null
	echo > "$pipes/send"
	wait $!
	read -r begin end < "$RESULTS/reset"
	echo $((($(us "$end") - $(us "$begin")) / 1000))
	dslite_is_back dslite
}

return_after() { # SECONDS: until the PC is on DS-Lite again
	local begin
	fault dslite
	wait_status dslite down 20 > /dev/null
	nap "$1"
	begin=$(us "$EPOCHREALTIME")
	heal dslite
	echo $((($(us "$(in_ns pc bash -c "$comes_by_another" x "$WEB" "$ECHO_PORT" "$STATIC")") - begin) / 1000))
	ctl failback > /dev/null # damping is not what is measured
	wait_for 20 status_is dslite up
}

session_is_back() {
	heal pppoe
	bras_listens || bras_start
	ctl failback > /dev/null
	ctl reconnect pppoe > /dev/null # so many deaths in a row are dialled after with care, which is not what is measured
	wait_for 40 status_is pppoe up
}

session_dies() { # COMMAND...: until nas, which prefers PPPoE, is served by DS-Lite
	local begin answered
	begin=$(us "$EPOCHREALTIME")
	"$@"
	answered=$(first_answer nas)
	echo $(((answered - begin) / 1000))
	session_is_back
}

session_dies_in_traffic() { # COMMAND...
	longest_silence nas pppoe "$@"
	session_is_back
}

ends_sessions() { comm -12 <(ns_pids bras | sort) <(pgrep -x pppd | sort) | xargs -r kill -TERM; }

bras_is_back() { # until something comes through the new session
	local begin
	bras_kill
	wait_status pppoe down 20 > /dev/null
	nap "1$((RANDOM % 10))"
	begin=$(us "$EPOCHREALTIME")
	bras_start
	until in_ns home ping -c 1 -W 0.1 -I pppoe0 "$WEB" > /dev/null 2>&1; do nap 0.02; done
	echo $((($(us "$EPOCHREALTIME") - begin) / 1000))
	session_is_back
}

row() { # NAME AIM COMMAND...
	local name=$1 aim=$2 i
	shift 2
	[[ $name =~ ${LAB_BENCH_ONLY:-} ]] || return 0
	for ((i = 0; i < RUNS; i++)); do
		nap "1.$((RANDOM % 10))" # not in step with the rounds
		"$@"
	done | sort -n > "$RESULTS/times"
	echo "$name, median|$(sed -n "$(((RUNS + 1) / 2))p" "$RESULTS/times")|ms|$aim"
	echo "  worst of $RUNS|$(tail -n 1 "$RESULTS/times")|ms|"
}

line_up
config
daemon_start
wait_status dslite up 30
wait_status pppoe up 30
row "failover, silent loss, idle" 3500 lose dslite
row "failover, the AFTR's network says so" "" lose dslite-core-reject
row "failover, the line says so" "" lose dslite-reject
row "a running connection that cannot stay is reset" 200 reset_of_running
row "failover, PPPoE, silent loss" "" session_dies fault pppoe
row "failover, PPPoE, the concentrator dies" 3500 session_dies bras_kill
row "failover, PPPoE, the provider ends the session" "" session_dies ends_sessions
row "PPPoE carries again, concentrator back" 3000 bras_is_back
RUNS=$(((RUNS + 1) / 2)) row "back on DS-Lite, after 30 s of silence" 6000 return_after 30
row "failover, silent loss, with traffic" 1000 lose_in_traffic dslite
row "failover, the line says so, with traffic" 50 lose_in_traffic dslite-reject
row "failover, PPPoE, silent loss, with traffic" 1000 session_dies_in_traffic fault pppoe
row "failover, PPPoE, the provider ends the session, with traffic" 50 session_dies_in_traffic ends_sessions
config 'interval = 100ms' 'timeout = 200ms' 'down-after = 3' 'up-after = 3'
ctl reload > /dev/null
wait_status dslite up 30
row "failover, silent loss, probes of 100 ms, three lost" 400 lose_in_traffic dslite
daemon_stop
