#!/bin/bash
# demo-story.sh: what ./demo tells, measured on the lab's line. Run by ./demo in tests/lab/vm or tests/lab/direct.
#
# Owns nothing: the line is lib.sh's. Each thing that is told is checked; the first that is not so ends it with 1.
# shellcheck disable=SC2119
export RESULTS=${LAB_RESULTS:?only inside tests/lab/vm or tests/lab/direct}
# shellcheck source=tests/lab/lib.sh
. "${0%/*}/lib.sh"
set -u

note() { # of lib.sh's words, only the bad news
	case $* in FAILED* | at\ *) echo "   $*" ;; esac
}

chapter() { printf '\n%s\n' "$1"; }
say() { printf '   %s\n' "$@"; }
show() { sed 's/^/      /'; }
seconds() { # MILLISECONDS
	printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100))
}

since() { seconds $(($(now_ms) - $1)); } # START

caller_is() { # NAMESPACE WANTED: one new connection, given up after half a second
	[ "$(in_ns "$1" socat -T1 - "TCP4:$WEB:$ECHO_PORT,connect-timeout=0.5" < /dev/null 2> /dev/null | cut -d' ' -f1)" = "$2" ]
}

both_up() { status_is dslite up && status_is pppoe up; }

# An outside client that asks again and again, and counts.
visitor() {
	local n=0 lost=0
	while [ ! -e "$RESULTS/enough" ] && [ $n -lt 2000 ]; do
		n=$((n + 1))
		[ "$(outside_get)" = "this is nas" ] || lost=$((lost + 1))
		echo "$n $lost" > "$RESULTS/visits.new"
		mv "$RESULTS/visits.new" "$RESULTS/visits"
		nap 0.2
	done
}

# ---- the line and the router ----------------------------------------------------------------------------------------
start=$(now_ms)
install_stage || fail "the build cannot be installed"
line_up || fail "the line does not come up"
chapter "1. A line"
say "A home with two ways out, as on a Japanese fibre line (up in $(since "$start") s):" \
	"DS-Lite   to the provider's AFTR, which shares $AFTR1_PUBLIC among many homes" \
	"PPPoE     with a static address of its own, $STATIC" \
	"At home: a PC ($PC), a server called nas ($NAS), and the router between."

cfg_write <<TEXT
[router]
lan = $LAN
[dslite]
interface = $WAN
[pppoe]
interface = $WAN
user = $PPP_USER
password-file = $PASSWORD_FILE
address = $STATIC
[host nas]
address = $NAS
path = pppoe
[forward web]
protocol = tcp
port = 80
to = nas
TEXT
chapter "2. The router's configuration, $CONF"
show < "$CONF"

capture_start demo || fail "no capture"
chapter "3. dualpathd starts"
start=$(now_ms)
daemon_start
wait_for 40 both_up || fail "the paths do not come up: $(status_json .)"
say "Both paths are up after $(since "$start") s. dualpathctl status:"
ctl status | show
[ "${PIPESTATUS[0]}" = 0 ] || fail "dualpathctl status says that something is wrong"

# ---- both paths at once ---------------------------------------------------------------------------------------------
chapter "4. Both paths at once"
got=$(in_ns pc curl -s -m 5 "http://$WEB/cgi-bin/ip")
[ "$got" = "$AFTR1_PUBLIC" ] || fail "the PC should appear as $AFTR1_PUBLIC, not '$got'"
say "The PC asks a web server who it is:          $got   the AFTR's: it went by DS-Lite."
got=$(outside_get)
[ "$got" = "this is nas" ] || fail "the outside client got '$got' from http://$STATIC/"
say "A client outside opens http://$STATIC/:  \"$got\"  the home server, by PPPoE."
got=$(in_ns nas curl -s -m 5 "http://$WEB/cgi-bin/ip")
[ "$got" = "$STATIC" ] || fail "the server should appear as $STATIC, not '$got'"
say "The server asks the same web server:         $got     its own static address."
got=$(in_ns pc curl -s -m 5 "http://$STATIC/")
[ "$got" = "this is nas" ] || fail "the PC got '$got' from http://$STATIC/"
say "The PC opens http://$STATIC/:            \"$got\"  reached at home, without going out."

# ---- a silent loss --------------------------------------------------------------------------------------------------
chapter "5. DS-Lite dies, silently: the cable is in, the tunnel stands, nothing comes back"
visitor &
fault dslite || fail "the fault could not be made"
start=$(now_ms)
wait_for 30 caller_is pc "$STATIC" || fail "the PC's new connections do not work again within 30 s"
say "New connections of the PC work again after $(since "$start") s, over PPPoE: it is now $STATIC." "dualpathctl status:"
ctl status | show
status_is dslite down || fail "dslite is not down"
got=$(status_of dslite reason)
[ -n "$got" ] || fail "status does not say why dslite is down"

# ---- and back -------------------------------------------------------------------------------------------------------
chapter "6. DS-Lite works again"
heal dslite || fail "the fault could not be healed"
start=$(now_ms)
wait_for 60 caller_is pc "$AFTR1_PUBLIC" || fail "the PC's new connections are not on DS-Lite again within 60 s"
say "New connections of the PC take it again after $(since "$start") s (several good probes in a row are asked for)."
touch "$RESULTS/enough"
wait_for 10 test -s "$RESULTS/visits" || fail "no client came from outside meanwhile"
read -r n lost < "$RESULTS/visits"
[ "$lost" = 0 ] || fail "of $n visits from outside during all this, $lost were lost"
say "Of $n visits to the home server from outside, during all this, none was lost."
say "dualpathctl events:"
ctl events -n 20 | show
[ "${PIPESTATUS[0]}" = 0 ] || fail "no events"

# ---- the proof ------------------------------------------------------------------------------------------------------
chapter "7. The proof on the wire"
capture_stop demo || fail "the capture lost packets"
got=$(capture_wrong_source demo)
[ -z "$got" ] || fail "packets left with another path's address: $got"
say "Of $(capture_count demo) packets that left the home since the start, none had an address of the other path."
chapter "All of this was so."

if [ "${1:-}" = --stay ]; then
	chapter "You are on the line now. 'exit' ends it. For example:"
	say "ctl status; ctl events --follow; ctl failover dslite --for 10s" "in_ns pc curl http://$WEB/cgi-bin/ip; in_ns out curl http://$STATIC/" \
		"fault dslite; heal dslite; fault pppoe; heal pppoe (tests/lab/README.md has them all)"
	exec bash --rcfile <(echo "PS1='demo# '; . '${0%/*}/lib.sh'; line_options") -i
fi
daemon_stop
