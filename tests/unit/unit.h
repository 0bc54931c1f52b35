/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The harness of the unit tests, whole: a test program is one .c file that includes
 * this and has TEST(name) { CHECK(...); } cases; main() is here.  A case goes on after
 * a failed check.  Prints "ok NAME" or "FAIL NAME" a case and the count at the end;
 * arguments, where given, are the names of the cases to run.
 */
#ifndef DUALPATH_TESTS_UNIT_UNIT_H
#define DUALPATH_TESTS_UNIT_UNIT_H

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct unit_case {
	const char *name;
	void (*run)(void);
	struct unit_case *next;
};

static struct unit_case *unit_first, **unit_end = &unit_first;
static unsigned unit_failures; /* of checks, in the running case */

/* Cases register themselves before main(), in the order of the file. */
#define TEST(test_name)                                                            \
	static void test_name(void);                                               \
	__attribute__((constructor)) static void register_##test_name(void)        \
	{                                                                          \
		static struct unit_case self = { #test_name, test_name, NULL };    \
		*unit_end = &self;                                                 \
		unit_end = &self.next;                                             \
	}                                                                          \
	static void test_name(void)

#define CHECK(condition)                                                           \
	do {                                                                       \
		if (!(condition)) {                                                \
			printf("%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			unit_failures++;                                           \
		}                                                                  \
	} while (0)

#define CHECK_INT(got, want) unit_check_int(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
#define CHECK_STR(got, want) unit_check_str(__FILE__, __LINE__, #got, got, want)

__attribute__((unused)) static void unit_check_int(const char *file, int line, const char *what, long long got,
                                                   long long want)
{
	if (got == want)
		return;
	printf("%s:%d: %s: got %lld, want %lld\n", file, line, what, got, want);
	unit_failures++;
}

__attribute__((unused)) static void unit_check_str(const char *file, int line, const char *what, const char *got,
                                                   const char *want)
{
	if (got == want || (got && want && strcmp(got, want) == 0))
		return;
	printf("%s:%d: %s:\n  got  \"%s\"\n  want \"%s\"\n", file, line, what, got ? got : "(null)",
	       want ? want : "(null)");
	unit_failures++;
}

static bool unit_is_wanted(const char *name, int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return true;
	return argc < 2;
}

int main(int argc, char **argv)
{
	unsigned passed = 0, failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0); /* what a crash cuts off is the case that crashed */
	for (const struct unit_case *c = unit_first; c; c = c->next) {
		if (!unit_is_wanted(c->name, argc, argv))
			continue;
		unit_failures = 0;
		c->run();
		printf("%s %s\n", unit_failures ? "FAIL" : "ok", c->name);
		if (unit_failures)
			failed++;
		else
			passed++;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed || !passed;
}

#endif
