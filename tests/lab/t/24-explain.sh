#!/bin/bash
# What the router says of itself is so: explain against where connections really go, diff against what reload does, a reload that
# nobody confirms goes back (also over a kill -9), doctor finds what is wrong.
# limit: 180
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
base() {
	cfg <<-EOT
		[rule web-out]
		from = $PC
		to = $WEB
		protocol = tcp
		port = 444
		path = pppoe
		[host nas]
		address = $NAS
		path = pppoe, dslite
		[rule own]
		from = router
		protocol = tcp
		port = 444
		path = pppoe, dslite
		[forward stream]
		protocol = tcp
		port = $STREAM_PORT
		to = nas
		[forward cellar]
		port = 81
		to = 10.77.0.5
	EOT
}
ip -n home -batch - <<X
	link add cellar type dummy
	addr add 10.77.0.1/24 dev cellar
	link set cellar up
X
base
serve inet 444
both_up

# ---- explain and the kernel agree ----
of() { ctl --json explain "${@:2}" | jq -r "$1"; } # FILTER WORDS...
declare -A public=([dslite]=$AFTR1_PUBLIC [pppoe]=$STATIC)
agree() { # NAMESPACE SOURCE PORT: the path that explain says is the one that is taken
	local path
	path=$(of .path tcp "$2" "$WEB:$3")
	[ -n "${public[$path]:-}" ] || fail "explain tcp $2 $WEB:$3 gave: $(ctl explain tcp "$2" "$WEB:$3" 2>&1)"
	assert_eq "$(seen "$1" '' "$WEB:$3")" "${public[$path]}" "$1 to port $3, by $path"
}
agree pc "$PC" "$ECHO_PORT"
agree pc "$PC" 444
agree nas "$NAS" "$ECHO_PORT"
agree nas nas 444
agree home router "$ECHO_PORT"
agree home router 444
assert_eq "$(of '"\(.rule) \(.kind) \(.path) \(.if_lost) \(.source) \(.mtu) \(.mss)"' tcp nas "$WEB:80")" \
	"nas host pppoe dslite $STATIC 1454 1414" "the server"
assert_eq "$(of '"\(.rule) \(.path) \(.if_lost) \(.source) \(.mtu)"' udp "$PC" 8.8.8.8:53)" \
	"default dslite pppoe $PC 1460" "the PC"
assert_eq "$(of '"\(.rule) \(.path) \(.if_lost)"' tcp "$PC" "$WEB:444")" "web-out pppoe null" "a strict rule"
assert_eq "$(of '.near[0] | "\(.rule) \(.misses)"' tcp "$PC" "$WEB:445")" "web-out port" "what came close"
assert_eq "$(of .line tcp nas "$WEB:80")" "$(grep -nF '[host nas]' "$CONF" | cut -d: -f1)" "the line of the file"
assert_eq "$(of '"\(.forward) \(.path) \(.state) \(.to)"' in tcp "$STREAM_PORT")" "stream pppoe up $NAS:$STREAM_PORT" "inbound"
assert_eq "$(of .state in tcp 4)" closed "inbound, a port that is not open"
assert_eq "$(of .forward tcp "$PC" "$STATIC:$STREAM_PORT")" stream "hairpin"
assert_match "$(ctl explain tcp "$PC" "$STATIC:$STREAM_PORT")" "with its address outside" "hairpin on one wire: how the caller appears"
assert_match "$(ctl explain tcp "$PC" "$STATIC:81")" "with its own address" "hairpin to another wire: how the caller appears"
assert_eq "$(of .rule tcp "$PC" "$NAS:22")" home "to a neighbour"
assert_eq "$(of '"\(.rule) \(.path)"' udp "$PC" 239.1.2.3:5000)" "home null" "to many"
assert_match "$(ctl explain tcp 198.18.5.5 "$WEB:80")" "dslite.*not carried" "from what is no address of a home"
assert_match "$(ctl explain tcp nas "$WEB:80")" "host nas.*line.*dualpath.conf.*next packet.*on-return = keep" "in words"
stream_start pc pc "$WEB"
assert_eq "$(of .pinned tcp "$PC" "$WEB:$STREAM_PORT")" dslite "a live connection"
ctl failover pppoe > /dev/null
assert_eq "$(of '"\(.path) \(.if_lost)"' tcp nas "$WEB:80")" "dslite null" "while pppoe is lost"
assert_eq "$(of .path tcp "$PC" "$WEB:444")" null "a strict rule while its path is lost"
assert_eq "$(of .state in tcp "$STREAM_PORT")" down "inbound while pppoe is lost"
ctl failback > /dev/null
code() { local status=0; ctl "${@:2}" > "$RESULTS/said" 2>&1 || status=$?; assert_eq "$status" "$1" "exit code of '${*:2}'"; }
code 2 explain
code 2 explain tpc "$PC" "$WEB"
code 2 explain tcp "$PC" "$WEB:99999"
code 2 explain in icmp 5

# ---- diff says what reload does ----
before=$(our_objects | sort) # chains are listed in the order in which they were made
assert_match "$(ctl diff)" "nothing" "diff of the same"
sed -i 's/^path = pppoe, dslite/path = dslite, pppoe/' "$CONF"
cat >> "$CONF" <<EOT
[forward web]
protocol = tcp
port = 80
to = nas
EOT
planned=$(ctl --json diff | jq -c .operations)
assert_match "$planned" 'add counter fwd_web' "diff: the forward's counter"
assert_match "$planned" 'change chain' "diff: a chain"
same_objects "$before" "$(our_objects | sort)" "diff: nothing was changed"

# ---- a reload on trial ----
done_now=$(ctl --json reload --confirm 4s | jq -c .operations)
assert_eq "$done_now" "$planned" "reload does what diff said"
assert_eq "$(seen nas)" "$AFTR1_PUBLIC" "on trial: the server's way"
assert_match "$(ctl status)" "confirm" "status says that it is on trial"
gone_back() { [ "$(seen nas)" = "$STATIC" ]; }
assert_within 8 "nobody confirmed: it goes back" gone_back
same_objects "$before" "$(our_objects | sort)" "gone back: the kernel's objects are as before"
code 1 confirm
assert_match "$(ctl events -n 5)" "confirmed" "the event"
daemon_kill9
daemon_start
nap 1
assert_eq "$(seen nas)" "$STATIC" "a new start does not take the file that failed"
assert "reload without a trial takes it" ctl reload
assert_eq "$(seen nas)" "$AFTR1_PUBLIC" "the server's way"
base
clock() { [ "${LAB_OWN_CLOCK:-}" != yes ] || date -s "$1" > /dev/null; }
assert "on trial again" ctl reload --confirm 6s
daemon_kill9
clock "+3 hours"
nap 1
daemon_start
assert_eq "$(seen nas)" "$STATIC" "a crash in between, and the clock is set: still on trial"
assert "and for no longer than before" test "$(status_json .confirm_in_s)" -le 6
gone_back() { [ "$(seen nas)" = "$AFTR1_PUBLIC" ]; }
assert_within 12 "and it goes back all the same" gone_back
daemon_kill9
clock "-2 days"
daemon_start
nap 1
assert "the clock is set back: what has failed is not on trial again" gone_back
clock "+45 hours"
assert "on trial once more" ctl reload --confirm 5s
assert "confirm" ctl confirm
nap 6
assert_eq "$(seen nas)" "$STATIC" "confirmed: it stays"
stream_flows pc

# ---- doctor ----
verdict() { ctl --json doctor | jq -r --arg name "$1" '[.checks[] | select(.name == $name) | .state] | unique | join(" ")'; }
wait_status dslite up 20
wait_status pppoe up 30
code 0 doctor
# The daemon puts it right at its next look at the kernel, which may be any moment: one answer has to show both.
finds_strict() {
	local answer status=0
	in_ns home sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.dslite0.rp_filter=1
	answer=$(ctl --json doctor) || status=$?
	[ $status = 1 ] && jq -e '[.checks[] | select(.name == "rp_filter") | .state] | unique == ["bad"]' <<< "$answer" > /dev/null
}
assert_within 10 "doctor: rp_filter" finds_strict
in_ns home nft 'table inet other { chain f { type filter hook forward priority 5; policy drop; }; }'
in_ns home ip rule add pref 5 lookup 77
assert_within 5 "which is put right at the next change" eval '[ "$(verdict rp_filter)" = good ]'
assert_eq "$(verdict firewall)" warning "doctor: another firewall"
assert_eq "$(verdict rules)" warning "doctor: another's rule"
in_ns home nft delete table inet other
ctl failover dslite > /dev/null
code 1 doctor
assert_eq "$(verdict dslite)" bad "doctor: a path that is down"
