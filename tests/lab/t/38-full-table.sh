#!/bin/bash
# A machine of the home opens more connections than the kernel keeps track of: what runs goes on, both paths stay up, a path that is
# lost meanwhile is failed over from, and doctor says what it is.
# limit: 120
# shellcheck disable=SC2016,SC2119
# shellcheck source=tests/lab/t/helpers.bash
. "${0%/*}/helpers.bash"

[ "${LAB_OWN_CLOCK:-}" = yes ] || skip "the limit is the whole machine's"
line_up
cfg <<EOT
[host nas]
address = $NAS
path = pppoe, dslite
EOT
both_up
stream_start pc pc "$WEB"
stream_start nas nas "$WEB"
assert_within 15 "what the tunnel lives by is kept" eval '[[ $(in_ns home conntrack -L -f ipv6 2> /dev/null) =~ "unknown  4 ".*ASSURED ]]'

# ---- full of what the kernel does not drop for others ----
limit=/proc/sys/net/netfilter/nf_conntrack_max
was=$(cat $limit)
entries() { in_ns home cat /proc/sys/net/netfilter/nf_conntrack_count; }
room=$(($(entries) + 300))
for ((i = 0; i < 400; i++)); do
	echo "-I -p udp -s 10.9.0.1 -d 10.9.0.2 --sport $((i + 1)) --dport 9 -t 900 -u ASSURED,SEEN_REPLY"
done > "$RESULTS/entries"
echo $room > $limit
echo 512 > /sys/module/nf_conntrack/parameters/hashsize # so that all of it is looked through for room
in_ns home conntrack -R "$RESULTS/entries" > /dev/null 2>&1
assert "the table is full" test "$(entries)" -ge $room
before=$(status_json '[.paths[].transitions] | @text')
in_ns pc bash -c 'for ((i = 1; i < 1500; i++)); do echo > /dev/udp/'"$WEB"'/$i; done' 2> /dev/null
nap 3
assert_eq "$(status_json '[.paths[].transitions] | @text')" "$before" "changes of both paths"
stream_flows pc nas
assert_match "$(ctl doctor)" "bad +connections: .*the table is full" "doctor"

# ---- and then a path is lost ----
fault dslite
assert_within 15 "DS-Lite is lost: down" status_is dslite down
assert "PPPoE is up" status_is pppoe up
stream_flows nas
heal dslite
echo "$was" > $limit
ctl failback > /dev/null
assert_within 30 "there is room again: DS-Lite is back" status_is dslite up
assert "a new connection" seen pc
