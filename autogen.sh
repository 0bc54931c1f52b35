#!/bin/sh
# Makes configure and Makefile.in, which are not kept.  Debian: apt-get install autoconf automake libtool pkg-config
set -e
cd "$(dirname "$0")"
exec autoreconf --force --install "$@"
