#!/bin/bash
# A bad config is refused whole: every error with file and line, the nearest known word, no secret, and the old one goes on.
# A good one is taken over with nothing lost, and moves new connections only. SPEC.md, "Configuration", 5.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
base() { # PATH of the server
	cfg <<-EOT
		[host nas]
		address = $NAS
		path = $1
		[forward stream]
		protocol = tcp
		port = $STREAM_PORT
		to = nas
	EOT
}
base pppoe
both_up
ping_start pc pc "$WEB"
ping_start nas nas "$WEB"
stream_start nas nas "$WEB"
stream_start pc pc "$WEB"
stream_start in out "$STATIC"
before=$(our_objects)

# ---- bad ones ----
said() { # REGEX
	grep -qE -- "$1" "$RESULTS/said"
}
line_of() { grep -nF -m 1 -- "$1" "$CONF" | cut -d: -f1; } # where this text stands
cat >> "$CONF" <<EOT
[forwrd typo]
port = 1
[forward two]
protocl = tcp
port = 70000
to = nsa
[host nas]
[host other]
address = 192.168.1.300
path = pppeo
password = S3cret-in-the-wrong-place
[rule r]
path = dslite
time = whenever
EOT
for way in "ctl reload" "ctl check" "in_ns home dualpathd -n -c $CONF"; do
	$way > "$RESULTS/said" 2>&1
	assert_eq $? 1 "$way: exit code"
	assert "$way: an unknown section, its line, the nearest word" said "$CONF:$(line_of '[forwrd')(:[0-9]+)?: .*forwrd.*forward"
	assert "$way: an unknown key" said "$CONF:$(line_of 'protocl')(:[0-9]+)?: .*protocl.*protocol"
	assert "$way: a port too great" said "$CONF:$(line_of '70000')(:[0-9]+)?: "
	assert "$way: an unknown host" said "$CONF:$(line_of 'nsa')(:[0-9]+)?: .*nas"
	assert "$way: no address" said "$CONF:$(line_of '168.1.300')(:[0-9]+)?: "
	assert "$way: an unknown path" said "$CONF:$(line_of 'pppeo')(:[0-9]+)?: .*pppoe"
	assert "$way: a duplicate name" said "$CONF:$(grep -nF '[host nas]' "$CONF" | tail -n 1 | cut -d: -f1)(:[0-9]+)?: .*nas"
	assert "$way: a time" said "$CONF:$(line_of 'whenever')(:[0-9]+)?: "
	refute "$way: a value that could be a secret" said S3cret
done
refute "nor in the log" daemon_log S3cret
same_objects "$before" "$(our_objects)" "refused: the kernel's objects are the same"
assert_eq "$(status_json '[.forwards[].name] | join(" ")')" stream "refused: the forwards"
base pppoe
chmod 644 "$PASSWORD_FILE"
ctl reload > "$RESULTS/said" 2>&1
assert_eq $? 1 "a password file that all may read: exit code"
assert "it says which and what to do" said "$PASSWORD_FILE.*(0600|chmod|too open)"

# ---- good ones ----
base pppoe
cat >> "$CONF" <<EOT
[forward web]
protocol = tcp
port = 80
to = nas
[rule more]
from = 192.168.1.0/24
protocol = udp
port = 5060
path = pppoe, dslite
EOT
reload
assert_eq "$(outside_get)" "this is nas" "a forward added"
base 'pppoe, dslite'
reload
assert_eq "$(outside_get)" "" "a forward removed"
base dslite
reload
assert_eq "$(seen nas)" "$AFTR1_PUBLIC" "another path for the server: new connections"
base pppoe
reload
assert_eq "$(seen nas)" "$STATIC" "and back: new connections"
same_objects "$before" "$(our_objects)" "the first config again: the kernel's objects are as then"
stream_flows nas pc in
ping_all_answered pc nas
