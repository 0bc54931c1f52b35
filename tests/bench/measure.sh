#!/bin/bash
# What the daemon costs, on the lab's line: called by tests/bench/run inside the lab.
# Prints "name|value|unit|aim" lines; asserts nothing, since a figure is not a test.
RESULTS=$LAB_RESULTS
. "${0%/*}/../lab/lib.sh"
install_stage

RUNS=${LAB_BENCH_RUNS:-5}

median()
{
	sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# From the daemon's start to the first ping that comes back through the tunnel, milliseconds. Each try starts from nothing.
start_to_traffic()
{
	local begin
	begin=$(now_ms)
	daemon_launch
	until in_ns home ping -c 1 -W 0.05 -I dslite0 "$WEB" >/dev/null 2>&1; do
		[ $(($(now_ms) - begin)) -lt 20000 ] || fail "no traffic through DS-Lite in 20 s"
	done
	echo $(($(now_ms) - begin)) >>"$RESULTS/starts"
	daemon_answers
	ctl teardown
	daemon_stop
}

# The same without the start of programs around it: from the daemon's first word to "up", which means that a probe was answered.
by_its_own_clock()
{
	awk 'function ms(t, p) { split(t, p, "[:.]"); return ((p[1] * 60 + p[2]) * 60 + p[3]) * 1000 + p[4] }
		/ dualpathd [0-9]/ { begun = ms($1) }
		/ dslite: .* -> up/ && begun { print ms($1) - begun; begun = 0 }' "$DAEMON_LOG" | median
}

# Voluntary switches of the daemon's one thread: each is a wake-up.
switches()
{
	awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$(daemon_pid)/status"
}

measure_idle()
{
	local before after probes_before probes_after
	daemon_start
	wait_status dslite up 30
	wait_status pppoe up 30
	sleep 20 # until it rests: what is done once, after a start, is done
	probes_before=$(ctl --json status | jq '[.paths[].probe.sent] | add')
	before=$(switches)
	sleep 60 # the measured time itself
	after=$(switches)
	echo "resident memory, idle|$(awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$(daemon_pid)/status")|MB|6"
	echo "  of it not shared|$(awk '/^RssAnon/ { printf "%.1f", $2 / 1024 }' "/proc/$(daemon_pid)/status")|MB|"
	probes_after=$(ctl --json status | jq '[.paths[].probe.sent] | add')
	echo "wake-ups, idle, all|$(awk -v n=$((after - before)) 'BEGIN { printf "%.2f", n / 60 }')|1/s|"
	echo "probes sent|$(awk -v n=$((probes_after - probes_before)) 'BEGIN { printf "%.2f", n / 60 }')|1/s|"
	daemon_stop
}

# Of path number N, between the two lists of bytes.
kbits() { # N
	jq -n --argjson a "$before" --argjson b "$after" --argjson n "$1" '($b[$n] - $a[$n]) * 8 / 60000 * 100 | round / 100'
}

# What the probes of the default profile take of the line: at rest (once it is calm), and while the home is busy.
measure_probes()
{
	local before after
	cfg_five
	daemon_start
	wait_status dslite up 30
	wait_status pppoe up 30
	sleep 60 # until it is calm
	before=$(ctl --json status | jq -c '[.paths[] | .rx_bytes + .tx_bytes]')
	sleep 60 # the measured time itself
	after=$(ctl --json status | jq -c '[.paths[] | .rx_bytes + .tx_bytes]')
	echo "probes, idle, DS-Lite (both ways)|$(kbits 0)|kbit/s|1"
	echo "  PPPoE|$(kbits 1)|kbit/s|1"
	ip netns exec pc ping -n -i 0.05 1.1.1.1 >/dev/null 2>&1 &
	sleep 5
	before=$(status_of dslite probe.sent)
	sleep 60
	echo "probes in a minute over DS-Lite while the home is busy|$(($(status_of dslite probe.sent) - before))||"
	kill %1
	daemon_stop
}

line_up
cfg_write <<CONF
[router]
lan = $LAN
[dslite]
interface = $WAN
aftr = $AFTR1
[pppoe]
interface = $WAN
user = $PPP_USER
password-file = $PASSWORD_FILE
[probe]
targets = icmp:$WEB
interval = 10s
CONF
for ((i = 0; i < RUNS; i++)); do start_to_traffic; done
echo "start to DS-Lite carrying traffic, AFTR by address|$(median <"$RESULTS/starts")|ms|300"
echo "  by the daemon's own clock|$(by_its_own_clock)|ms|"
measure_idle
measure_probes
