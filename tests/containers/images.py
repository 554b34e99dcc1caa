"""Real Kafka and Redis in containers, started for tests and removed by whoever started them.

Which images: TENURE_TEST_KAFKA_IMAGE (default: the official apache/kafka) and
TENURE_TEST_REDIS_IMAGE (default: the official redis). Both get the configuration files that
docker-compose.yml gives them. Where the helper image of testcontainers, which clears up after a
test run that was killed, cannot be pulled, set TESTCONTAINERS_RYUK_DISABLED=true.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from testcontainers.core.container import DockerContainer
from testcontainers.core.wait_strategies import LogMessageWaitStrategy

KAFKA_IMAGE = os.environ.get("TENURE_TEST_KAFKA_IMAGE", "apache/kafka:4.3.0")
REDIS_IMAGE = os.environ.get("TENURE_TEST_REDIS_IMAGE", "redis:7")

DEPLOY = Path(__file__).parents[2] / "deploy"
KAFKA_PORT = 19092  # of the listener for programs outside of the container network
REDIS_PORT = 6379

# Kafka tells its clients the address to use, and the host's port is known only once the container
# runs: so the container waits for a line with it. (`read` fails until the line is whole.)
KAFKA_COMMAND = """
until read -r address 2>/dev/null </tmp/address; do sleep 0.1; done
export KAFKA_ADVERTISED_LISTENERS=PLAINTEXT://localhost:9092,HOST://$address
exec /etc/kafka/docker/run
"""


def docker_answers() -> bool:
    """Whether there is a Docker daemon to start containers with.

    Asks the command `docker`: the Python client leaves a socket behind where no daemon is.
    """
    if shutil.which("docker") is None:
        return False
    return subprocess.run(["docker", "version"], capture_output=True, check=False).returncode == 0


def kafka_container() -> tuple[str, Callable[[], None]]:
    """Start one Kafka node: (its bootstrap address, a function that removes the container)."""
    container = (
        DockerContainer(KAFKA_IMAGE)
        .with_exposed_ports(KAFKA_PORT)
        .with_env("KAFKA_HEAP_OPTS", "-Xms512m -Xmx512m")
        .with_env("KAFKA_LISTENERS", f"PLAINTEXT://:9092,HOST://:{KAFKA_PORT},CONTROLLER://:9093")
        .with_copy_into_container(
            DEPLOY / "kafka" / "server.properties", "/mnt/shared/config/server.properties"
        )
        .with_command(["bash", "-c", KAFKA_COMMAND])
    )
    try:
        container.start()
        address = _address(container, KAFKA_PORT)
        container.copy_into_container(f"{address}\n".encode(), "/tmp/address")
        _wait_for_log(container, "Kafka Server started")
    except BaseException:
        container.stop()
        raise
    return address, container.stop


def redis_container() -> tuple[str, Callable[[], None]]:
    """Start one Redis: (its URL, a function that removes the container)."""
    container = (
        DockerContainer(REDIS_IMAGE)
        .with_exposed_ports(REDIS_PORT)
        .with_copy_into_container(DEPLOY / "redis" / "redis.conf", "/etc/tenure/redis.conf")
        .with_command(["redis-server", "/etc/tenure/redis.conf"])
    )
    try:
        container.start()
        _wait_for_log(container, "Ready to accept connections")
        address = _address(container, REDIS_PORT)
    except BaseException:
        container.stop()
        raise
    return f"redis://{address}/0", container.stop


def _address(container: DockerContainer, port: int) -> str:
    host = container.get_container_host_ip()
    # Docker may publish another port on ::1, and a client may try that first.
    host = "127.0.0.1" if host == "localhost" else host
    return f"{host}:{container.get_exposed_port(port)}"


def _wait_for_log(container: DockerContainer, message: str) -> None:
    """Wait until the server itself says that it serves: Docker's proxy accepts before that."""
    strategy = LogMessageWaitStrategy(message).with_startup_timeout(90).with_poll_interval(0.1)
    strategy.wait_until_ready(container)
