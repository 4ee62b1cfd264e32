#!/bin/sh
# Installs Debian's Mosquitto, strace, PostgreSQL and Chromium for the tests where that is possible,
# and says what is skipped where it is not.
set -u
missing=""
command -v mosquitto >/dev/null 2>&1 || [ -x /usr/sbin/mosquitto ] || \
  missing="mosquitto mosquitto-clients"
command -v strace >/dev/null 2>&1 || missing="$missing strace"
command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || \
  missing="$missing postgresql"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium fonts-dejavu-core"
[ -n "$missing" ] || exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "No apt-get to install with:$missing. The tests that need them will be skipped."
  exit 0
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
# shellcheck disable=SC2086  # the names are words of their own
if $as_root apt-get update -qq && \
   DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends \
     $missing >/dev/null; then
  exit 0
fi
echo "Not installed, and so the tests that need them will be skipped: $missing"
echo "Install them by hand with: sudo apt-get install $missing"
