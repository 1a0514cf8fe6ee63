#!/bin/sh
# The entry point of the container image. Starts the server without privileges, with the arguments of the container.
#
# If the container runs as root, the server runs as the owner of /data. If root owns /data, which is the case after
# Docker has created the folder, the owner is first changed to user 10200, which needs the capability CHOWN. The server
# runs as root only if the container lacks the capability SETUID or SETGID. If the container runs as another user, the
# server runs as this user.
set -eu
program=wyoming-piper-serial
data=/data

# By default, the server listens on all interfaces. Environment variables override the config file, so
# WYOMING_PIPER_SERIAL_URI is set only if the file contains no address. The health check of the image finds port 10200
# even if this variable is not set.
config=${WYOMING_PIPER_SERIAL_CONFIG:-}
previous=
for argument in "$@"; do
    case $argument in --config=*) config=${argument#*=} ;; esac
    [ "$previous" != --config ] || config=$argument
    previous=$argument
done
if [ -z "$config" ] || ! grep -qE '^[[:space:]]*(--)?uri([[:space:]]|=|:)' "$config" 2>/dev/null; then
    export WYOMING_PIPER_SERIAL_URI="${WYOMING_PIPER_SERIAL_URI-tcp://0.0.0.0:10200}"
fi

[ "$(id -u)" = 0 ] || exec $program "$@"

owner=$(stat -c %u:%g "$data")
give=
if [ "${owner%:*}" = 0 ]; then
    owner=10200:10200
    give=yes
fi
as_owner="setpriv --reuid ${owner%:*} --regid ${owner#*:} --clear-groups --bounding-set=-all --no-new-privs"
# shellcheck disable=SC2086  # these variables contain lists of words
if ! $as_owner true 2>/dev/null; then
    exec $program "$@"
fi
if [ -n "$give" ]; then
    # `chown` fails if /data is mounted read-only. In that case, the server logs a warning when it cannot write.
    chown "$owner" "$data" 2>/dev/null || true
    # These files, which the server creates, belong to root if an earlier container ran as root.
    for path in "$data"/cache "$data"/voices "$data"/*.onnx "$data"/*.onnx.json "$data"/*.part "$data"/*.lock; do
        [ ! -e "$path" ] || chown -R "$owner" "$path" 2>/dev/null || true
    done
fi
# shellcheck disable=SC2086
exec $as_owner $program "$@"
