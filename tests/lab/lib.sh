# shellcheck shell=bash
# lib.sh: what a test of the lab calls: asserts, the daemon under test, what the world sees of it.
#
# Owns: the daemon's process and $RESULTS of this test. Sourced first by every t/*.sh; brings line.sh with it.
# An assert that does not hold prints why, dumps the state and ends the test with 1.

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
RESULTS=${RESULTS:-/tmp/lab-results}
mkdir -p "$RESULTS"
# shellcheck source=tests/lab/line.sh
. "$lab_dir/line.sh" || exit

CONF_DIR=/etc/dualpath
CONF=$CONF_DIR/dualpath.conf
PASSWORD_FILE=$CONF_DIR/pppoe.password
DAEMON_LOG=$RESULTS/dualpathd.log
DAEMON_PID=
# shellcheck disable=SC2034 # read by tests
DAEMON_STATUS=
test_start=$(now_ms)

# ---- saying and judging ---------------------------------------------------------------------------------------------
note() { printf '[%6.1f] %s\n' "$((($(now_ms) - test_start) / 100))e-1" "$*"; }

fail() {
	note "FAILED: $*"
	note "at $(caller_line)"
	case $- in *i*) return 1 ;; esac
	dump_state > "$RESULTS/state.txt" 2>&1 || :
	exit 1
}

caller_line() { # the line of the test, not of this file
	local i
	for i in "${!BASH_SOURCE[@]}"; do
		case ${BASH_SOURCE[i]} in
		*/lib.sh | */line.sh | */faults.sh | */capture.sh) ;;
		*) echo "${BASH_SOURCE[i]##*/} line ${BASH_LINENO[i - 1]}"; return ;;
		esac
	done
}

skip() {
	echo "$*"
	exit 77
}

assert() { # WHAT COMMAND...
	local what=$1
	shift
	"$@" || fail "$what: '$*' gave $?"
	note "ok: $what"
}

refute() { # WHAT COMMAND...
	local what=$1
	shift
	! "$@" || fail "$what: '$*' should not succeed"
	note "ok: $what"
}

assert_eq() { # GOT WANTED WHAT
	[ "$1" = "$2" ] || fail "${3:-value}: got '$1', wanted '$2'"
	note "ok: ${3:-value} is '$2'"
}

assert_match() { # TEXT REGEX WHAT
	[[ $1 =~ $2 ]] || fail "${3:-text}: '$1' does not match '$2'"
	note "ok: ${3:-text} matches '$2'"
}

assert_within() { # SECONDS WHAT COMMAND...
	local limit=$1 what=$2 start
	start=$(now_ms)
	shift 2
	wait_for "$limit" "$@" || fail "$what: '$*' did not come true in $limit s"
	note "ok: $what (after $(($(now_ms) - start)) ms)"
}

assert_clean() { # NAME of a capture
	local wrong packets
	capture_stop "$1" || fail "capture $1 lost packets: $(tail -n 3 "$RESULTS/$1-line.log" | tr '\n' ' ')"
	wrong=$(capture_wrong_source "$1")
	[ -z "$wrong" ] || fail "capture $1: packets left with a source that is not their path's:
$wrong"
	packets=$(capture_count "$1")
	[ "$packets" -gt 0 ] || fail "capture $1: it saw no packet, and proves nothing"
	note "ok: capture $1: of $packets packets none left with a wrong source"
}

dump_state() {
	local ns
	echo "== home"
	ip netns exec home sh -c 'set -x; ip -s -d addr; ip rule; ip route show table all; ip -6 route; nft list ruleset;
		conntrack -L; cat /proc/net/pppoe; ps axo pid,ppid,stat,args | grep -v " \[" | tail -n 60'
	for ns in $LAB_NAMESPACES; do
		[ "$ns" != home ] || continue
		echo "== $ns"
		ip -n "$ns" -br addr
		ip -n "$ns" route
	done
	ctl --json status 2>&1 || :
	echo "== faults: $(cat "$LAB_STATE"/faults/* 2> /dev/null)"
	mkdir -p "$RESULTS/line"
	cp "$LAB_STATE"/*.log "$LAB_STATE"/*.conf "$RESULTS/line/" || :
	dmesg | tail -n 40
}

# ---- the programs under test ----------------------------------------------------------------------------------------
# The tree of `make install DESTDIR=` over /, which is a throw-away here. Called once by run.
install_stage() {
	local dir
	[ -n "${DUALPATH_STAGE:-}" ] || return 0
	for dir in "$DUALPATH_STAGE"/*; do
		case ${dir##*/} in
		etc | usr | var | lib | sbin | bin) cp -a "$dir/." "/${dir##*/}/" || return ;;
		run) ;;
		*) echo "lab: $dir is outside of what the lab can throw away" >&2; return 1 ;;
		esac
	done
	ldconfig
}

# shellcheck disable=SC2120 # tests give it a name
cfg_write() { # [FILE] < TEXT
	local file=${1:-$CONF}
	mkdir -p "$CONF_DIR"
	cat > "$file"
	chmod 644 "$file"
	printf '%s\n' "$PPP_PASSWORD" | install -m 600 -o root /dev/stdin "$PASSWORD_FILE"
}

cfg_five() {
	cfg_write <<-EOF
		[router]
		lan = $LAN
		[dslite]
		interface = $WAN
		[pppoe]
		interface = $WAN
		user = $PPP_USER
		password-file = $PASSWORD_FILE
	EOF
}

cfg_full() {
	cfg_write <<-EOF
		[router]
		lan = $LAN
		default = dslite, pppoe
		[dslite]
		interface = $WAN
		[pppoe]
		interface = $WAN
		user = $PPP_USER
		password-file = $PASSWORD_FILE
		address = $STATIC
		mtu = $PPP_MTU
		[host nas]
		address = $NAS
		path = pppoe
		[forward web]
		protocol = tcp
		port = 80, $ECHO_PORT, 8000-8010
		to = nas
		[probe]
		targets = icmp:1.1.1.1, icmp:8.8.8.8
		interval = 1s
		timeout = 1s
		down-after = 3
		up-after = 3
	EOF
}

# Its socket is a file, which every namespace sees: there is no need to enter the home's.
ctl() { dualpathctl "$@"; }

daemon_running() { [ -n "$DAEMON_PID" ] && kill -0 "$DAEMON_PID" 2> /dev/null; }
daemon_pid() { echo "$DAEMON_PID"; }

daemon_launch() { # [OPTIONS]: without waiting for anything
	command -v dualpathd > /dev/null || fail "dualpathd is not installed: give DUALPATH_STAGE to run"
	# Not by in_ns: a function in the background is a shell of its own, and that would get our signals.
	ip netns exec home dualpathd -f -c "$CONF" "$@" < /dev/null >> "$DAEMON_LOG" 2>&1 {LAB_NAP}>&- &
	DAEMON_PID=$!
}

daemon_answers() { # 0 and 1 are both an answer
	ctl status > /dev/null 2>&1
	[ $? -le 1 ]
}

daemon_start() { # [OPTIONS]
	local end
	daemon_launch "$@"
	end=$(($(now_ms) + 20000))
	until daemon_answers; do
		daemon_running || fail "dualpathd ended: $(tail -n 5 "$DAEMON_LOG")"
		[ "$(now_ms)" -lt "$end" ] || fail "dualpathd does not answer: $(tail -n 5 "$DAEMON_LOG")"
		nap
	done
	note "dualpathd runs ($DAEMON_PID)"
}

daemon_ended() { ! daemon_running; }

daemon_reap() { # its exit status into DAEMON_STATUS
	DAEMON_STATUS=0
	wait "$DAEMON_PID" 2> /dev/null || DAEMON_STATUS=$?
	DAEMON_PID=
}

daemon_stop() {
	[ -n "$DAEMON_PID" ] || return 0
	kill -TERM "$DAEMON_PID" 2> /dev/null || :
	wait_for 20 daemon_ended || fail "dualpathd does not end within 20 s of SIGTERM"
	daemon_reap
	note "dualpathd ended with $DAEMON_STATUS"
}

daemon_kill9() {
	kill -KILL "$DAEMON_PID"
	daemon_reap
	note "dualpathd killed"
}

daemon_log() { # [REGEX]
	if [ $# -eq 0 ]; then cat "$DAEMON_LOG"; else grep -qE -- "$1" "$DAEMON_LOG"; fi
}

# ---- what it says of itself -----------------------------------------------------------------------------------------
status_json() { # FILTER [JQ OPTIONS]
	local filter=$1
	shift
	ctl --json status 2> /dev/null | jq -r "$@" "$filter"
}

# What tests ask for most, and so without jq where it is plain, since that takes half a second to start under emulation. A rule may
# have a path's name, but the paths come first.
path_text() { # PATH: what status says of it, from its kind on
	local status
	status=$(ctl --json status 2> /dev/null)
	case $status in *"\"name\":\"$1\",\"kind\":"*) ;; *) return 1 ;; esac
	status=${status#*\"name\":\""$1"\",\"kind\":}
	echo "\"kind\":${status%%\{\"name\":*}" # up to what comes next, a path or the first of another list
}

status_of() { # PATH [FIELD, or what jq makes of the path]
	local text
	text=$(path_text "$1") || return
	if [[ $text =~ \"${2:-state}\":(\"([^\"\\]*)\"|[a-z0-9.-]+)[,}] ]]; then
		echo "${BASH_REMATCH[2]:-${BASH_REMATCH[1]#\"\"}}"
	else
		status_json ".paths[] | select(.name == \$path) | .${2:-state}" --arg path "$1"
	fi
}

status_is() { # PATH STATE
	[[ $(path_text "$1") =~ ^\"kind\":\"[a-z]+\",\"state\":\""$2"\" ]]
}

wait_status() { # PATH STATE [SECONDS]
	local start
	start=$(now_ms)
	wait_for "${3:-30}" status_is "$1" "$2" || fail "$1 is not $2 after ${3:-30} s: $(status_json .)"
	note "ok: $1 is $2 (after $(($(now_ms) - start)) ms)"
}

# ---- what the world sees --------------------------------------------------------------------------------------------
public_address() { # NAMESPACE [ADDRESS]
	first_word "$(tcp_text "$1" "${2:-$WEB}" "$ECHO_PORT")"
}

public_is() { # NAMESPACE WANTED [ADDRESS]
	[ "$(public_address "$1" "${3:-$WEB}")" = "$2" ]
}

# Bash opens these sockets without starting a program.  The answer begins with the question's id, "AB".
lab_asks='q="AB\x01\0\0\x01\0\0\0\0\0\0\x07example\x03com\0\0\x01\0\x01"
	until exec 3<>/dev/udp/9.9.9.9/53 && printf "$q" >&3 && read -r -t 0.04 -N 1 -u 3 c; do :; done 2> /dev/null
	echo "$EPOCHREALTIME"'

first_answer() { # NAMESPACE: when a new connection of it is answered, in microseconds
	local time
	time=$(in_ns "$1" timeout 60 bash -c "$lab_asks")
	echo "${time/[.,]/}"
}

outside_get() { # [PORT]
	web_page out "http://$STATIC:${1:-80}/"
}

outside_caller() { # [PORT]: the address that the server at home sees of the outside client
	first_word "$(tcp_text out "$STATIC" "${1:-$ECHO_PORT}")"
}

# ---- the end --------------------------------------------------------------------------------------------------------
# Whatever happened, nothing of the test runs on. The carriers' side stays for the next one's line_up.
test_end() {
	local status=$?
	trap - EXIT
	if grep -sqE 'Sanitizer|runtime error:' "$RESULTS"/*.log; then
		note "FAILED: a sanitizer spoke:"
		grep -hsE -A 12 'Sanitizer|runtime error:' "$RESULTS"/*.log | head -n 40
		[ $status -ne 0 ] || status=1
	fi
	captures_end
	exec 2> /dev/null # bash would say of each that it was killed
	jobs -p | xargs -r kill -KILL
	[ ! -e /run/netns/home ] || ns_kill home
	exit "$status"
}
case $- in *i*) ;; *) trap test_end EXIT ;; esac
