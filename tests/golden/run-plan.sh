#!/bin/bash
# run-plan.sh: what becomes of a config in a state of the world, as operations and nft text, against tests/golden/plan/NAME.ok.
# The state is in the config's line "; facts: PATH=up ..." (see plandump.c).  --update writes the .ok files anew: read
# the difference before you commit it.  Called by "make check"; PLANDUMP names the program.
set -u
here=$(cd "$(dirname "$0")" && pwd)
plandump=${PLANDUMP:-${top_builddir:-$PWD}/tests/golden/plandump}
passed=0 failed=0
got=$(mktemp)
trap 'rm -f "$got"' EXIT

for conf in "$here"/plan/*.conf; do
	name=$(basename "$conf" .conf)
	read -ra facts < <(sed -n 's/^; facts: *//p' "$conf")
	"$plandump" "$conf" "${facts[@]}" > "$got" 2>&1
	if [ "${1:-}" = --update ]; then
		cp "$got" "$here/plan/$name.ok"
	elif diff -u "$here/plan/$name.ok" "$got"; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		echo "FAIL $name"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
