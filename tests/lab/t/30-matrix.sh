#!/bin/bash
# The matrix of what goes wrong, a line each, on both paths: after every one the right states, new connections that work meanwhile,
# untouched ones of the other path, recovery without help, and in all of it no packet with a wrong source. What the tests of
# failover, health, crash and supervision have already (18, 20, 29, 31) is not repeated here.
# limit: 200
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
cfg <<EOT
[host nas]
address = $NAS
path = pppoe, dslite
[forward stream]
protocol = tcp
port = $STREAM_PORT
to = nas
[probe dslite]
targets = icmp:1.1.1.1, icmp:8.8.8.8, icmp:9.9.9.9
[probe pppoe]
targets = icmp:1.1.1.1, icmp:8.8.8.8, icmp:9.9.9.9
EOT
both_up
capture_start matrix

transitions() { # of both paths, and their states
	local status rest
	status=$(ctl --json status)
	while rest=${status#*\"transitions\":} && [ "$rest" != "$status" ]; do
		printf '%s ' "${rest%%[!0-9]*}"
		status=$rest
	done
}
by_dslite() { case $(seen "$1") in "$AFTR1_PUBLIC" | "$AFTR2_PUBLIC") ;; *) return 1 ;; esac; } # whichever has its turn
by_pppoe() { seen_is "$STATIC" "$1"; }
both_are_used() {
	assert_within 40 "$1: DS-Lite is back" status_is dslite up
	assert_within 40 "$1: PPPoE is back" status_is pppoe up
	assert_within 10 "$1: the PC goes over DS-Lite" by_dslite pc
	assert_within 10 "$1: the server goes over PPPoE" by_pppoe nas
}

# ---- what no path is lost for -----------------------------------------------------------------------------------------
kept() { # WHAT SECONDS FAULT WORDS...
	local what=$1 seconds=$2 before
	shift 2
	before=$(transitions)
	fault "$@"
	nap "$seconds"
	assert_eq "$(transitions)" "$before" "$what: changes of both paths"
	heal "$@"
}
stream_start pc pc "$WEB"
stream_start nas nas "$WEB"
stream_start in out "$STATIC"
kept "30 % loss" 6 netem line loss 30%
kept "half a second of delay" 4 netem line delay 500ms
kept "one dead target of three" 4 target 8.8.8.8
stream_flows pc nas in

# ---- one path is lost, and the other one's connections are not ---------------------------------------------------------
lost() { # PATH WHAT FAULT WORDS...
	local path=$1 what=$2 other=by_pppoe machine=pc
	shift 2
	[ "$path" = dslite ] || other=by_dslite machine=nas
	fault "$@"
	assert_within 15 "$path, $what: down" status_is "$path" down
	assert_within 5 "$path, $what: new connections take the other path" $other $machine
	ctl failback "$path" > /dev/null # losses of before do not count here
	heal "$@"
	assert_within 40 "$path, $what: up again" status_is "$path" up
}
lost dslite "nothing gets to the AFTR" dslite-from-b4
lost dslite "nothing comes from the AFTR" dslite-to-b4
lost dslite "behind the AFTR" dslite-core
said=$(ctl events -n 30)
assert_match "$said" "dslite.*nor does the AFTR itself.*own address [0-9a-f:]* answers pings" "events of a silent AFTR"
assert_match "$said" "the AFTR itself does, so that it is what is behind it" "events of what is behind it"
stream_flows nas in
stream_start pc2 pc "$WEB"
lost pppoe "nothing gets to the concentrator" pppoe-up
lost pppoe "nothing comes from the concentrator" pppoe-down
lost pppoe "both directions" pppoe
both_are_used "one path after the other"

# ---- a concentrator that says goodbye ----------------------------------------------------------------------------------
since=$(date +%s%3N)
bras_stop
assert_within 5 "PADT: PPPoE is down" status_is pppoe down
note "PADT to down: $(($(last_change_ms pppoe down) - since)) ms from the moment that the concentrator was told to end"
assert_within 5 "PADT: the server goes over DS-Lite" by_dslite nas
bras_start
ctl failback pppoe > /dev/null
assert_within 40 "PADT: up again" status_is pppoe up

# ---- it comes and goes every 5 s ---------------------------------------------------------------------------------------
for _ in 1 2; do
	fault pppoe
	nap 2.5
	assert_within 5 "flapping: the server reaches the internet" seen nas
	heal pppoe
	nap 2.5
done
stream_flows pc2
ctl failback pppoe > /dev/null
assert_within 20 "flapping: PPPoE is back" status_is pppoe up

# ---- both, and back ------------------------------------------------------------------------------------------------------
fault dslite
fault pppoe-core
assert_within 15 "both lost: DS-Lite is down" status_is dslite down
assert_within 15 "both lost: PPPoE is down" status_is pppoe down
assert_eq "$(status_json .default.active)" null "both lost: the default's path"
ctl failback > /dev/null
heal dslite
heal pppoe-core
both_are_used "both lost"

# ---- the daemon is busy otherwise, or not there ----------------------------------------------------------------------------
ctl failback > /dev/null
fault dslite
ctl reload > /dev/null || fail "reload while a path is being lost"
assert_within 15 "lost in a reload: down" status_is dslite down
assert_within 5 "lost in a reload: new connections work" by_pppoe pc
heal dslite
ctl reload > /dev/null || fail "reload while a path comes back"
ctl failback > /dev/null
both_are_used "lost in a reload"

losses() { grep -c 'dslite: up -> down' "$DAEMON_LOG"; }
before=$(losses)
fault dslite
# It says so first, and then changes rules, routes and connections.
for ((i = 0; i < 300 && $(losses) == before; i++)); do nap 0.05; done
daemon_kill9
daemon_start
assert_within 15 "killed in a failover: down" status_is dslite down
assert_within 5 "killed in a failover: new connections work" by_pppoe pc
heal dslite
ctl failback > /dev/null
both_are_used "killed in a failover"

# ---- the clock is set ------------------------------------------------------------------------------------------------------
if [ "${LAB_OWN_CLOCK:-}" = yes ]; then
	before=$(transitions)
	age() { echo $(($(date +%s) - $(date -d "$(status_of dslite since)" +%s))); } # seconds that DS-Lite is up
	aged=$(age)
	for step in '+3 hours' '-2 days' '+45 hours'; do # in the end it is where it was
		date -s "$step" > /dev/null
		nap 2
		assert_eq "$(transitions)" "$before" "clock set by $step: changes of both paths"
		grown=$(($(age) - aged))
		assert "clock set by $step: DS-Lite is $grown s older" test "$grown" -ge 0 -a "$grown" -le 60
	done
fi

# ---- a restart while connections run on a path that no rule prefers any more: what moved there, and works, stays ------------
cfg < /dev/null
reload
fault dslite
assert_within 15 "before a restart: DS-Lite is down" status_is dslite down
assert_within 5 "before a restart: the PC goes over PPPoE" by_pppoe pc
stream_start moved pc "$WEB"
ctl failback > /dev/null
heal dslite
assert_within 20 "before a restart: DS-Lite is back" status_is dslite up
daemon_stop
daemon_start
assert_within 10 "after a restart: PPPoE is up" status_is pppoe up
stream_flows moved
assert_clean matrix
