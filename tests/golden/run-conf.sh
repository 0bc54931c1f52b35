#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Golden tests of the config's reader: what tests/golden/conf/good-*.conf and bad-*.conf
# are made of, against .ok (the normalised config) and .err (the diagnostics) beside them.
# Also: what is printed for a good one parses back to itself, the shipped examples are
# good, and no diagnostic shows what is in a secret's place.
#
# usage: CONFDUMP=FILE run-conf.sh [--update]
# --update writes .ok and .err anew instead: look at the difference before you commit it.

export LC_ALL=C
top=$(cd "${top_srcdir:-$(dirname "$0")/../..}" && pwd) || exit 99
confdump=${CONFDUMP:-${top_builddir:-$top}/tests/golden/confdump}
case $confdump in
/*) ;;
*) confdump=$PWD/$confdump ;;
esac
[ -x "$confdump" ] || { echo "run-conf.sh: no $confdump: build it, or set CONFDUMP" >&2; exit 99; }
update=false
[ "${1-}" != --update ] || update=true
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

result() { # STATUS NAME
	if [ "$1" -eq 0 ]; then
		echo "ok $2"
		passed=$((passed + 1))
	else
		echo "FAIL $2"
		failed=$((failed + 1))
	fi
}

# same WANT GOT: an empty result is no file.
same() {
	if $update; then
		if [ -s "$2" ]; then cp "$2" "$1"; else rm -f "$1"; fi
	elif [ -e "$1" ]; then
		diff -u "$1" "$2"
	else
		[ ! -s "$2" ] || { echo "not expected:"; cat "$2"; false; }
	fi
}

# Names without folders, so that the diagnostics are the same everywhere.  Beside it may be a .home, see confdump.c.
dump() { # FILE
	home=$(basename "${1%.conf}.home")
	[ -e "$(dirname "$1")/$home" ] || home=
	(cd "$(dirname "$1")" && "$confdump" "$(basename "$1")" ${home:+"$home"}) > "$work/out" 2> "$work/err"
}

exit_code() { # FILE: what it must be, by its name
	case ${1##*/} in
	good-*) echo 0 ;;
	*) echo 1 ;;
	esac
}

golden() { # FILE
	dump "$1"
	code=$?
	status=0
	[ "$code" -eq "$(exit_code "$1")" ] || { echo "exit code $code"; status=1; }
	same "${1%.conf}.ok" "$work/out" || status=1
	same "${1%.conf}.err" "$work/err" || status=1
	! grep never-print-this "$work/err" || status=1
	result $status "golden $(basename "$1")"
}

round_trip() { # FILE
	status=0
	dump "$1" || status=1
	cp "$work/out" "$work/again.conf"
	dump "$work/again.conf" || { cat "$work/err"; status=1; }
	diff -u "$work/again.conf" "$work/out" || status=1
	result $status "round trip of $(basename "$1")"
}

for file in "$top"/tests/golden/conf/*.conf; do
	golden "$file"
done
for file in "$top"/tests/golden/conf/good-*.conf "$top"/conf/*.conf; do
	round_trip "$file"
done
for file in "$top"/conf/*.conf; do
	dump "$file"
	[ ! -s "$work/err" ] || cat "$work/err"
	[ ! -s "$work/err" ]
	result $? "nothing to say about $(basename "$file")"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
