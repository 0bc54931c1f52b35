#!/bin/bash
# DS-Lite is lost silently: the router notices by itself, new connections work over PPPoE, events say why, what ran over PPPoE is
# not touched; it comes back by itself and nothing that works is torn down. Then PPPoE likewise, and failover by hand.
# SPEC.md, "What the traffic does", 1 and 5.
# limit: 180
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
EOT
both_up
active() { status_json .default.active; }
stream_start nas nas "$WEB"
stream_start in out "$STATIC"
stream_start lost pc "$WEB"

# ---- a silent loss ----
fault dslite
assert_within 12 "new connections of the PC work again" seen_is "$STATIC" pc
assert "DS-Lite is down" status_is dslite down
assert_match "$(status_of dslite reason)" "prob|answer" "the reason"
assert_eq "$(active)" pppoe "the default's path"
ctl status > /dev/null
assert_eq $? 1 "exit code of status while a path is down"
events=$(ctl events -n 100)
assert_match "$events" "dslite.*up.*down.*(prob|answer)" "events"
assert_eq "$(ctl --json events -n 100 | jq -r '[.events[] | select(.path == "dslite" and .to == "down") | (.cause | length > 0)] | all')" \
	true "every loss has its cause"
assert_eq "$(seen nas)" "$STATIC" "the server's way is the same"
stream_flows nas in
stream_start moved pc "$WEB"
heal dslite
wait_status dslite up 20
# The name has two AFTRs, and while the line was dead the other one had its turn.
seen_by_dslite() { case $(seen pc) in "$AFTR1_PUBLIC" | "$AFTR2_PUBLIC") ;; *) return 1 ;; esac; }
assert_within 5 "new connections take DS-Lite again" seen_by_dslite
dslite_public=$(seen pc)
assert_eq "$(active)" dslite "the default's path"
stream_flows nas in moved
stream_end moved

# ---- the other path, by its own echoes or probes ----
stream_start home pc "$WEB"
fault pppoe-core
wait_status pppoe down 20
assert_within 5 "the server falls back to DS-Lite" seen_is "$dslite_public" nas
assert_eq "$(status_json '.forwards[0] | "\(.state) \(.reason | test("pppoe"))"')" "down true" "the forward"
heal pppoe-core
wait_status pppoe up 20
assert_within 5 "the server is on PPPoE again" seen_is "$STATIC" nas
stream_flows home in

# ---- by hand ----
assert "failover dslite" ctl failover dslite
assert_eq "$(status_of dslite forced)" true "forced"
assert_eq "$(status_of dslite)" down "the state while it is forced"
assert_eq "$(seen pc)" "$STATIC" "new connections, at once"
stream_flows in
assert "failback dslite" ctl failback dslite
assert_eq "$(status_of dslite forced)" false "forced"
assert_eq "$(seen pc)" "$dslite_public" "new connections, at once"
assert "failover for 3 s" ctl failover dslite --for 3s
assert_eq "$(seen pc)" "$STATIC" "new connections, at once"
assert_within 6 "and back by itself" seen_is "$dslite_public" pc
assert "failover of both" ctl failover dslite
assert "failover of both" ctl failover pppoe
assert_eq "$(active)" null "the default's path"
told_so() { [[ $(in_ns pc ping -n -c 1 -W 1 "$WEB") =~ "From $LAN_ADDRESS ".*[Uu]nreachable ]]; }
assert_within 10 "the PC is told so" told_so
assert "failback of both" ctl failback
assert_eq "$(seen pc)" "$dslite_public" "the PC's address"
stream_flows in
