#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Holds the sources to the project's layout: which folder may use what, which outside
# library is behind which file, and that the build knows every file.
# Called by make check, and by hand from anywhere.  Prints a line for each rule.

export LC_ALL=C
top=${top_srcdir:-$(dirname "$0")/..}
objects=${top_builddir:-$top}
objects=$(cd "$objects" && pwd)
cd "$top" || exit 99

# report NAME: standard input is what breaks the rule, nothing where it is kept.
report() {
	if broken=$(grep .); then
		printf 'FAIL %s\n' "$1"
		printf '%s\n' "$broken" | sed 's/^/    /'
	else
		printf 'ok %s\n' "$1"
	fi
}

sources() { # [FOLDER...]
	[ $# -gt 0 ] || set -- common policy daemon ctl fetch pppd-plugin tests/unit tests/fuzz tests/bench
	for folder; do
		[ -d "$folder" ] && find "$folder" -name '*.[ch]'
	done | sort
}

# includes [FOLDER...]: "FILE:LINE:HEADER" for each #include.
includes() {
	sources "$@" | xargs grep -HnE '^[[:space:]]*#[[:space:]]*include' /dev/null |
		sed -E 's/^([^:]*:[0-9]+:)[^"<]*["<]([^">]*)[">].*/\1\2/'
}

# only HEADERS FILES: both extended regular expressions; FILES match the whole name.
only() {
	includes | grep -E "^[^:]*:[0-9]+:($1)" | grep -vE "^($2):" | report "$1 is included by $2 alone"
}

# One outside library, one file.
behind_one_file() {
	only 'netlink/' 'daemon/rtnl[a-z_]*\.c|daemon/rtnl_internal\.h'
	only 'nftables/' 'daemon/nft\.c'
	only 'pcap/' 'daemon/pcap_lib\.h'
	only 'daemon/pcap_lib' 'daemon/(capture|pcap_lib)\.c'
	only 'iniparser' 'daemon/conf_file\.c'
	only 'ares' 'daemon/resolver\.c'
	only 'curl/' 'fetch/fetch\.c'
	only 'libnetfilter_conntrack/' 'daemon/conntrack\.c'
	only 'libmnl/' 'daemon/(conntrack|nft_watch)\.c'
	only 'pppd/' 'pppd-plugin/.*'
	only 'jansson' 'daemon/(ctl_request|ctl_server|verbs|status|metrics)[a-z_]*\.[ch]|daemon/(hb46pp_json|nft)\.c|ctl/.*|tests/.*'
	only 'ev\.h' 'daemon/.*|tests/.*'
}

# common <- policy <- daemon, ctl; the plugin and the fetcher stand alone.
one_direction() {
	includes common | grep -E ':(policy|daemon|ctl|pppd-plugin)/' | report 'common/ includes no other folder'
	includes policy | grep -E ':(daemon|ctl|pppd-plugin)/' | report 'policy/ includes nothing above it'
	includes daemon | grep -E ':(ctl|pppd-plugin)/' | report 'daemon/ includes nothing above it'
	includes ctl | grep -E ':(daemon|pppd-plugin)/' | report 'ctl/ knows the daemon by its socket alone'
	includes fetch | grep -E ':(common|policy|daemon|ctl|pppd-plugin)/' | report 'fetch/ stands alone'
	includes pppd-plugin | grep -E ':(policy|daemon|ctl)/' | report 'pppd-plugin/ includes common/ alone'
}

# libev tells the time that people set, though its timers do not go by it: daemon/clock.h has one that only goes forward.
lasting_clocks() {
	sources daemon | xargs grep -nE "\\bev_(now|time)\\(" /dev/null | report "no time is taken from libev"
}

# Values in, values out: no descriptor, clock, log or process.
values_alone() {
	pure='(policy|common)/.*|assert\.h|ctype\.h|errno\.h|inttypes\.h|limits\.h|std(arg|bool|def|int|io|lib)\.h|strings?\.h'
	pure="$pure|arpa/inet\.h|net/(if|ethernet)\.h|netinet/[a-z0-9_]*\.h|linux/if_addr\.h|endian\.h"
	includes policy | grep -vE "^[^:]*:[0-9]+:($pure)\$" | report 'policy/ includes only what a pure value needs'

	impure='f?open|open(at|64)|creat|socket|bind|connect|accept4?|send(to|msg|mmsg)?|recv(from|msg|mmsg)?|ioctl|poll|read|write'
	impure="$impure|time|clock_gettime|gettimeofday|localtime(_r)?|sleep|nanosleep|v?syslog|getenv|fork|execve?|_?exit"
	impure="$impure|(v?printf|puts|putchar)(_chk)?|__printf_chk|stdout|stderr|stdin|rand|random"
	if [ -f "$objects/libpolicy.a" ] && command -v nm > /dev/null; then
		# xalloc is common/'s and may end the program.
		nm -A --undefined-only "$objects/libpolicy.a" 2> /dev/null |
			grep -vE ':[^:]*xalloc[^:]*\.o:' | grep -E " U ($impure)(@.*)?\$" |
			report 'policy/ calls nothing that is not pure'
	fi
}

form() {
	for file in $(sources); do
		grep -qE "(^|[[:space:]])$file([[:space:]]|\$)" Makefile.am ||
			grep -qE "(^|[[:space:]])${file%.c}([[:space:]]|\$)" Makefile.am || echo "$file"
	done | report 'Makefile.am names every source'

	sources | while read -r file; do
		head -n 1 "$file" | grep -q 'SPDX-License-Identifier: GPL-2.0-or-later' || echo "$file"
	done | report 'every source begins with its licence'

	sources | grep '\.h$' | while read -r file; do
		grep -q "^#ifndef DUALPATH_" "$file" || echo "$file"
	done | report 'every header is guarded by DUALPATH_ and its name'

	sources | xargs grep -nE '[[:space:]]$' /dev/null | report 'no line of a source ends in a blank'

	# Drawings in comments have characters of several bytes: they are left out.
	sources | while read -r file; do
		expand -t 8 "$file" | awk -v file="$file" '!/[^ -~]/ && length > 140 { print file ":" NR ": " length " columns" }'
	done | report 'no line of a source is longer than 140'

	version=$(sed -n 's/^AC_INIT(\[dualpath\], \[\([^]]*\)\].*/\1/p' configure.ac)
	if [ -f debian/changelog ]; then
		sed -n '1s/^dualpath (\(.*\)).*/\1/p' debian/changelog | grep -vxF "$version" |
			report 'debian/changelog and configure.ac tell the same version'
	fi
}

results=$(behind_one_file; one_direction; lasting_clocks; values_alone; form)
printf '%s\n' "$results"
failed=$(printf '%s\n' "$results" | grep -c '^FAIL ')
echo "$(printf '%s\n' "$results" | grep -c '^ok ') passed, $failed failed"
[ "$failed" -eq 0 ]
