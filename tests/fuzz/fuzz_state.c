/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files of the state folder, as another version, a full disk or somebody's editor left them.  The first byte chooses: what the
 * provider told (hb46pp), the AFTR that worked.  What is read is what can be written, and read again.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/aftr_store.h"
#include "daemon/hb46pp_store.h"
#include "policy/addr6.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/fuzz_state.XXXXXX";

static void require(int good)
{
	if (!good)
		abort();
}

static void remove_folder(void)
{
	char file[64];

	snprintf(file, sizeof(file), "%s/aftr-wan0", folder);
	unlink(file);
	snprintf(file, sizeof(file), "%s/hb46pp-wan0", folder);
	unlink(file);
	rmdir(folder);
}

static void put(const char *name, const uint8_t *data, size_t size)
{
	static int made;
	char file[64];
	FILE *f;

	if (!made) {
		require(mkdtemp(folder) != NULL);
		made = !atexit(remove_folder);
	}
	snprintf(file, sizeof(file), "%s/%s", folder, name);
	f = fopen(file, "w");
	require(f && fwrite(data, 1, size, f) == size && fclose(f) == 0);
}

static void try_provider(const uint8_t *data, size_t size)
{
	struct hb46pp_memory memory, again;

	put("hb46pp-wan0", data, size);
	if (hb46pp_store_read(folder, "wan0", &memory) < 0)
		return;
	require(!*memory.ways.aftr || hb46pp_is_aftr(memory.ways.aftr));
	require(!*memory.token || hb46pp_is_token(memory.token));
	require(memory.ways.tunnels <= HB46PP_TUNNELS_MAX);
	hb46pp_store_write(folder, "wan0", &memory);
	require(hb46pp_store_read(folder, "wan0", &again) == 0);
	require(hb46pp_memory_equal(&memory, &again));
}

static void try_aftr(const uint8_t *data, size_t size)
{
	struct aftr_memory memory, again;

	put("aftr-wan0", data, size);
	if (aftr_store_read(folder, "wan0", "auto", &memory) < 0)
		return;
	require(addr6_may_be_remote(&memory.address) && (!*memory.name || dname_is_valid(memory.name)));
	aftr_store_write(folder, "wan0", "auto", &memory);
	require(aftr_store_read(folder, "wan0", "auto", &again) == 0);
	require(IN6_ARE_ADDR_EQUAL(&memory.address, &again.address) && strcmp(memory.name, again.name) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size > 0 && data[0] % 2)
		try_provider(data + 1, size - 1);
	else if (size > 0)
		try_aftr(data + 1, size - 1);
	return 0;
}
