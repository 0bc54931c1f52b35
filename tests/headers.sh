#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every header compiles alone: it includes what it uses, whatever was included before.
# Called by make check, which hands over the compiler in CC and HEADER_FLAGS.

export LC_ALL=C
cd "${top_srcdir:-$(dirname "$0")/..}" || exit 99
passed=0
failed=0
: "${HEADER_FLAGS=-std=gnu17 -D_GNU_SOURCE -Wall -Werror -I/usr/include/libnl3}"

for header in $(find common policy daemon ctl pppd-plugin -name '*.h' | sort); do
	# shellcheck disable=SC2086 # both are lists of words
	if said=$(printf '#include "%s"\n#include "%s"\n' "$header" "$header" |
		${CC:-cc} $HEADER_FLAGS -I. -fsyntax-only -x c - 2>&1); then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'FAIL %s\n%s\n' "$header" "$said"
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
