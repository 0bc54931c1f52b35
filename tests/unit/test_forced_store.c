/* SPDX-License-Identifier: GPL-2.0-or-later */
/* daemon/forced_store: what a failover that was asked for leaves in the run folder. */
#include "daemon/forced_store.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/kept_file.h"
#include "daemon/state_file.h"
#include "tests/unit/unit.h"

static char folder[] = "/tmp/test_forced_store.XXXXXX";

static bool is_there(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/dslite.forced", folder);
	return access(path, F_OK) == 0;
}

TEST(no_failover_is_no_file)
{
	int64_t left = -1;

	CHECK(mkdtemp(folder) != NULL);
	CHECK(!forced_store_read(folder, "dslite", &left));
	forced_store_clear(folder, "dslite");
	forced_store_write(folder, "dslite", 0);
	CHECK(forced_store_read(folder, "dslite", &left) && is_there());
	CHECK_INT(left, 0);
	forced_store_write(folder, "dslite", 60000);
	CHECK(forced_store_read(folder, "dslite", &left) && left > 50000 && left <= 60000);
	forced_store_clear(folder, "dslite");
	CHECK(!forced_store_read(folder, "dslite", &left) && !is_there());
	CHECK(rmdir(folder) == 0);
}

TEST(what_makes_no_sense_is_none)
{
	static const char *const text[] = { "", "x\n", "1\n" }; /* a millisecond after the boot is over */
	int64_t left;

	strcpy(folder, "/tmp/test_forced_store.XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	for (unsigned i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		CHECK_INT(state_file_write(folder, "dslite.forced", text[i], STATE_FILE_PRIVATE), 0);
		CHECK(!forced_store_read(folder, "dslite", &left));
	}
	forced_store_clear(folder, "dslite");
	forced_store_clear("/nonexistent/folder", "dslite");
	CHECK(rmdir(folder) == 0);
}

static int mode_of(const char *name)
{
	struct stat st;
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return stat(path, &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

/* Whatever the umask is, and whatever a write that was cut short left there. */
TEST(only_root_reads_what_is_kept)
{
	char left_over[64];
	mode_t mask = umask(0);
	FILE *f;

	strcpy(folder, "/tmp/test_forced_store.XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	snprintf(left_over, sizeof(left_over), "%s/secret.new", folder);
	f = fopen(left_over, "w");
	CHECK(f && fclose(f) == 0);
	CHECK_INT(state_file_write(folder, "secret", "x", STATE_FILE_PRIVATE), 0);
	CHECK_INT(mode_of("secret"), 0600);
	umask(0777);
	CHECK_INT(kept_file_publish(folder, "resolv.conf", "x"), 0);
	CHECK_INT(mode_of("resolv.conf"), 0644);
	umask(mask);
	kept_file_remove(folder, "secret");
	kept_file_remove(folder, "resolv.conf");
	CHECK(rmdir(folder) == 0);
}
