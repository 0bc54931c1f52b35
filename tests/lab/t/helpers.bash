# shellcheck shell=bash
# shellcheck disable=SC2016,SC2119
# helpers.bash: what several tests of the daemon share. Sourced first; brings lib.sh. Owns the pings and streams that it starts.
# shellcheck source=tests/lab/lib.sh
. "${BASH_SOURCE[0]%/*}/../lib.sh"

# ---- a config and its daemon ----------------------------------------------------------------------------------------
# The usual router with quick probes, and below it what comes on stdin.
cfg() { # [LINE of [router]...]
	{
		printf '[router]\nlan = %s\n' "$LAN"
		[ $# -eq 0 ] || printf '%s\n' "$@"
		cat <<-TEXT
			[dslite]
			interface = $WAN
			[pppoe]
			interface = $WAN
			user = $PPP_USER
			password-file = $PASSWORD_FILE
			address = $STATIC
			[probe]
			targets = icmp:1.1.1.1, icmp:8.8.8.8
			interval = 1s
			timeout = 1s
			down-after = 2
			up-after = 2
		TEXT
		cat
	} | cfg_write
}

both_up() {
	daemon_start
	wait_status dslite up 20
	wait_status pppoe up 30
}

reload() {
	ctl reload > "$RESULTS/reload.out" 2>&1 || fail "reload gave $?: $(cat "$RESULTS/reload.out")"
	note "ok: reload"
}

# ---- what connections see -------------------------------------------------------------------------------------------
seen() { # NAMESPACE [SOCAT-OPTIONS [ADDRESS:PORT]]: the address that a server sees of a new TCP connection
	local to=${3:-$WEB:$ECHO_PORT}
	if [ -z "${2:-}" ]; then
		first_word "$(tcp_text "$1" "${to%:*}" "${to##*:}")"
	else
		in_ns "$1" socat -t3 -T3 - "TCP4:$to,connect-timeout=3,$2" < /dev/null 2> /dev/null | cut -d' ' -f1
	fi
}

seen_is() { # WANTED NAMESPACE [SOCAT-OPTIONS [ADDRESS:PORT]]
	[ "$(seen "${@:2}")" = "$1" ]
}

seen_udp() { # NAMESPACE ADDRESS:PORT
	echo hello | in_ns "$1" socat -t2 -T2 - "UDP4:$2" 2> /dev/null | cut -d' ' -f1
}

# ---- what happened ---------------------------------------------------------------------------------------------------
last_change_ms() { # PATH STATE: when it last became so, in ms as of date +%s%3N
	local time
	time=$(ctl --json events -n 100 | jq -r --arg path "$1" --arg to "$2" \
		'[.events[] | select(.path == $path and .to == $to)] | last | .time')
	date -u -d "$time" +%s%3N
}

# ---- running traffic ------------------------------------------------------------------------------------------------
declare -A ping_pid=() stream_pid=() # name: process

ping_start() { # NAME NAMESPACE ADDRESS [OPTIONS]: every 50 ms
	ip netns exec "$2" ping -n -i 0.05 "${@:4}" "$3" < /dev/null > "$RESULTS/$1.ping" 2>&1 &
	ping_pid[$1]=$!
	assert_within 5 "ping $1 is answered" ping_past "$1" 5
}

ping_answers() { # NAME: how many
	grep -c ' bytes from ' "$RESULTS/$1.ping" || :
}

ping_past() { # NAME NUMBER
	[ "$(ping_answers "$1")" -gt "$2" ]
}

ping_lost() { # NAME: unanswered ones before the last that was answered
	grep ' bytes from ' "$RESULTS/$1.ping" | sed 's/.*icmp_seq=\([0-9]*\).*/\1/' |
		awk '!seen[$1]++ { n++ } $1 > last { last = $1 } END { print last - n }'
}

ping_all_answered() { # NAME...: they run still, and lost nothing since they began
	local name
	for name in "$@"; do
		assert_within 5 "ping $name goes on" ping_past "$name" "$(ping_answers "$name")"
		kill -INT "${ping_pid[$name]}"
		wait "${ping_pid[$name]}"
		assert_eq "$(ping_lost "$name")" 0 "of $(ping_answers "$name") pings $name, lost"
	done
}

numbers() {
	local i
	for ((i = 1; i < 2000; i++)); do
		echo $i || return
		nap
	done
}

stream_start() { # NAME NAMESPACE ADDRESS [PORT]: a numbered line every 100 ms, to a server that gives back what it gets
	numbers 2> /dev/null | ip netns exec "$2" socat -T 60 - "TCP4:$3:${4:-$STREAM_PORT},connect-timeout=5" \
		> "$RESULTS/$1.stream" 2> "$RESULTS/$1.err" &
	stream_pid[$1]=$!
	assert_within 6 "stream $1 flows" stream_past "$1" 2
}

stream_past() { # NAME NUMBER
	[ "$(grep -c . "$RESULTS/$1.stream")" -gt "$2" ]
}

stream_flows() { # NAME...: each lives, and what it sends comes back whole
	local name
	for name in "$@"; do
		assert_within 10 "stream $name flows on" stream_past "$name" "$(grep -c . "$RESULTS/$name.stream")"
		assert "stream $name is whole" awk '$1 != NR { exit 1 }' "$RESULTS/$name.stream"
	done
}

stream_is_reset() { # NAME
	! kill -0 "${stream_pid[$1]}" 2> /dev/null && grep -Eq 'reset|Broken pipe' "$RESULTS/$1.err"
}

stream_lives() { # NAME: nobody has ended it, whether it flows or not
	kill -0 "${stream_pid[$1]}" && [ ! -s "$RESULTS/$1.err" ]
}

stream_end() { # NAME
	kill "${stream_pid[$1]}"
}

# ---- drains: what takes in what is under way to the ends that a tunnel has left -------------------------------------
drain_there() { [[ $(ip -n home -o link show type ip6tnl) == *' dp-drain'* ]]; }
no_drain() { ! drain_there; }
drain_took() { in_ns home cat /sys/class/net/dp-drain0/statistics/rx_packets; } # how many packets, the first path's

# ---- kernel objects -------------------------------------------------------------------------------------------------
pppoe_ifindex() { in_ns home cat /sys/class/net/pppoe0/ifindex; }

TICKING='s/ (expires|valid_lft|preferred_lft) +[0-9]+ *sec//g' # for sed: what advertisements count down
our_objects() { # everything of ours, as text
	in_ns home sh -c 'nft -s list table inet dualpath; ip rule; ip route show table all
		ip -d link show dslite0; ip -d link show pppoe0; ip -4 addr; cat /proc/net/pppoe' | sed -E "$TICKING"
}

same_objects() { # BEFORE AFTER (texts) WHAT
	diff -u <(echo "$1") <(echo "$2") > "$RESULTS/objects.diff" || fail "$3: $(cat "$RESULTS/objects.diff")"
	note "ok: $3"
}
