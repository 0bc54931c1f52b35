# SPDX-License-Identifier: GPL-2.0-or-later
# Probes of configure.ac: flags that the compiler may know, and libraries with the
# Debian package that has them.  What is missing is collected, and said at the end.

# DP_TRY_FLAG(VARIABLE, FLAG, [HOW = AC_COMPILE_IFELSE])
# Appends FLAG to VARIABLE where the compiler takes it without a word.
AC_DEFUN([DP_TRY_FLAG], [
	AS_VAR_PUSHDEF([dp_cache], [dp_cv_flag_$2])dnl
	AC_CACHE_CHECK([whether $CC takes $2], [dp_cache], [
		dp_save_CFLAGS=$CFLAGS
		CFLAGS="$CFLAGS -Werror $2"
		m4_default([$3], [AC_COMPILE_IFELSE])([AC_LANG_PROGRAM([[#include <string.h>]], [[]])],
			[AS_VAR_SET([dp_cache], [yes])], [AS_VAR_SET([dp_cache], [no])])
		CFLAGS=$dp_save_CFLAGS
	])
	AS_VAR_IF([dp_cache], [yes], [AS_VAR_APPEND([$1], [" $2"])])
	AS_VAR_POPDEF([dp_cache])dnl
])

# DP_TRY_FLAGS(VARIABLE, FLAGS), DP_TRY_LDFLAGS(VARIABLE, FLAGS)
# The same for a list of them, divided by blanks; the latter by linking.
AC_DEFUN([DP_TRY_FLAGS], [m4_foreach_w([dp_flag], [$2], [DP_TRY_FLAG([$1], m4_quote(dp_flag))])])
AC_DEFUN([DP_TRY_LDFLAGS], [m4_foreach_w([dp_flag], [$2], [DP_TRY_FLAG([$1], m4_quote(dp_flag), [AC_LINK_IFELSE])])])

# DP_MISSING(WHAT, DEBIAN-PACKAGE)
AC_DEFUN([DP_MISSING], [
	dp_missing="$dp_missing
    $1"
	dp_missing_packages="$dp_missing_packages $2"
])

# DP_NEED_PKG(VARIABLE-PREFIX, MODULE, DEBIAN-PACKAGE)
# Sets PREFIX_CFLAGS and PREFIX_LIBS by pkg-config.
AC_DEFUN([DP_NEED_PKG], [
	PKG_CHECK_MODULES([$1], [$2], [:], [DP_MISSING([$2], [$3])])
])

# DP_NEED_LIB(VARIABLE-PREFIX, LIBRARY, FUNCTION, HEADER, DEBIAN-PACKAGE)
# For a library without a .pc file: sets PREFIX_LIBS.
AC_DEFUN([DP_NEED_LIB], [
	dp_found=yes
	AC_CHECK_HEADER([$4], [], [dp_found=no])
	AS_VAR_IF([dp_found], [yes], [AC_CHECK_LIB([$2], [$3], [:], [dp_found=no])])
	AS_VAR_IF([dp_found], [yes], [$1_LIBS=-l$2], [DP_MISSING([lib$2 (<$4>)], [$5])])
	AC_SUBST([$1_LIBS])
])

# DP_SONAME(NAME, LIB)
# Defines NAME: the name by which the library that -lLIB means is loaded, as a C string in config.h.
AC_DEFUN([DP_SONAME], [
	AC_MSG_CHECKING([by which name lib$2 is loaded])
	dp_soname=`LC_ALL=C readelf -d "\`$CC $CFLAGS -print-file-name=lib$2.so\`" 2>/dev/null | sed -n 's/.*(SONAME).*\@<:@\(.*\)@:>@.*/\1/p'`
	AS_IF([test -z "$dp_soname"], [AC_MSG_ERROR([lib$2.so tells readelf no SONAME])])
	AC_MSG_RESULT([$dp_soname])
	AC_DEFINE_UNQUOTED([$1], ["$dp_soname"], [The name by which lib$2 is loaded.])
])

# DP_REPORT_MISSING
# Ends configure where anything was missing: everything at once, and what to type.
AC_DEFUN([DP_REPORT_MISSING], [
	AS_IF([test -n "$dp_missing"], [
		AC_MSG_ERROR([these are needed and were not found:$dp_missing

On Debian:  apt-get install$dp_missing_packages
])])
])

# DP_PPPD_PLUGIN_DIR
# Sets PPPD_PLUGIN_DIR to the folder in which pppd looks for plugins: 2.5 says it in
# pppd.pc, 2.4 has it built in (and it is not a multiarch one).
AC_DEFUN([DP_PPPD_PLUGIN_DIR], [
	AC_REQUIRE([PKG_PROG_PKG_CONFIG])
	AC_ARG_WITH([pppd-plugin-dir],
		[AS_HELP_STRING([--with-pppd-plugin-dir=DIR], [where pppd looks for plugins @<:@asked of pppd-dev@:>@])],
		[], [with_pppd_plugin_dir=auto])
	AC_CHECK_HEADER([pppd/pppd.h], [dp_pppd=yes], [dp_pppd=no; DP_MISSING([<pppd/pppd.h>], [ppp-dev])],
		[#include <sys/types.h>
		#include <stdio.h>
		#include <stdarg.h>
		#include <stdint.h>])
	AC_MSG_CHECKING([where pppd looks for plugins])
	AS_CASE([$with_pppd_plugin_dir],
		[yes|no|''], [AC_MSG_ERROR([--with-pppd-plugin-dir needs a folder])],
		[auto], [
			PPPD_PLUGIN_DIR=`$PKG_CONFIG --variable=plugindir pppd 2>/dev/null`
			AS_IF([test -z "$PPPD_PLUGIN_DIR"], [_DP_PPPD_DIR_OF_VERSION])],
		[PPPD_PLUGIN_DIR=$with_pppd_plugin_dir])
	AC_MSG_RESULT([${PPPD_PLUGIN_DIR:-unknown}])
	AC_SUBST([PPPD_PLUGIN_DIR])
	AS_IF([test "$dp_pppd" = yes && test -z "$PPPD_PLUGIN_DIR"],
		[AC_MSG_ERROR([pppd's plugin folder is unknown: give it with --with-pppd-plugin-dir=DIR])])
])

# 2.4: patchlevel.h says #define VERSION "2.4.9"; the folder is /usr/lib/pppd/2.4.9.
m4_define([_DP_PPPD_DIR_OF_VERSION], [
	dp_version=`AS_ECHO(['#include <pppd/patchlevel.h>
dualpath_pppd_is VERSION']) | $CC $CPPFLAGS -E -P -x c - 2>/dev/null |
		sed -n 's/^dualpath_pppd_is "\(@<:@0-9@:>@@<:@0-9a-z.@:>@*\)".*/\1/p'`
	AS_IF([test -n "$dp_version"], [PPPD_PLUGIN_DIR=/usr/lib/pppd/$dp_version])
])
