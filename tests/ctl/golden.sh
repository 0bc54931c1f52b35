#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What dualpathctl asks and prints, against a daemon that says canned answers (fake_daemon).
# A case is golden/NAME.cmd (its words) and, where somebody answers, NAME.json or NAME.raw;
# NAME.ok is what must come of it; with NAME.tty it is played on a terminal.
# usage: golden.sh [--update] [NAME...].  Called by make check.

export LC_ALL=C TZ=Asia/Tokyo
top=${top_srcdir:-$(dirname "$0")/../..}
build=${top_builddir:-$top}
top=$(cd "$top" && pwd) && build=$(cd "$build" && pwd) || exit 99
golden=$top/tests/ctl/golden
tmp=$(mktemp -d) || exit 99
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
passed=0
failed=0
update=
[ "${1-}" = --update ] && update=yes && shift

# The program stands beside a dualpathd of ours, as where both are installed.
cp "$build/ctl/dualpathctl" "$tmp/dualpathctl" && cp "$top/tests/ctl/fake-dualpathd" "$tmp/dualpathd" || exit 99
chmod +x "$tmp/dualpathd"
cd "$tmp" || exit 99

start_fake() { # ANSWERS
	"$build/tests/ctl/fake_daemon" "$tmp/s" "$1" > "$tmp/asked" &
	fake=$!
	for _ in $(seq 200); do
		[ -S "$tmp/s" ] && return
		sleep 0.02
	done
}

# Folders that configure was told, and this run's own.
hide_folders() {
	sed -E "s|$tmp|TMP|g; s#[^ |\"(]*(/dualpath/(control\.sock|dualpath\.conf))#DIR\1#g"
}

run_ctl() { # NAME
	# shellcheck disable=SC2046 # words
	set -- "$1" -s "$tmp/s" $(cat "$golden/$1.cmd")
	terminal=$golden/$1.tty
	input=$golden/$1.in
	[ -f "$input" ] || input=/dev/null
	shift
	if [ -f "$terminal" ]; then
		TERM=xterm script -qec "./dualpathctl $*" /dev/null > raw 2> err < /dev/null
	else
		cat "$input" | ./dualpathctl "$@" > raw 2> err # a pipe, for cases that read it
	fi
}

# All that a user or the daemon sees of the case NAME.
play() { # NAME
	fake=
	rm -f "$tmp/s" "$tmp/asked"
	for answers in "$golden/$1.json" "$golden/$1.raw"; do
		[ -f "$answers" ] && start_fake "$answers"
	done
	run_ctl "$1"
	code=$?
	if [ -n "$fake" ]; then
		kill "$fake" 2> /dev/null
		wait "$fake" 2> /dev/null
		sed 's/^/asked: /' asked
	fi
	cat -v raw | sed 's/^/|/'
	sed 's/^/stderr: /' err
	echo "exit $code"
}

# shellcheck disable=SC2046 # one word a case
[ $# -gt 0 ] || set -- $(cd "$golden" && for cmd in *.cmd; do echo "${cmd%.cmd}"; done)
for name; do
	play "$name" 2> /dev/null | hide_folders > "$tmp/got"
	if [ -n "$update" ]; then
		cp "$tmp/got" "$golden/$name.ok"
	elif diff -u "$golden/$name.ok" "$tmp/got"; then
		passed=$((passed + 1))
	else
		echo "FAIL $name"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
