#!/bin/bash
# pppd under supervision: secrets stay secret, no default route, no DNS of its own; session, address and pppd's own reasons
# in status; a wrong address is reported, loudly; it comes back whatever ended it.
# limit: 180
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
in_resolv=$(in_ns home cat /etc/resolv.conf)
cfg < /dev/null
printf 'idle 2\nmaxconnect 3\ndefaultroute\nmtu 576\n' > /etc/ppp/options # of another dial-up, long ago
both_up
up_at=$(now_ms)

# ---- what status knows ----
session=$(status_of pppoe session)
assert_match "$session" '^[1-9][0-9]*$' "the session's id"
kernel=$(in_ns home awk 'NR == 2 { print tolower($1), tolower($2) }' /proc/net/pppoe)
bras=$(ip -n bras -o link show dev seg | sed 's/.*link.ether \([^ ]*\).*/\1/')
assert_match "$kernel" "$(printf '%02x%02x' $((session & 255)) $((session >> 8)))|$(printf '%04x' "$session")" "the kernel's session"
assert_eq "${kernel#* }" "$bras" "the kernel's concentrator"
assert_match "$(ctl --json status | tr A-F a-f)" "\"access_concentrator\": *\"[^\"]*($bras|BRAS|bras)" "the concentrator"
assert_eq "$(status_of pppoe address)" "$STATIC" "our address"
assert_eq "$(status_of pppoe remote)" "$BRAS_ADDRESS" "the other end's address"

# ---- secrets, routes, DNS ----
awkward=${PPP_PASSWORD#aw kw} # the awkward part: found also where the rest was quoted
everything_of_processes() {
	local pid
	for pid in $(ns_pids home); do tr '\0' '\n' < "/proc/$pid/cmdline"; tr '\0' '\n' < "/proc/$pid/environ"; done 2> /dev/null
}
processes=$(everything_of_processes)
assert_match "$processes" "nodefaultroute" "pppd's command line"
refute "the password in no argv or environment" grep -qF -e "$PPP_PASSWORD" -e "$awkward" <<< "$processes"
refute "usepeerdns in no argv" grep -qx usepeerdns <<< "$processes"
{
	ctl --json status
	ctl events -n 100
	ctl check
	in_ns home dualpathd -n -c "$CONF"
} > "$RESULTS/said" 2>&1
refute "the password in no log, answer or file but its own" \
	grep -rslF -e "$PPP_PASSWORD" -e "$awkward" "$DAEMON_LOG" "$RESULTS/said" /run /var/lib/dualpath /etc/ppp
assert_eq "$(grep -rlF "$awkward" /etc/dualpath)" "$PASSWORD_FILE" "where the password is"
assert_eq "$(ip -n home route show default table main)" "" "default routes in the main table"
assert_eq "$(in_ns home cat /etc/resolv.conf)" "$in_resolv" "/etc/resolv.conf"
refute "no resolv.conf by pppd" test -e /etc/ppp/resolv.conf

stood() { [ "$(now_ms)" -gt $((up_at + 5000)) ]; }
assert_within 6 "it stands for longer than that other dial-up would have" stood
assert_eq "$(status_of pppoe) $(status_of pppoe session)" "up $session" "the session"
rm /etc/ppp/options

# ---- it comes back ----
session_moved() { status_is pppoe up && [ "$(status_of pppoe session)" != "$session" ]; }
pppd_in_home() { comm -12 <(ns_pids home | sort) <(pgrep -x pppd | sort); }
pid=$(pppd_in_home)
kill -KILL "$pid"
assert_within 25 "pppd killed: a new session" session_moved
assert_within 30 "and it carries (the BRAS knows of the end by its own echoes)" seen_is "$STATIC" home "bind=$STATIC"
assert_match "$(ctl events -n 100)" "pppoe.*(killed|signal)" "events"
session=$(status_of pppoe session)
assert "reconnect" ctl reconnect pppoe
assert_within 25 "reconnect: a new session" session_moved

# ---- pppd's own reasons ----
told() { status_is pppoe down && ctl events -n 5 | grep -qE "pppoe: .*($1)"; }
fault pppoe-password
assert "reconnect" ctl reconnect pppoe
assert_within 30 "a wrong password is told so" told 'refused.*password|authentication failed'
heal pppoe-password
echo no-such-option > /etc/ppp/options
ctl reconnect pppoe > /dev/null
assert_within 30 "and an option of the owner's that pppd does not know" told "unrecognized option 'no-such-option'"
rm /etc/ppp/options
fault pppoe-discovery
ctl reconnect pppoe > /dev/null
assert_within 30 "a silent concentrator is told so" told 'PADO'
heal pppoe-discovery

# ---- a password of another awkward kind: spaces at both ends, no ASCII, what shells and printf would take for theirs ----
odd='  ü"\x $(id) `id` %n # ; =  '
bras_secrets "$odd"
printf '%s\n' "$odd" > "$PASSWORD_FILE"
ctl reconnect pppoe > /dev/null
wait_status pppoe up 30
bras_secrets

# ---- another user, an easy password, an address that was not promised ----
cfg < /dev/null
sed -i "s/^user = .*/user = $PPP_USER_WRONG/" "$CONF"
printf '%s' "$PPP_PASSWORD_WRONG" > "$PASSWORD_FILE" # no newline at its end
reload
ctl reconnect pppoe > /dev/null
wait_status pppoe degraded 30
assert_eq "$(status_of pppoe address)" "$STATIC_WRONG" "the address"
assert_match "$(status_of pppoe reason)" "$STATIC_WRONG.*$STATIC|$STATIC.*$STATIC_WRONG" "the reason"
assert "loud in the log" daemon_log "warn.*$STATIC_WRONG|$STATIC_WRONG.*promised|promised.*$STATIC_WRONG"
assert_match "$(ctl events -n 100)" "pppoe.*degraded" "events"
assert_eq "$(seen home "bind=$STATIC_WRONG")" "$STATIC_WRONG" "it works all the same"
