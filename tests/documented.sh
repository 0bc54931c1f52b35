#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Holds the manual to the sources: what users may write, type or read stands in it, and every key of the configuration in
# the example that shows them all.  Called by make check, and by hand from anywhere.  Prints a line for each rule.

export LC_ALL=C
cd "${top_srcdir:-$(dirname "$0")/..}" || exit 99

# words PATTERN FILE...: of each match (an extended expression), what stands between its first quotes.
words() {
	pattern=$1
	shift
	grep -ohE -e "$pattern" "$@" | cut -d '"' -f 2 | sort -u
}

# in_each PATTERN FILE: standard input are words; each must be where PATTERN, which has WORD for it, finds it.
in_each() {
	n=0
	missing=
	while read -r word; do
		n=$((n + 1))
		grep -qE -e "$(printf '%s' "$1" | sed "s/WORD/$word/g")" "$2" || missing="$missing $word"
	done
	[ "$n" -gt 0 ] || missing=' anything to look for: has the form of the sources changed?'
	if [ -n "$missing" ]; then echo "FAIL $3: $2 lacks$missing"; else echo "ok $3 ($n)"; fi
}

keys() {
	words '\{ "[a-z-]+", (cfg_)?(key_[a-z0-9_]+|public),' policy/config_*.c
}

members() {
	words '"[a-z][a-z0-9_]*"' daemon/status.c daemon/status_inbound.c | grep -vx fwd # of counters' names
	words 'answer_set\([&a-z]*, "[a-z_]+"' daemon/verbs_answer.c daemon/verbs_explain.c daemon/verbs_explain_in.c
}

results=$(
	keys | in_each '^\.It Cm WORD No' doc/dualpath.conf.5 'every key is in the manual'
	keys | in_each '^WORD = ' conf/full.conf 'every key is in the example that has all'
	words '^	\{ "[a-z]+", "' ctl/main.c | in_each '^\.It Ic WORD( |$)' doc/dualpathctl.8 'every verb is in the manual'
	words '^	\{ "[a-z]+", "' ctl/main.c | in_each '(^|[^a-z-])WORD([^a-z-]|$)' conf/dualpathctl.bash-completion 'every verb is completed'
	words '^	\{ "[a-z-]+", (no|required)_argument' daemon/main.c | in_each 'Fl Fl WORD( |$)' doc/dualpathd.8.in 'every option is in the manual'
	members | in_each '("|\\\(dq|^\.Li |, )WORD("|\\\(dq| |$)' doc/dualpathctl.8 'every member of status and explain is in the manual'
)
printf '%s\n' "$results"
failed=$(printf '%s\n' "$results" | grep -c '^FAIL ')
echo "$(printf '%s\n' "$results" | grep -c '^ok ') passed, $failed failed"
[ "$failed" -eq 0 ]
