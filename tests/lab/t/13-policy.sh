#!/bin/bash
# Who goes where: the default, a [host] by address and by MAC, a [rule] by prefix and port; 'pppoe' alone waits while PPPoE is
# down and never leaks, 'pppoe, dslite' falls back. SPEC.md, "What the traffic does", 1 and [host].
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
KID=192.168.1.21 LAB=192.168.1.40
ip -n pc addr add $KID/24 dev eth0
ip -n pc addr add $LAB/24 dev eth0
cfg <<EOT
[host nas]
address = $(in_ns nas cat /sys/class/net/eth0/address)
path = pppoe
[host kid]
address = $KID
path = pppoe, dslite
[rule lab]
from = 192.168.1.32/28
to = 198.51.100.0/24
protocol = tcp
port = 440-450
path = pppoe
EOT
serve inet 444
both_up

assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "the default: the PC's address"
assert_eq "$(seen nas)" "$STATIC" "a host by MAC"
assert_eq "$(seen pc bind=$KID)" "$STATIC" "a host by address"
assert_eq "$(seen pc bind=$LAB "$WEB:444")" "$STATIC" "a rule by prefix and port"
assert_eq "$(seen pc bind=$LAB)" "$AFTR1_PUBLIC" "another port"
assert_eq "$(seen pc "bind=$PC" "$WEB:444")" "$AFTR1_PUBLIC" "another machine"
assert "a rule by prefix leaves other targets alone" in_ns pc socat -u OPEN:/dev/null TCP4:1.1.1.1:443,bind=$LAB,connect-timeout=3
active() { status_json "[.rules[] | \"\(.kind) \(.name) \(.active)\"] | join(\", \")"; }
assert_eq "$(active)" "host nas pppoe, host kid pppoe, rule lab pppoe" "rules in status"
assert_eq "$(status_json '[.rules[] | .packets > 0 and .bytes > 0] | all')" true "every rule counts"
assert_eq "$(status_json '.rules[] | select(.name == "kid").order | join(" ")')" "pppoe dslite" "an order in status"

# ---- PPPoE is lost ----
stream_start nas nas "$WEB"
capture_start lost
bras_stop
wait_status pppoe down 20
assert_eq "$(active)" "host nas null, host kid dslite, rule lab null" "rules in status"
assert_within 5 "'pppoe, dslite' falls back" seen_is "$AFTR1_PUBLIC" pc bind=$KID
assert_eq "$(seen pc)" "$AFTR1_PUBLIC" "the default goes on"
assert_eq "$(seen nas)" "" "'pppoe' alone waits"
told_so() { [[ $(in_ns nas ping -n -c 1 -W 1 "$WEB") =~ "From $LAN_ADDRESS ".*[Uu]nreachable ]]; }
assert_within 10 "and is told so (the kernel does not say it to each packet)" told_so
in_ns nas sh -c "echo x | socat -u - UDP4:$WEB:$ECHO_PORT"
assert_clean lost
assert_eq "$(capture_show lost 'ip6 proto 4 and ip6[52:4] = 0xc0a8010a')" "" "what leaked of the server onto DS-Lite"
bras_start
wait_status pppoe up 40
assert_eq "$(active)" "host nas pppoe, host kid pppoe, rule lab pppoe" "rules in status"
assert_within 5 "the server is back on PPPoE" seen_is "$STATIC" nas
