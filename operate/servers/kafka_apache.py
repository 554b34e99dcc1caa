"""Apache Kafka itself, from its published jars, under the machine's Java."""

import fcntl
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from operate.servers.kafka_server import KafkaServer
from operate.servers.process import HOST, ServerError, free_port, program

VERSION = "4.3.0"

_POM = Path(__file__).with_name("kafka_apache.pom.xml")
_OLDEST_JAVA = 17
_JAVA_REMEDY = "Apache Kafka needs Java 17; on Debian: apt-get install openjdk-17-jre-headless"
_MAVEN_REMEDY = "it fetches Apache Kafka when first used; on Debian: apt-get install maven"
_MAVEN_SECONDS = 600

_CLUSTER_ID = "VGVudXJlVGVudXJlVGVudQ"  # any 16 bytes in base64

_LOG4J = """\
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d %p %c %m%n
"""


class ApacheKafka(KafkaServer):
    """One node of Apache Kafka, broker and controller, with its log on disk.

    The jars (112 MB) are fetched with Maven once, into `cache_folder()`. `settings` are added
    to the broker's properties, or replace ours; `jvm` are the options of its Java.
    """

    name = f"Apache Kafka {VERSION}"
    start_seconds = 60

    def __init__(
        self,
        *,
        folder: Path | None = None,
        settings: Mapping[str, str] | None = None,
        jvm: Sequence[str] = ("-Xmx1g",),
    ) -> None:
        super().__init__(folder=folder)
        self._controller_port = free_port()
        self._jvm = jvm
        self._settings = settings or {}

    def _properties(self) -> dict[str, str]:
        controller = f"{HOST}:{self._controller_port}"
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@{controller}",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://{controller}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": str(self.folder / "data"),
            # One node holds the only copy of everything.
            "offsets.topic.replication.factor": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            # Nobody else will join: do not wait for them.
            "group.initial.rebalance.delay.ms": "0",
            # A misspelt topic is an error, as it is at any bank.
            "auto.create.topics.enable": "false",
            **self._settings,
        }

    def _command(self) -> Sequence[str]:
        return self._java(self._jvm, "kafka.Kafka", str(self._server_properties))

    def _java(self, options: Sequence[str], main: str, *arguments: str) -> list[str]:
        return [
            java(),
            *options,
            f"-Dlog4j2.configurationFile={self.folder / 'log4j2.properties'}",
            *("-cp", f"{jars()}/*"),
            main,
            *arguments,
        ]

    @property
    def _server_properties(self) -> Path:
        return self.folder / "server.properties"

    def _prepare(self) -> None:
        (self.folder / "log4j2.properties").write_text(_LOG4J)
        lines = [f"{name}={value}\n" for name, value in self._properties().items()]
        self._server_properties.write_text("".join(lines))
        formatting = subprocess.run(
            [
                *self._java(["-Xmx256m"], "kafka.tools.StorageTool", "format"),
                *("-t", _CLUSTER_ID, "-c", str(self._server_properties), "--ignore-formatted"),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if formatting.returncode != 0:
            last = (formatting.stdout + formatting.stderr).strip().splitlines()[-3:]
            raise ServerError(f"{self.name} could not make its data folder: {' | '.join(last)}")


def java() -> str:
    """Return the path of a Java that can run Kafka; raises ServerError with the remedy."""
    path = program("java", _JAVA_REMEDY)
    said = subprocess.run([path, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r'version "(\d+)', said.stderr + said.stdout)
    if said.returncode != 0 or version is None or int(version[1]) < _OLDEST_JAVA:
        raise ServerError(f"the java on the path is too old or broken; {_JAVA_REMEDY}")
    return path


def cache_folder() -> Path:
    """Return where fetched jars are kept: `~/.cache/tenure`, or under XDG_CACHE_HOME."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tenure"


def jars() -> Path:
    """Return the folder with Kafka's jars, fetched with Maven the first time.

    Several processes may ask at once: one fetches, the others wait for it. What is there is
    whole, because the folder gets its name last. Raises ServerError if Maven is missing or
    fails.
    """
    folder = cache_folder() / f"kafka-{VERSION}"
    if folder.is_dir():
        return folder
    maven = program("mvn", _MAVEN_REMEDY)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _fetch(maven, folder)
    return folder


def _fetch(maven: str, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="fetching-") as work:
        goal = ["dependency:copy-dependencies", f"-DoutputDirectory={work}/jars"]
        try:
            fetching = subprocess.run(
                [maven, "-q", "-B", "-f", str(_POM), f"-Dkafka.version={VERSION}", *goal],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
                timeout=_MAVEN_SECONDS,
            )
        except subprocess.TimeoutExpired as error:
            raise ServerError(
                f"Maven did not fetch Apache Kafka within {error.timeout} s"
            ) from None
        if fetching.returncode != 0:
            errors = [line for line in fetching.stdout.splitlines() if "ERROR" in line]
            reason = errors[0] if errors else fetching.stderr.strip()[-200:]
            raise ServerError(f"Maven could not fetch Apache Kafka {VERSION}: {reason}")
        (Path(work) / "jars").rename(folder)
