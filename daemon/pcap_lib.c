/* SPDX-License-Identifier: GPL-2.0-or-later */
/* See pcap_lib.h.  PCAP_SONAME is what configure read from the library that the headers belong to. */
#include "daemon/pcap_lib.h"

#include <dlfcn.h>
#include <malloc.h>
#include <stdbool.h>
#include <string.h>

static struct {
	void *handle;
	unsigned users;
	struct pcap_lib lib;
} loaded;

/* ISO C has no cast from an object's address to a function's; POSIX has dlsym() all the same. */
static bool find(const char *symbol, void *function)
{
	void *address = dlsym(loaded.handle, symbol);

	memcpy(function, &address, sizeof(address));
	return address != NULL;
}

static bool find_all(void)
{
	bool all = true;

#define FIND(name) all = all && find("pcap_" #name, &loaded.lib.name);
	PCAP_LIB_FUNCTIONS(FIND)
#undef FIND
	return all;
}

const struct pcap_lib *pcap_lib_take(const char **why)
{
	if (loaded.users == 0) {
		loaded.handle = dlopen(PCAP_SONAME, RTLD_NOW | RTLD_LOCAL);
		if (!loaded.handle || !find_all()) {
			*why = dlerror();
			if (loaded.handle)
				dlclose(loaded.handle);
			return NULL;
		}
	}
	loaded.users++;
	return &loaded.lib;
}

void pcap_lib_give_back(void)
{
	if (--loaded.users > 0)
		return;
	dlclose(loaded.handle);
	malloc_trim(0);
}
