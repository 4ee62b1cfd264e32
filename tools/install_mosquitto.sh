#!/bin/sh
# Installs Debian's Mosquitto for the tests where that is possible, and says so where it is not.
set -u
command -v mosquitto >/dev/null 2>&1 || [ -x /usr/sbin/mosquitto ] && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "No Mosquitto here and no apt-get: the tests that need a real broker will be skipped."
  exit 0
fi
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo -n"
if $as_root apt-get update -qq && \
   DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends \
     mosquitto mosquitto-clients >/dev/null; then
  exit 0
fi
echo "Mosquitto could not be installed: the tests that need a real broker will be skipped."
echo "Install it by hand with: sudo apt-get install mosquitto mosquitto-clients"
