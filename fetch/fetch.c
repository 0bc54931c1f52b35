/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dualpath-fetch: one HTTP or HTTPS GET over IPv6 through one interface, or a HEAD over a connection that the caller
 * has opened (IPv4 or IPv6, bound and marked, as only that may).  The only file that knows libcurl, and a
 * program of its own: libcurl with its TLS library costs a process 6 MB that merely loads it and 17 MB that has used
 * it, and what a stranger's server sends is read by a process without privileges that ends after seconds.
 *
 *   dualpath-fetch INTERFACE[!SOURCE] verify|trust SECONDS BYTES [HOST:PORT:ADDRESS[,ADDRESS...]]
 *   dualpath-fetch fd/NUMBER verify|trust SECONDS BYTES
 *
 * On standard input the URL, and in a second line, where that is not empty, USER:PASSWORD for basic authentication:
 * both can have a secret in them.  SOURCE is the address of ours to ask from.
 *
 * On standard output, where a server answered: the status code, where it redirects to (or nothing), each as a line, and
 * the body; exit code 0.  Otherwise why not, for people; exit code 1.  Started by daemon/http.c.
 *
 * Names are never looked up here: HOST is for whom the caller found the addresses.  No redirect is followed, no proxy
 * used, no file read but the system's certificates.
 */
#include <curl/curl.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY 65534
#define URL_MAX 2048
#define HEADERS_MAX 32768
#define MEMORY_MAX (256UL << 20)

struct body {
	char *data;
	size_t len, max, headers;
};

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	exit(1);
}

/* Under systemd the daemon may not change its user, and loses its capabilities here at least. */
static void drop_privileges(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };
	struct rlimit memory = { MEMORY_MAX, MEMORY_MAX }, no_core = { 0, 0 };

	if (geteuid() == 0 && setgroups(0, NULL) == 0 &&
	    (setresgid(NOBODY, NOBODY, NOBODY) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0))
		fail("cannot become an unprivileged user: %s", strerror(errno));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_capset, &header, none) < 0)
		fail("cannot drop privileges: %s", strerror(errno));
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a change of user would clear it */
	setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_CORE, &no_core);
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
	struct body *body = arg;

	if (size * count > body->max - body->len)
		return 0;
	memcpy(body->data + body->len, data, size * count);
	body->len += size * count;
	return size * count;
}

static size_t on_header(char *data, size_t size, size_t count, void *arg)
{
	struct body *body = arg;

	(void)data;
	body->headers += size * count;
	return body->headers > HEADERS_MAX ? 0 : size * count;
}

static void set_limits(CURL *curl, double seconds, struct body *body)
{
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)(seconds * 1000));
	curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)body->max);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
	curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(curl, CURLOPT_HEADERDATA, body);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
}

/* Before libcurl binds the address: 7.88 takes the one or the other.  Where it fails, the address alone is the way. */
static int bind_device(void *interface, curl_socket_t fd, curlsocktype purpose)
{
	(void)purpose;
	setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface, (socklen_t)strlen(interface));
	return CURL_SOCKOPT_OK;
}

/* way: "wan0" or "wan0!2001:db8::1". */
static void set_source(CURL *curl, char *way)
{
	char *source = strchr(way, '!'), text[128];

	if (source)
		*source++ = '\0';
	snprintf(text, sizeof(text), "%s!%s", source ? "host" : "if", source ? source : way);
	curl_easy_setopt(curl, CURLOPT_INTERFACE, text);
	if (!source)
		return;
	curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, bind_device);
	curl_easy_setopt(curl, CURLOPT_SOCKOPTDATA, way);
}

/* ---- a connection that there is already ---- */

static bool is_connection(const char *way)
{
	return strncmp(way, "fd/", 3) == 0;
}

/*
 * libcurl may want it once: what it closed does not come back.  It then connects it as it would any other, and is told
 * that this is done: the kernel owes that answer to one call after a connect() that did not wait.  To say
 * CURL_SOCKOPT_ALREADY_CONNECTED instead makes 7.88 give up.
 */
static curl_socket_t give_connection(void *way, curlsocktype purpose, struct curl_sockaddr *address)
{
	char *number = (char *)way + 3;
	int fd = *number ? atoi(number) : CURL_SOCKET_BAD;

	(void)purpose;
	(void)address;
	*number = '\0';
	return fd;
}

/* Whatever the name in the URL is, its address is the other end.  NULL: there is none. */
static struct curl_slist *other_end(const char *way)
{
	struct sockaddr_storage end;
	socklen_t len = sizeof(end);
	char host[INET6_ADDRSTRLEN], port[8], text[INET6_ADDRSTRLEN + 16];

	if (getpeername(atoi(way + 3), (struct sockaddr *)&end, &len) < 0 ||
	    getnameinfo((struct sockaddr *)&end, len, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
		return NULL;
	snprintf(text, sizeof(text), "*:%s:%s", port, host);
	return curl_slist_append(NULL, text);
}

static void set_connection(CURL *curl, char *way)
{
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, give_connection);
	curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, way);
	curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
	curl_easy_setopt(curl, CURLOPT_USERAGENT, "dualpath");
}

static void set_way(CURL *curl, char *way, bool verify, const struct curl_slist *addresses)
{
	if (is_connection(way)) {
		set_connection(curl, way);
	} else {
		set_source(curl, way);
		curl_easy_setopt(curl, CURLOPT_IPRESOLVE, (long)CURL_IPRESOLVE_V6);
	}
	curl_easy_setopt(curl, CURLOPT_RESOLVE, addresses);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_PROXY, "");
	curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, verify ? 1L : 0L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, verify ? 2L : 0L);
}

static void set_login(CURL *curl, const char *login)
{
	if (!*login)
		return;
	curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	curl_easy_setopt(curl, CURLOPT_USERPWD, login);
}

static const char *why(CURLcode code, const struct body *body, const char *detail)
{
	if (code == CURLE_FILESIZE_EXCEEDED || (code == CURLE_WRITE_ERROR && body->headers <= HEADERS_MAX))
		return "its answer is too long";
	if (code == CURLE_WRITE_ERROR)
		return "its answer has too many headers";
	if (code == CURLE_OPERATION_TIMEDOUT)
		return "it does not come to an end in time";
	if (code == CURLE_PEER_FAILED_VERIFICATION)
		return "its certificate is for another name, or of nobody whom this machine trusts";
	return *detail ? detail : curl_easy_strerror(code);
}

static void get(CURL *curl, const char *url, struct body *body)
{
	char detail[CURL_ERROR_SIZE] = "";
	char *location = NULL;
	CURLcode code;
	long status = 0;

	curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, detail);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	code = curl_easy_perform(curl);
	if (code != CURLE_OK)
		fail("%s", why(code, body, detail));
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location);
	printf("%ld\n%s\n", status, location ? location : "");
	fwrite(body->data, 1, body->len, stdout);
}

int main(int argc, char **argv)
{
	struct body body = { 0 };
	struct curl_slist *addresses = NULL;
	char url[URL_MAX], *login;
	size_t len;
	CURL *curl;

	if (argc < 5 || argc > 6) {
		fprintf(stderr, "dualpath-fetch is started by dualpathd, for itself\n");
		return 2;
	}
	drop_privileges();
	len = fread(url, 1, sizeof(url) - 1, stdin);
	url[len] = '\0';
	login = url + strcspn(url, "\n");
	if (*login)
		*login++ = '\0';
	body.max = strtoul(argv[4], NULL, 10);
	body.data = malloc(body.max + 1);
	if (is_connection(argv[1]))
		addresses = other_end(argv[1]);
	else if (argc == 6)
		addresses = curl_slist_append(NULL, argv[5]);
	curl = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? curl_easy_init() : NULL;
	if (!curl || !body.data)
		fail("libcurl does not start");
	set_limits(curl, strtod(argv[3], NULL), &body);
	set_way(curl, argv[1], strcmp(argv[2], "verify") == 0, addresses);
	set_login(curl, login);
	get(curl, url, &body);
	curl_easy_cleanup(curl);
	curl_slist_free_all(addresses);
	free(body.data);
	return fflush(stdout) == 0 ? 0 : 1;
}
