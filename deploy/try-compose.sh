#!/bin/bash
# Tries docker-compose.yml for real and prints what happens: Kafka, Redis, topics and two workers
# come up, a simulated year goes in, one worker is killed in the midst of it, the other takes
# over, the killed one comes back, and what was said is compared with `tenure replay`.
#
#   deploy/try-compose.sh                                   # needs a Docker daemon and Compose
#   CUSTOMERS=2000 DAYS=730 SEED=7 deploy/try-compose.sh
#
# The images are those of docker-compose.yml, so TENURE_KAFKA_IMAGE and its like work here too. It
# has a project, ports and volumes of its own and removes them at the end, whatever happens. Ends
# with 0 if and only if the workers said and remembered what replay says.
set -euo pipefail
cd "$(dirname "$0")/.."

customers=${CUSTOMERS:-300} days=${DAYS:-365} seed=${SEED:-1}
export COMPOSE_PROJECT_NAME=${COMPOSE_PROJECT_NAME:-tenure-try}
export TENURE_KAFKA_HOST_PORT=${TENURE_KAFKA_HOST_PORT:-29092}
export TENURE_REDIS_HOST_PORT=${TENURE_REDIS_HOST_PORT:-26379}
# History: time goes on by the events' word. Small batches, so that a kill hits one of many.
export TENURE_IDLE_CLOCK=event TENURE_BATCH_RECORDS=${TENURE_BATCH_RECORDS:-250}

started=$(date +%s%N)
if command -v docker-compose >/dev/null; then compose=(docker-compose); else compose=(docker compose); fi

now() { echo $(($(date +%s%N) - started)); }
step() { printf '\n[%6.1f s] %s\n' "$(now)e-9" "$*"; }
fail() { echo "try-compose.sh: $*" >&2; exit 1; }
# Compose's own progress is told only where something fails.
quietly() { "$@" >"$folder/log" 2>&1 || { cat "$folder/log" >&2; fail "failed: $*"; }; }
# One command of Tenure's image, without network or servers: run_alone <in >out
run_alone() { docker run --rm -i --network none tenure:local "$@" 2>"$folder/log"; }
container() { "${compose[@]}" ps -a -q "$1" 2>/dev/null | head -n 1; }
# said WORKER EVENT: how many lines of that event the worker has logged.
said() { docker logs "$1" 2>&1 | grep -c "\"event\": \"$2\"" || true; }
# partitions_of WORKER: those that it was the last to recover.
partitions_of() {
    { docker logs "$one"; docker logs "$other"; } 2>&1 | sed -n 's/.*"worker": "\([^"]*\)", "partition"'\
': \([0-9]*\), .*"partition recovered".*"timestamp": "\([^"]*\)".*/\3 \2 \1/p' | sort \
        | awk '{has[$2] = $3} END {for (each in has) print each, has[each]}' | sort -n \
        | awk -v worker="$1" '$2 == worker {print $1}' | tr '\n' ' '
}

clean_up() {
    local status=$?
    trap - EXIT INT TERM
    step 'everything is removed'
    "${compose[@]}" down -v >"$folder/log" 2>&1 || cat "$folder/log" >&2
    rm -rf "$folder"
    step "ended with status $status"
    exit "$status"
}

docker info >/dev/null 2>&1 || fail 'no Docker daemon answers; see deploy/local-images/dockerd.sh'
folder=$(mktemp -d)
chmod 755 "$folder" # it is shown to a container whose user is another
trap clean_up EXIT
trap 'exit 130' INT TERM

step "the image: ${compose[*]} build"
quietly "${compose[@]}" build worker-1
echo "Docker $(docker version --format '{{.Server.Version}}'), Compose $("${compose[@]}" version --short)"
docker image ls --format '{{.Repository}}:{{.Tag}}, {{.Size}}' tenure:local

step "the same feed for replay: $customers customers, $days days, seed $seed"
feed=(simulate --customers "$customers" --days "$days" --seed "$seed")
run_alone "${feed[@]}" --output - >"$folder/feed.jsonl" || { cat "$folder/log" >&2; fail simulate; }
run_alone replay - --output - <"$folder/feed.jsonl" >"$folder/replayed.jsonl" \
    || { cat "$folder/log" >&2; fail replay; }
echo "$(wc -l <"$folder/feed.jsonl") events in, $(wc -l <"$folder/replayed.jsonl") changes out"

step 'Kafka, Redis and the topics; then the feed, to the broker'
quietly "${compose[@]}" up -d kafka redis topics
until [[ $(docker inspect -f '{{.State.Status}}' "$(container topics)") == exited ]]; do sleep 0.2; done
for each in kafka redis; do docker inspect -f '{{.Config.Image}}' "$(container $each)"; done
"${compose[@]}" run --rm -T tenure "${feed[@]}" --to-broker 2>&1 | grep -v -e Creating -e '^ *$'

step "${compose[*]} up -d"
quietly "${compose[@]}" up -d
one=$(container worker-1) other=$(container worker-2)

until (($(said "$one" batch) >= 5 && $(said "$other" batch) >= 5)); do
    for each in "$one" "$other"; do
        [[ $(docker inspect -f '{{.State.Running}}' "$each") == true ]] \
            || { docker logs "$each" >&2; fail 'a worker has ended'; }
    done
    sleep 0.1
done
docker kill -s KILL "$one" >/dev/null
killed=$(date +%s%N)
step 'docker kill -s KILL worker-1, in the midst of its batches'
"${compose[@]}" ps -a
mine=$(partitions_of worker-1)
echo "worker-1 had partitions $mine"
echo "worker-2 has partitions $(partitions_of worker-2)"
docker logs "$one" 2>&1 | grep '"event": "batch"' | tail -n 1

until [[ -z $(partitions_of worker-1) ]]; do
    (($(date +%s%N) - killed < 60000000000)) || fail 'worker-2 did not take over within 60 s'
    sleep 0.1
done
after=$(($(date +%s%N) - killed))
step "worker-2 has taken over, $(printf '%.1f s' "${after}e-9") after the kill"
echo "worker-2 has partitions $(partitions_of worker-2)"
docker logs "$other" 2>&1 | grep "\"partition\": ${mine%% *}, .*\"partition recovered\"" | tail -n 1

step 'what was said, once all is decided, and what replay says'
cp deploy/compare_with_replay.py "$folder/"
chmod 644 "$folder"/*
compare() {
    "${compose[@]}" run --rm -T -v "$folder:/try:ro" --entrypoint python tenure \
        /try/compare_with_replay.py /try/replayed.jsonl 2>"$folder/error" \
        || { cat "$folder/error" >&2; fail 'they differ'; }
}
compare

step 'worker-1 starts again'
quietly "${compose[@]}" start worker-1
restarted=$(date +%s%N)
until [[ $(partitions_of worker-1) == "$mine" ]]; do
    (($(date +%s%N) - restarted < 60000000000)) || fail 'worker-1 did not get its partitions back'
    sleep 0.2
done
"${compose[@]}" run --rm -T tenure status 2>/dev/null
"${compose[@]}" ps -a

step 'and nobody has said anything more'
compare | tail -n 1
