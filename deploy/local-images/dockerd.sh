#!/bin/bash
# A Docker daemon of our own, for a machine that has Docker's packages but no daemon running
# (a CI machine without systemd, say). Needs root.
#
#   apt-get install docker.io                 # once; Debian's package is enough
#   deploy/local-images/dockerd.sh start      # prints the line to export
#   export DOCKER_HOST=unix:///tmp/tenure-docker/docker.sock
#   deploy/local-images/dockerd.sh stop
#
# Everything it has is in one folder (TENURE_DOCKER_DIR, default /tmp/tenure-docker): images,
# containers, socket, pid file, log. `stop` ends it by that pid and keeps the images; remove
# the folder afterwards to be rid of them too.
set -euo pipefail

dir=${TENURE_DOCKER_DIR:-/tmp/tenure-docker}
pid_file=$dir/dockerd.pid
socket=unix://$dir/docker.sock

running() { [[ -s $pid_file ]] && kill -0 "$(<"$pid_file")" 2>/dev/null; }
answers() { docker --host "$socket" info >/dev/null 2>&1; }
fail() { echo "dockerd.sh: $*" >&2; exit 1; }

start() {
    [[ $(id -u) == 0 ]] || fail 'a Docker daemon needs root'
    command -v dockerd >/dev/null || fail 'no dockerd here: apt-get install docker.io'
    if ! running; then
        mkdir -p "$dir"
        setsid dockerd --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$pid_file" \
            --host "$socket" </dev/null >"$dir/dockerd.log" 2>&1 &
        local started=$!
        for _ in {1..120}; do
            answers && break
            kill -0 "$started" 2>/dev/null || break
            sleep 0.25
        done
        answers || { tail -n 5 "$dir/dockerd.log" >&2; fail "it did not start; see $dir/dockerd.log"; }
    fi
    echo "export DOCKER_HOST=$socket"
}

stop() {
    if running; then
        local pid
        pid=$(<"$pid_file")
        kill "$pid"
        for _ in {1..120}; do
            kill -0 "$pid" 2>/dev/null || break
            sleep 0.25
        done
        kill -0 "$pid" 2>/dev/null && fail "process $pid did not end within 30 s"
    fi
    # What it leaves mounted would keep its folder from being removed.
    awk -v dir="$dir/" 'index($2, dir) == 1 {print $2}' /proc/mounts | sort -r \
        | while read -r mounted; do umount "$mounted"; done
}

case ${1:-} in
    start) start ;;
    stop) stop ;;
    *) fail 'usage: dockerd.sh start|stop' ;;
esac
