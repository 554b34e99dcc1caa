"""The topics are made as they must be, and what must not be is told with its remedy."""

import pytest

from consumer.kafka.reach import reach
from consumer.kafka.topics import (
    MOST_RECORD_BYTES,
    ROOM_BYTES,
    ContractError,
    broker_count,
    check_topics,
    create_topics,
    problems_of,
    wanted_topics,
)
from consumer.ports import Unavailable
from consumer.settings import InputTopic, Settings
from operate.servers.process import free_port
from tests.servers import KafkaUsed, unique

SETTINGS = Settings()
ACCOUNTS, TRANSACTIONS = SETTINGS.topics
JOURNAL, DEAD = SETTINGS.journal_topic, SETTINGS.dead_letters_topic
COUNTS = {topic.name: topic.partitions for topic in wanted_topics(SETTINGS, 4, 1)}
CONFIGS = {topic.name: dict(topic.configs) for topic in wanted_topics(SETTINGS, 4, 1)}


def settings_on(kafka: KafkaUsed) -> Settings:
    """Topics that nobody else has."""
    return Settings(
        kafka_bootstrap_servers=kafka.bootstrap,
        input_topics=(InputTopic(name=unique("accounts")), InputTopic(name=unique("transactions"))),
        stage_changes_topic=unique("stage-changes"),
        stages_topic=unique("stages"),
        dead_letters_topic=unique("dead-letters"),
        journal_topic=unique("journal"),
        policies_topic=unique("policies"),
    )


def problems(
    counts: dict[str, int] | None = None, configs: dict[str, dict[str, str]] | None = None
) -> list[str]:
    changed = {name: CONFIGS[name] | (configs or {}).get(name, {}) for name in CONFIGS}
    return list(problems_of(SETTINGS, COUNTS | (counts or {}), changed))


@pytest.fixture(params=["the run's broker", "real"])
def some_kafka(request: pytest.FixtureRequest) -> KafkaUsed:
    name = "real_kafka" if request.param == "real" else "kafka"
    used: KafkaUsed = request.getfixturevalue(name)
    return used


def test_topics_that_were_created_pass_their_check(some_kafka: KafkaUsed) -> None:
    settings = settings_on(some_kafka)
    assert len(create_topics(settings, 3, 1)) == 7
    assert check_topics(settings) == 3


def test_creating_topics_again_changes_nothing(kafka: KafkaUsed) -> None:
    settings = settings_on(kafka)
    create_topics(settings, 2, 1)
    assert create_topics(settings, 5, 1) == []
    assert check_topics(settings) == 2


def test_topics_that_are_missing_are_all_named_at_once(kafka: KafkaUsed) -> None:
    settings = settings_on(kafka)
    with pytest.raises(ContractError) as error:
        check_topics(settings)
    lines = str(error.value).splitlines()
    assert len(lines) == 7
    assert all(line.endswith("does not exist; run: tenure topics create") for line in lines)


def test_a_topic_made_by_hand_is_refused_for_what_it_would_lose(real_kafka: KafkaUsed) -> None:
    settings = settings_on(real_kafka)
    real_kafka.create_topics({settings.topics[0]: 3}, {"retention.ms": "604800000"})
    create_topics(settings, 4, 1)
    with pytest.raises(ContractError) as error:
        check_topics(settings)
    lines = str(error.value).splitlines()
    assert "has 3 partitions, and must have 4" in lines[0]
    assert "has retention.ms=604800000, and must have -1" in lines[1]
    assert len(lines) == 2


def test_a_broker_that_is_away_is_the_worlds_failure() -> None:
    away = SETTINGS.model_copy(update={"kafka_bootstrap_servers": f"127.0.0.1:{free_port()},[::1]"})
    with pytest.raises(Unavailable, match=r"start it, or correct TENURE_KAFKA_BOOTSTRAP_SERVERS"):
        check_topics(away)


def test_one_bootstrap_server_of_several_is_enough(kafka: KafkaUsed) -> None:
    several = f"127.0.0.1:{free_port()}, {kafka.bootstrap}"
    reach(SETTINGS.model_copy(update={"kafka_bootstrap_servers": several}))


def test_the_brokers_are_counted(kafka: KafkaUsed) -> None:
    assert broker_count(settings_on(kafka)) >= 1


def test_three_copies_of_a_topic_are_written_to_two_at_least() -> None:
    assert {topic.configs["min.insync.replicas"] for topic in wanted_topics(SETTINGS, 4, 3)} == {
        "2"
    }
    assert not any("min.insync.replicas" in configs for configs in CONFIGS.values())


def test_topics_as_they_should_be_have_no_problem() -> None:
    assert problems() == []


def test_what_a_broker_does_not_tell_is_not_wrong() -> None:
    assert list(problems_of(SETTINGS, COUNTS, {})) == []


def test_input_topics_of_unequal_partition_counts_are_refused() -> None:
    (line,) = problems({ACCOUNTS: 3})
    assert line.startswith(f"topic {ACCOUNTS} has 3 partitions, and must have 4")
    assert f"--alter --topic {ACCOUNTS} --partitions 4" in line


def test_a_journal_needs_the_partitions_of_the_inputs_and_may_have_more() -> None:
    assert problems({JOURNAL: 9}) == []
    (line,) = problems({JOURNAL: 1})
    assert line.startswith(f"topic {JOURNAL} has 1 partition, and must have at least 4")
    assert line.endswith(f"--alter --topic {JOURNAL} --partitions 4")


def test_policies_lie_on_one_partition() -> None:
    (line,) = problems({SETTINGS.policies_topic: 4})
    assert (
        line == f"topic {SETTINGS.policies_topic} has 4 partitions, and must have 1; re-create it"
    )


@pytest.mark.parametrize("name", [ACCOUNTS, TRANSACTIONS, JOURNAL])
@pytest.mark.parametrize(
    "key, found, must",
    [
        ("cleanup.policy", "compact", "delete"),
        ("cleanup.policy", "compact,delete", "delete"),
        ("retention.ms", "604800000", "-1"),
        ("retention.bytes", "1073741824", "-1"),
    ],
)
def test_a_log_that_forgets_is_refused_with_the_command_that_mends_it(
    name: str, key: str, found: str, must: str
) -> None:
    (line,) = problems(configs={name: {key: found}})
    assert line == (
        f"topic {name} has {key}={found}, and must have {must}; run: kafka-configs.sh"
        f" --bootstrap-server localhost:9092 --alter --entity-type topics --entity-name {name}"
        f" --add-config {key}={must}"
    )


def test_the_topic_of_current_stages_must_be_compacted() -> None:
    (line,) = problems(configs={SETTINGS.stages_topic: {"cleanup.policy": "delete"}})
    assert "cleanup.policy=delete, and must have compact" in line


def test_dead_letters_must_hold_the_largest_input_and_its_reason() -> None:
    largest = int(CONFIGS[ACCOUNTS]["max.message.bytes"])
    (line,) = problems(configs={DEAD: {"max.message.bytes": str(largest)}})
    assert f"must have at least {largest + ROOM_BYTES}" in line
    assert line.endswith(f"--add-config max.message.bytes={largest + ROOM_BYTES}")


def test_an_input_that_takes_more_than_a_worker_can_send_on_is_refused() -> None:
    (line,) = problems(
        configs={
            ACCOUNTS: {"max.message.bytes": "10000000"},
            DEAD: {"max.message.bytes": "10100000"},
        }
    )
    assert f"must have at most {MOST_RECORD_BYTES}" in line


def test_all_problems_are_told_at_once() -> None:
    found = problems(
        {TRANSACTIONS: 3, JOURNAL: 2},
        {
            ACCOUNTS: {"cleanup.policy": "compact", "retention.ms": "1"},
            JOURNAL: {"retention.ms": "1"},
        },
    )
    assert len(found) == 5
