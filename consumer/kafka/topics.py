"""The topics: created as the design needs them, and checked before a worker starts.

What each of them must be, and why:

    inputs         every record kept: the state is rebuilt from them, and history is stamped with
                   the time it happened, which a retention by age would delete at once, and which
                   would begin a new segment for every week of it: a fetch ends with its segment
    stage-changes  every record kept: it is the record of what was decided
    stages         compacted: the last word on every customer
    dead-letters   raw bytes of the bank: a short retention, and larger records than the inputs
                   allow, because a refused record goes there with its reason added
    journal        every record kept, on the partitions of the inputs: recovery re-executes it
    policies       compacted: every policy by its digest

A broker may not tell a setting (the embedded one tells only what was set): unknown is not wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType

from consumer.dead_letters import kept_bytes
from consumer.kafka.failures import translated
from consumer.kafka.reach import reach
from consumer.settings import Settings

ROOM_BYTES: Final = 65_536
"""How much larger a dead letter may be than the record in it: headers, keys, the batch around."""
MOST_RECORD_BYTES: Final = 4_194_304 - ROOM_BYTES
"""What the worker's producer can still send to the dead letters (consumer/kafka/publisher.py)."""
DEAD_LETTERS_RETENTION_MS: Final = 14 * 86_400_000
_SEGMENT_MS: Final = 3_650 * 86_400_000
"""A segment of the inputs ends by its size, however many years of history it holds."""
_UNKNOWN_TOPIC: Final = 3
_FOR_EVER: Final = "-1"
_CREATE: Final = "tenure topics create"


class ContractError(Exception):
    """The topics are not what the service needs; the message says which, and the remedy.

    One problem a line, all of them at once.
    """


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as it should be."""

    name: str
    partitions: int
    configs: Mapping[str, str]


def wanted_topics(settings: Settings, partitions: int, replication: int) -> list[Topic]:
    """Every topic of a deployment, for inputs of so many partitions."""
    inputs = kept_bytes(settings) + ROOM_BYTES
    for_ever = {"cleanup.policy": "delete", "retention.ms": _FOR_EVER}
    compacted = {"cleanup.policy": "compact", "retention.ms": _FOR_EVER}
    dead = {
        "cleanup.policy": "delete",
        "retention.ms": str(DEAD_LETTERS_RETENTION_MS),
        "max.message.bytes": str(inputs + ROOM_BYTES),
    }
    safe = {"min.insync.replicas": "2"} if replication >= 3 else {}
    kept = for_ever | {"max.message.bytes": str(inputs), "segment.ms": str(_SEGMENT_MS)}
    named = [
        *((name, partitions, kept) for name in settings.topics),
        (settings.stage_changes_topic, partitions, for_ever),
        (settings.stages_topic, partitions, compacted),
        (settings.dead_letters_topic, partitions, dead),
        (settings.journal_topic, partitions, for_ever),
        (settings.policies_topic, 1, compacted),
    ]
    return [Topic(name, count, configs | safe) for name, count, configs in named]


def create_topics(settings: Settings, partitions: int, replication: int) -> list[str]:
    """Create the topics that are not there yet; the names of those that were created.

    A topic that exists is left as it is: `check_topics` tells whether it will do.
    Raises Unavailable.
    """
    with _admin(settings, "creating the topics") as admin:
        wanted = wanted_topics(settings, partitions, replication)
        there = _partition_counts(admin, [topic.name for topic in wanted])
        missing = {
            topic.name: {
                "num_partitions": topic.partitions,
                "replication_factor": replication,
                "configs": dict(topic.configs),
            }
            for topic in wanted
            if topic.name not in there
        }
        if missing:
            admin.create_topics(missing, wait_for_metadata=True)
        return list(missing)


def broker_count(settings: Settings) -> int:
    """How many brokers the cluster has. Raises Unavailable."""
    with _admin(settings, "asking for the brokers") as admin:
        return len(admin.describe_cluster()["brokers"])


def check_topics(settings: Settings) -> int:
    """The common partition count of the input topics. Raises ContractError, Unavailable."""
    with _admin(settings, "checking the topics") as admin:
        wanted = wanted_topics(settings, 1, 1)
        counts = _partition_counts(admin, [topic.name for topic in wanted])
        configs = _configs(admin, [topic.name for topic in wanted if topic.name in counts])
    problems = list(problems_of(settings, counts, configs))
    if problems:
        raise ContractError("\n".join(problems))
    return counts[settings.topics[0]]


def problems_of(
    settings: Settings, counts: Mapping[str, int], configs: Mapping[str, Mapping[str, str]]
) -> Iterator[str]:
    """What is wrong: one line each, with what it is, what it must be and what mends it.

    `counts` holds the topics that exist, `configs` what the broker tells of them.
    """
    for topic in wanted_topics(settings, 1, 1):
        if topic.name not in counts:
            yield f"topic {topic.name} does not exist; run: {_CREATE}"
    yield from _of_counts(settings, counts)
    for name in (*settings.topics, settings.journal_topic):
        yield from _of_keeping(settings, name, configs.get(name, {}))
    for name in (settings.stages_topic, settings.policies_topic):
        policy = configs.get(name, {}).get("cleanup.policy", "compact")
        if policy != "compact":
            yield _setting(settings, name, "cleanup.policy", policy, "compact")
    yield from _of_sizes(settings, configs)


def _of_counts(settings: Settings, counts: Mapping[str, int]) -> Iterator[str]:
    inputs = {name: counts[name] for name in settings.topics if name in counts}
    most = max(inputs.values(), default=0)
    for name, count in inputs.items():
        if count != most:
            yield (
                f"topic {name} has {_partitions(count)}, and must have {most}, as the other input"
                f" topics have; while it is empty, run: {_more_partitions(settings, name, most)}"
                " (once it has records, re-create it and send them again: its customers' records"
                " would be split)"
            )
    journal = counts.get(settings.journal_topic, most)
    if journal < most:
        name = settings.journal_topic
        yield (
            f"topic {name} has {_partitions(journal)}, and must have at least {most}, as the input"
            f" topics have; run: {_more_partitions(settings, name, most)}"
        )
    if counts.get(settings.policies_topic, 1) != 1:
        name = settings.policies_topic
        yield f"topic {name} has {_partitions(counts[name])}, and must have 1; re-create it"


def _of_keeping(settings: Settings, name: str, config: Mapping[str, str]) -> Iterator[str]:
    policy = config.get("cleanup.policy", "delete")
    if policy != "delete":
        yield _setting(settings, name, "cleanup.policy", policy, "delete")
    for key in ("retention.ms", "retention.bytes"):
        kept = config.get(key, _FOR_EVER)
        if kept != _FOR_EVER:
            yield _setting(settings, name, key, kept, _FOR_EVER)


def _of_sizes(settings: Settings, configs: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    key = "max.message.bytes"
    sizes = {
        name: int(configs[name][key]) for name in settings.topics if key in configs.get(name, {})
    }
    for name, size in sizes.items():
        if size > MOST_RECORD_BYTES:
            yield _setting(settings, name, key, str(size), f"at most {MOST_RECORD_BYTES}")
    name = settings.dead_letters_topic
    largest = min(max(sizes.values(), default=0), MOST_RECORD_BYTES)
    largest = max(largest, kept_bytes(settings))
    dead = int(configs.get(name, {}).get(key, largest + ROOM_BYTES))
    if dead < largest + ROOM_BYTES:
        yield _setting(settings, name, key, str(dead), f"at least {largest + ROOM_BYTES}")


def _setting(settings: Settings, name: str, key: str, found: str, must: str) -> str:
    return (
        f"topic {name} has {key}={found}, and must have {must}; run: kafka-configs.sh"
        f" --bootstrap-server {settings.kafka_bootstrap_servers} --alter --entity-type topics"
        f" --entity-name {name} --add-config {key}={must.rsplit(' ', 1)[-1]}"
    )


def _more_partitions(settings: Settings, name: str, count: int) -> str:
    return (
        f"kafka-topics.sh --bootstrap-server {settings.kafka_bootstrap_servers} --alter"
        f" --topic {name} --partitions {count}"
    )


def _partitions(count: int) -> str:
    return "1 partition" if count == 1 else f"{count} partitions"


def _partition_counts(admin: Any, names: Sequence[str]) -> dict[str, int]:
    """Of the topics that exist."""
    return {
        topic["name"]: len(topic["partitions"])
        for topic in admin.describe_topics(list(names))
        if topic["error_code"] != _UNKNOWN_TOPIC
    }


def _configs(admin: Any, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """The settings of topics, defaults included, as far as the broker tells them."""
    if not names:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found = admin.describe_configs(asked, config_filter="all").get("topic", {})
    return {
        name: {key: str(entry["value"]) for key, entry in entries.items()}
        for name, entries in found.items()
    }


@contextmanager
def _admin(settings: Settings, what: str) -> Iterator[Any]:
    reach(settings)
    with translated(what):
        admin = KafkaAdminClient(**settings.kafka(), client_id="tenure-topics")
        try:
            yield admin
        finally:
            admin.close()
