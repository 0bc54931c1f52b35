#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Looks at what make install DESTDIR= made: every file where its users look for it, the programs hardened,
# the plugin fit to be loaded into pppd.  usage: tests/installed.sh STAGE.  Called by ./check.

export LC_ALL=C
stage=${1:?usage: $0 STAGE}
[ -d "$stage" ] || { echo "$0: there is no $stage" >&2; exit 2; }
plugin=$(find "$stage" -name dualpath.so)

# report NAME: standard input is what breaks the rule, nothing where it is kept.
report() {
	if broken=$(grep .); then
		printf 'FAIL %s\n' "$1"
		printf '%s\n' "$broken" | sed 's/^/    /'
	else
		printf 'ok %s\n' "$1"
	fi
}

files() {
	{ [ -n "$plugin" ] || echo 'no dualpath.so'; } | report 'the plugin is there'
	for file in usr/sbin/dualpathd usr/sbin/dualpathctl usr/libexec/dualpath/dualpath-fetch \
		usr/lib/systemd/system/dualpath.service usr/lib/sysusers.d/dualpath.conf \
		usr/share/bash-completion/completions/dualpathctl \
		usr/share/man/man8/dualpathd.8 usr/share/man/man8/dualpathctl.8 usr/share/man/man5/dualpath.conf.5; do
		[ -s "$stage/$file" ] || echo "no $file"
	done | report 'every file is where its users look'
	{
		[ -d "$stage/etc/dualpath" ] || echo 'no etc/dualpath'
		find "$stage/etc" -path '*/dualpath/*' -type f
	} | report 'the folder of the configuration is there, and empty'
	find "$stage" -name '*.la' -o -name '*.a' -o -name '*.h' | report 'nothing is installed that only a build needs'
	find "$stage" -type f -size -200k -exec grep -lE '@[a-z_]+dir@|@[A-Z_]+@' {} + |
		report 'no name of a folder was left to be put in'
	find "$stage" -perm /022 ! -type l | report 'nothing can be written by others than its owner'
}

# readelf tells of each program's head.
hardened() {
	for program in "$stage/usr/sbin/dualpathd" "$stage/usr/sbin/dualpathctl" "$stage/usr/libexec/dualpath/dualpath-fetch"; do
		readelf -hW "$program" | grep -qE 'Type: +DYN' || echo "$program: not position independent"
	done | report 'programs are position independent'
	for file in "$stage/usr/sbin/dualpathd" "$stage/usr/sbin/dualpathctl" "$stage/usr/libexec/dualpath/dualpath-fetch" "${plugin:-dualpath.so}"; do
		readelf -lW "$file" | grep -q GNU_RELRO || echo "$file: no relro"
		readelf -dW "$file" | grep -qE 'BIND_NOW|FLAGS.* NOW' || echo "$file: not bound at start"
		readelf -lW "$file" | grep -E 'GNU_STACK' | grep -q 'RWE' && echo "$file: executable stack"
		readelf --dyn-syms -W "$file" | grep -q '__stack_chk_fail' || echo "$file: no stack protector"
	done | report 'all that runs has relro, is bound at start and guards its stack'
}

# pppd exports hundreds of plain names, and takes whatever a plugin brings (RTLD_GLOBAL).
plugin_fits() {
	readelf -dW "$plugin" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vxE 'libc\.so\.6' |
		report 'the plugin needs libc alone'
	nm -D --defined-only "$plugin" | awk '{ print $3 }' | sort > "$stage/.exported"
	printf '%s\n' plugin_init pppd_version | diff - "$stage/.exported" |
		report 'the plugin exports plugin_init and pppd_version alone'
	rm -f "$stage/.exported"
}

manual() {
	find "$stage/usr/share/man" -type f -exec mandoc -T lint -W warning {} + 2>&1 | report 'man pages are clean'
}

results=$(files; hardened; plugin_fits; ! command -v mandoc > /dev/null || manual)
printf '%s\n' "$results"
failed=$(printf '%s\n' "$results" | grep -c '^FAIL ')
echo "$(printf '%s\n' "$results" | grep -c '^ok ') passed, $failed failed"
[ "$failed" -eq 0 ]
