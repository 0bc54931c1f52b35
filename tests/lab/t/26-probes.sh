#!/bin/bash
# Targets of every kind, the concentrator and a server over TLS among them, loss and latency that make a path degraded, and the owner's program for each change.
# limit: 150
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

line_up
# What the daemon's machine believes: mounted before its namespace comes to be.
certificate() { # NAME
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$LAB_STATE/$1.key" -out "$LAB_STATE/$1.crt" \
		-days 2 -subj "/CN=$1" -addext subjectAltName=DNS:www.example.jp 2> /dev/null
	cat "$LAB_STATE/$1.crt" "$LAB_STATE/$1.key" > "$LAB_STATE/$1.pem"
}
certificate good
certificate portal
mount --bind "$LAB_STATE/good.crt" /etc/ssl/certs/ca-certificates.crt
hook=/run/on-change
cat > "$hook" <<'TEXT'
#!/bin/sh
echo "$DUALPATH_PATH $DUALPATH_FROM $DUALPATH_TO $DUALPATH_CAUSE" >> /run/changes
env | grep -v '^DUALPATH_' | cut -d= -f1 | sort | paste -sd' ' >> /run/environment
TEXT
chmod 755 "$hook"
: > /run/changes
cfg <<EOT
[probe dslite]
max-loss = 20
targets = dns:9.9.9.9/example.com
interval = 200ms
timeout = 600ms
max-rtt = 150ms
[probe pppoe]
targets = tcp:1.1.1.1:443, http://$WEB/ 200
quorum = 2
[hooks]
on-change = $hook
EOT
both_up
assert_eq "$(status_of dslite 'probe.rtt_ms > 0')" true "answers of the DNS server are measured"
told() { grep -qE "$1" /run/changes; }
assert_within 5 "the program was told that DS-Lite is up" told '^dslite starting up .*answer'
assert_within 5 "the program was told that PPPoE is up" told '^pppoe starting up '
assert_eq "$(sort -u /run/environment)" "PATH PWD" "what is in its environment besides (a shell adds PWD)"

# ---- one kind is lost: only who asks for it notices ----
in_ns inet nft 'table inet block { chain in { type filter hook input priority 0; udp dport 53 drop; }; }'
wait_status dslite down 15
assert "PPPoE, which asks by TCP and HTTP, is up" status_is pppoe up
assert_within 5 "the program was told" told '^dslite up down '
in_ns inet nft delete table inet block
wait_status dslite up 15

# ---- slow: degraded, and still in use ----
device=$(in_ns inet ip -o route get "$AFTR1_PUBLIC" | sed -n 's/.* dev \([^ ]*\).*/\1/p')
ip netns exec inet tc qdisc add dev "$device" root netem delay 250ms
wait_status dslite degraded 30
assert_match "$(status_of dslite reason)" "150 ms" "the reason"
assert_eq "$(status_json .default.active)" dslite "a degraded path is in use"
ctl status > /dev/null
assert_eq $? 0 "exit code of status: nothing is down"
ip netns exec inet tc qdisc del dev "$device" root
wait_status dslite up 40

# ---- over TLS: a server that is reached, but is not the one that was asked for, is no answer ----
tls_server() { # CERTIFICATE
	ip netns exec inet socat "OPENSSL-LISTEN:8443,pf=ip4,verify=0,reuseaddr,fork,cert=$LAB_STATE/$1.pem" "EXEC:$LAB_STATE/204" \
		< /dev/null > /dev/null 2>&1 &
	server=$!
	wait_for 5 listening inet t 8443 || fail "the server does not start"
}
cat > "$LAB_STATE/204" <<TEXT
#!/bin/bash
read -r question
while read -r line && [ \${#line} -gt 1 ]; do :; done
[ "\${question%% *}" != HEAD ] || echo "\$question" >> "$LAB_STATE/asked"
printf 'HTTP/1.1 204 No Content\\r\\nConnection: close\\r\\n\\r\\n'
TEXT
chmod 755 "$LAB_STATE/204"
tls_server good
cfg <<-EOT
	[probe dslite]
	targets = https://$WEB:8443/generate_204 204 www.example.jp
	timeout = 10s
EOT
reload
assert_within 20 "the server is asked over TLS" test -s "$LAB_STATE/asked"
nap 1
assert "DS-Lite is up" status_is dslite up
assert_eq "$(ctl --json test failover dslite --for 1s | jq '.back.over == "dslite" and .back.works_ms > 0')" true \
	"a failover is measured by such a target, too"
kill "$server"
wait_for 5 eval '! listening inet t 8443' || fail "the server does not end"
tls_server portal
wait_status dslite down 40
assert "the log says why" daemon_log "over dslite.*: its certificate"
assert "PPPoE, which asks others, is up" status_is pppoe up
kill "$server"

# ---- the concentrator itself: it tells a dead session from what is dead behind it ----
reason_says() { [[ $(status_of "$1" reason) =~ $2 ]]; }
fault pppoe-core
wait_status pppoe down 15
assert_within 5 "behind the concentrator: it answers LCP echoes" reason_says pppoe 'concentrator does \(LCP echo\)'
cfg <<-EOT
	[probe pppoe]
	targets = lcp
EOT
reload
wait_status pppoe up 15
assert_match "$(status_of pppoe reason)" "concentrator answers" "the reason"
fault pppoe
wait_status pppoe down 15
heal pppoe
heal pppoe-core
wait_status pppoe up 20
# A failover is measured by the AFTR's end, though not by LCP echoes, which go by the session wherever connections go.
cfg <<-EOT
	[probe dslite]
	targets = aftr
	[probe pppoe]
	targets = lcp
EOT
reload
wait_status dslite up 15
wait_status pppoe up 15
ctl --json test failover dslite --for 1s > "$RESULTS/drill.json"
assert_eq $? 0 "test failover: exit code"
assert_eq "$(jq -c '[.away.over, .away.works_ms, .back.over, .back.works_ms > 0]' "$RESULTS/drill.json")" '["pppoe",null,"dslite",true]' \
	"there and back"
