/* SPDX-License-Identifier: GPL-2.0-or-later */
/* policy/diag: order, form, what is not taken twice, and which word is near. */
#include <stdlib.h>

#include "policy/diag.h"
#include "tests/unit/unit.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

TEST(sorted_by_place_and_stable)
{
	static const char *const want[] = { "a:1:2: error: first", "a:1:2: warning: second", "a:1:3: error: x",
		                            "a:9: error: y", "b: error: whole" };
	struct diag_list list = { 0 };

	diag_add(&list, DIAG_ERROR, "b", 0, 0, "whole");
	diag_add(&list, DIAG_ERROR, "a", 9, 0, "y");
	diag_add(&list, DIAG_ERROR, "a", 1, 3, "%c", 'x');
	diag_add(&list, DIAG_ERROR, "a", 1, 2, "first");
	diag_add(&list, DIAG_WARNING, "a", 1, 2, "second");
	diag_sort(&list);
	CHECK_INT(list.count, COUNT(want));
	CHECK_INT(list.errors, 4);
	for (size_t i = 0; i < list.count && i < COUNT(want); i++) {
		char *text = diag_format(&list.item[i]);

		CHECK_STR(text, want[i]);
		free(text);
	}
	diag_free(&list);
	CHECK(!list.item && !list.count && !list.errors);
	diag_sort(&list);
}

TEST(stable_in_numbers)
{
	struct diag_list list = { 0 };
	char want[16];

	for (int i = 0; i < 1000; i++)
		diag_add(&list, DIAG_ERROR, "f", i % 2, 0, "%04d", i);
	diag_sort(&list);
	for (int i = 0; i < 1000; i++) {
		snprintf(want, sizeof(want), "%04d", i < 500 ? i * 2 : (i - 500) * 2 + 1);
		CHECK_STR(list.item[i].text, want);
	}
	diag_free(&list);
}

TEST(nothing_twice)
{
	struct diag_list list = { 0 };

	diag_add(&list, DIAG_ERROR, "f", 1, 1, "same");
	diag_add(&list, DIAG_ERROR, "f", 1, 1, "same");
	CHECK_INT(list.count, 1);
	CHECK_INT(list.errors, 1);
	diag_add(&list, DIAG_ERROR, "f", 1, 2, "same");
	diag_add(&list, DIAG_ERROR, "f", 2, 1, "same");
	diag_add(&list, DIAG_ERROR, "g", 1, 1, "same");
	diag_add(&list, DIAG_WARNING, "f", 1, 1, "same");
	diag_add(&list, DIAG_ERROR, "f", 1, 1, "other");
	CHECK_INT(list.count, 6);
	diag_free(&list);
}

/* As many mistakes as a file can have lines: whoever compares each with all others takes minutes. */
TEST(nothing_twice_of_many)
{
	struct diag_list list = { 0 };

	for (int again = 0; again < 2; again++) {
		for (int i = 0; i < 200000; i++)
			diag_add(&list, DIAG_ERROR, "a", 200000 - i, 1, "unknown key");
		CHECK_INT(list.count, 200000);
		diag_sort(&list);
		CHECK_INT(list.item[0].line, 1);
	}
	diag_free(&list);
}

TEST(one_line_each)
{
	struct diag_list list = { 0 };

	diag_add(&list, DIAG_ERROR, "f", 1, 1, "a\nb\033[31m\tc\x7f");
	CHECK_STR(list.item[0].text, "a?b?[31m?c?");
	diag_free(&list);
}

/* A configuration in EUC-JP, in Latin 1, or cut in the middle of a character; and what is none by RFC 3629. */
TEST(text_in_another_code)
{
	static const char good[] = "caf\xc3\xa9 \xe3\x83\x91 \xf0\x9f\x98\x80 \xed\x9f\xbf";
	static const char *const cases[][2] = { { good, good },
		                                { "\xb0\xa1 caf\xe9", "?? caf?" },
		                                { "cut \xe3\x83", "cut ??" },
		                                { "\xc0\xaf \xe0\x80\xaf \xf0\x8f\xbf\xbf", "?? ??? ????" },
		                                { "\xed\xa0\x80 \xf4\x90\x80\x80 \xff", "??? ???? ?" } };

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct diag_list list = { 0 };

		diag_add(&list, DIAG_ERROR, cases[i][0], 1, 1, "%s", cases[i][0]);
		CHECK_STR(list.item[0].text, cases[i][1]);
		CHECK_STR(list.item[0].file, cases[i][1]);
		diag_free(&list);
	}
}

TEST(near_words)
{
	static const char *const words[] = { "interface", "user", "mtu", "tcp", "udp", "dslite", "pppoe", "lan" };
	static const struct {
		const char *word, *near;
	} cases[] = { { "interfcae", "interface" }, { "intreface", "interface" },  { "INTERFACES", "interface" },
		      { "ppoe", "pppoe" },          { "pppeo", "pppoe" },          { "dslit", "dslite" },
		      { "wan", "lan" },             { "tp", "tcp" },               { "icmp", NULL },
		      { "x", NULL },                { "", NULL },                  { "usre", "user" },
		      { "use", "user" },            { "completely-other", NULL },  { "interface", "interface" },
		      { "mt", "mtu" },              { "inter", NULL },             { "ds-light", NULL } };
	char long_word[200];

	for (size_t i = 0; i < COUNT(cases); i++)
		CHECK_STR(diag_nearest(cases[i].word, words, COUNT(words)), cases[i].near);
	memset(long_word, 'x', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = 0;
	CHECK(!diag_nearest(long_word, words, COUNT(words)));
	CHECK(!diag_nearest("user", words, 0));
}
