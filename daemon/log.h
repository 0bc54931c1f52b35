/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's log: to stderr while it starts and in the foreground, with syslog's level prefixes
 * where the journal reads it; else to syslog.  Called from daemon/ alone; policy never logs.
 * A secret must never be an argument.
 */
#ifndef DUALPATH_DAEMON_LOG_H
#define DUALPATH_DAEMON_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG, LOG_LEVEL_TRACE };

/* Messages above this level are dropped.  Starts at LOG_LEVEL_INFO. */
void log_set_level(enum log_level level);
/* From now on to syslog: nobody reads stderr any more. */
void log_to_syslog(void);
void log_message(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...) log_message(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warn(...) log_message(LOG_LEVEL_WARN, __VA_ARGS__)
#define log_info(...) log_message(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_message(LOG_LEVEL_DEBUG, __VA_ARGS__)
#define log_trace(...) log_message(LOG_LEVEL_TRACE, __VA_ARGS__)

#endif
