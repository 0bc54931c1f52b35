/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the config's reader makes of a file: its diagnostics on standard error, the
 * normalised config on standard output.  For golden tests and for people.
 *
 * usage: confdump FILE [HOME]
 * HOME has a line "INTERFACE PREFIX" for each network of this machine, as if it were the kernel's.
 * exits 0 where the config is good, 1 where it is not, 2 on wrong usage
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/conf_file.h"
#include "policy/config.h"
#include "policy/home.h"

static void print_diags(const struct diag_list *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		char *text = diag_format(&diags->item[i]);

		fprintf(stderr, "%s\n", text);
		free(text);
	}
}

/* False: there is no such file, or it is not good. */
static bool read_home(const char *file, struct home *home)
{
	char device[IFNAMSIZ], net[PREFIX4_STRLEN];
	FILE *f = fopen(file, "re");
	struct prefix4 prefix;
	bool good = f;

	while (good && fscanf(f, "%15s %18s", device, net) == 2) {
		good = prefix4_parse(net, &prefix);
		if (good)
			home_add_network(home, device, prefix);
	}
	if (f)
		fclose(f);
	return good;
}

int main(int argc, char **argv)
{
	struct diag_list diags = { 0 };
	struct config *config = NULL;
	struct home home = { 0 };
	struct ini_file *ini;
	char *text;

	if (argc < 2 || argc > 3 || (argc == 3 && !read_home(argv[2], &home))) {
		fputs("usage: confdump FILE [HOME]\n", stderr);
		return 2;
	}
	ini = conf_file_read(argv[1], &diags);
	if (ini)
		config = config_parse(ini, &diags);
	if (config)
		config_check_home(config, &home, &diags);
	diag_sort(&diags);
	print_diags(&diags);
	if (config) {
		text = config_print(config);
		fputs(text, stdout);
		free(text);
	}
	ini_free(ini);
	config_free(config);
	diag_free(&diags);
	home_free(&home);
	return config ? 0 : 1;
}
