#!/bin/bash
# Builds the images that docker-compose.yml and the container tests need, on a machine that
# can pull none: from Debian's packages (debootstrap), Kafka's published jars (Maven) and the
# lock file. Needs root for debootstrap, and a Docker daemon: one that runs already, or
# dockerd.sh beside this file.
#
#   apt-get install docker.io debootstrap maven     # what of it is missing
#   deploy/local-images/build.sh                    # or: build.sh kafka redis
#
# It makes (and skips what is there already; remove an image to have it made anew)
#
#   debian:bookworm-slim       a minimal Debian, imported from debootstrap
#   tenure-local/kafka:4.3.0   to be used as apache/kafka:4.3.0  TENURE_KAFKA_IMAGE
#   tenure-local/redis:7       to be used as redis:7             TENURE_REDIS_IMAGE
#   tenure-local/python:3.11   to be used as python:3.11-slim    TENURE_PYTHON_IMAGE
#
# and prints the lines to export, so that `docker-compose up --build` uses them. The tests
# take the first two from TENURE_TEST_KAFKA_IMAGE and TENURE_TEST_REDIS_IMAGE.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
base=debian:bookworm-slim
kafka=tenure-local/kafka:4.3.0
redis=tenure-local/redis:7
python=tenure-local/python:3.11

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "build.sh: $*" >&2; exit 1; }
have() { docker image inspect "$1" >/dev/null 2>&1; }
say() { echo "build.sh: $*" >&2; }

# docker_build IMAGE FOLDER: only what went wrong is shown.
docker_build() {
    say "building $1"
    docker build --tag "$1" "$2" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$1: see above"; }
}

build_base() {
    [[ $(id -u) == 0 ]] || fail 'debootstrap needs root'
    command -v debootstrap >/dev/null || fail 'no debootstrap here: apt-get install debootstrap'
    say "building $base"
    debootstrap --variant=minbase bookworm "$work/base" >"$work/log" 2>&1 \
        || { cat "$work/log" >&2; fail 'debootstrap: see above'; }
    rm -rf "$work"/base/var/cache/apt/archives/*.deb "$work"/base/var/lib/apt/lists/*
    tar -C "$work/base" -c . | docker import --change 'CMD ["bash"]' - "$base" >/dev/null
}

build_kafka() {
    command -v mvn >/dev/null || fail 'no mvn here: apt-get install maven'
    cp -r "$here/kafka" "$work/kafka"
    say 'fetching the jars of Apache Kafka'
    mvn -q -B -f "$work/kafka/pom.xml" dependency:copy-dependencies -DoutputDirectory=lib \
        >"$work/log" 2>&1 || { cat "$work/log" >&2; fail 'Maven: see above'; }
    docker_build "$kafka" "$work/kafka"
}

build_redis() { docker_build "$redis" "$here/redis"; }

build_python() {
    cp -r "$here/python" "$work/python"
    cp /etc/ssl/certs/ca-certificates.crt "$work/python/"
    docker_build "$python" "$work/python"
}

docker info >/dev/null 2>&1 || fail 'no Docker daemon answers: dockerd.sh start, and export DOCKER_HOST'
wanted=${*:-kafka redis python}
have "$base" || build_base
for name in $wanted; do
    case $name in
        kafka) image=$kafka ;;
        redis) image=$redis ;;
        python) image=$python ;;
        *) fail "unknown image $name: kafka, redis or python" ;;
    esac
    have "$image" || "build_$name"
    echo "export TENURE_${name^^}_IMAGE=$image"
done
