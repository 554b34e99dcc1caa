"""status, explain, watch, send and accept-bad, on a worker that runs."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from consumer.decode import DEFAULT_LIMITS
from consumer.kafka.history import KafkaHistory
from consumer.records import InputRecord
from consumer.settings import Settings
from operate.commands import explain
from operate.exits import Exit
from operate.lines import decode_lines
from operate.replay import Replayed, replay
from schemas.base import rfc3339
from statemachine.policy_file import default_policy, default_policy_text
from tests.live.feeds import lives
from tests.live.harness import PARTITIONS, Deployment, deployed, until
from tests.operate.conftest import Tenure
from tests.servers import KafkaUsed

CUSTOMERS, DAYS = 60, 400


class Running:
    """A deployment whose worker has decided a year, and what it must have decided."""

    def __init__(self, deployment: Deployment, reference: Replayed) -> None:
        self.deployment = deployment
        self.reference = reference
        self.environment = environment_of(deployment.settings)

    def ids(self, customer_id: str) -> list[str]:
        """What was said of a customer, by its ids, in order."""
        return [one.id for one in self.reference.outputs if one.customer_id == customer_id]

    def somebody(self, stage: str) -> str:
        """A customer who ended in this stage."""
        found = self.reference.customers.items()
        return next(name for name, customer in sorted(found) if customer.stage == stage)


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as the environment of a command."""
    values = settings.model_dump(exclude_none=True)
    values["redis_url"] = settings.redis_url.get_secret_value()
    values["input_topics"] = ",".join(settings.topics)
    return {f"TENURE_{name.upper()}": str(value) for name, value in values.items()}


@pytest.fixture(scope="module")
def running(
    real_kafka: KafkaUsed, redis_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("running")
    with deployed(real_kafka, redis_url, folder) as deployment:
        topics = (deployment.accounts, deployment.transactions)
        deployment.worker("w1")
        feed = lives(topics, 0, CUSTOMERS, DAYS, 0)
        deployment.send(feed)
        lines = decode_lines((record.value for record in feed), "feed", DEFAULT_LIMITS)
        reference = replay(default_policy(), topics, lines)
        deployment.settle()
        yield Running(deployment, reference)


def from_json(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_status_tells_of_every_partition(running: Running, tenure: Tenure) -> None:
    result = tenure("status", "--json", env=running.environment)
    partitions = from_json(result.stdout)
    assert [one["partition"] for one in partitions] == list(range(PARTITIONS))
    assert {one["owner"] for one in partitions} == {"w1"}
    assert sum(one["lag"] for one in partitions) == 0
    assert all(one["held"] is None for one in partitions)
    stages: dict[str, int] = {}
    for one in partitions:
        for stage, count in one["stages"].items():
            stages[stage] = stages.get(stage, 0) + count
    expected = [customer.stage for customer in running.reference.customers.values()]
    assert {name: count for name, count in stages.items() if count} == {
        name: expected.count(name) for name in set(expected) if name
    }
    table = tenure("status", env=running.environment).stdout.splitlines()
    assert len([line for line in table if " w1 " in line]) == PARTITIONS
    assert default_policy().digest in table[-1]


@pytest.mark.parametrize("stage", ["active", "at_risk", "lost"])
def test_a_customer_is_explained_as_the_replay_says(
    stage: str, running: Running, tenure: Tenure
) -> None:
    name = running.somebody(stage)
    found = json.loads(tenure("explain", name, "--json", env=running.environment).stdout)
    customer = running.reference.customers[name]
    assert (found["stage"], found["lost_by"]) == (stage, customer.lost_by)
    assert found["since"] == rfc3339(customer.since)
    assert [one["rule"] for one in found["reasons"]] == sorted(customer.reasons)
    assert [one["id"] for one in found["timeline"]] == running.ids(name)
    text = tenure("explain", name, env=running.environment).stdout
    assert text.startswith(f"{name} is {stage}")
    assert len([line for line in text.splitlines() if "->" in line]) == customer.changes
    assert text.count("because of") == len(running.ids(name))


def test_an_explanation_tells_why_and_what_comes_next(running: Running, tenure: Tenure) -> None:
    text = tenure("explain", running.somebody("at_risk"), env=running.environment).stdout
    assert "open since" in text
    assert "(limit: " in text
    assert " unless " in text


def test_only_the_last_decisions_are_told_on_request(running: Running, tenure: Tenure) -> None:
    name = running.somebody("lost")
    found = json.loads(
        tenure("explain", name, "--last", 1, "--json", env=running.environment).stdout
    )
    assert [one["id"] for one in found["timeline"]] == running.ids(name)[-1:]
    silent = tenure("explain", name, "--last", 0, env=running.environment).stdout
    assert "how it came" not in silent


def test_an_objection_is_told_and_nothing_is_promised_of_it(
    running: Running, tenure: Tenure
) -> None:
    name = running.somebody("lost")
    clock = running.deployment.keeper.look(running.deployment.place(name))[1]
    assert clock is not None
    assert clock.clock is not None
    for purpose in ("profiling", "marketing"):
        asked = ("send", "objection.changed", "-c", name, "--at", rfc3339(clock.clock))
        more = ("-f", f"purpose={purpose}", "-f", "objected=true")
        assert tenure(*asked, *more, env=running.environment).exit_code == 0
    running.deployment.settle()
    found = json.loads(tenure("explain", name, "--json", env=running.environment).stdout)
    assert sorted(found["objected"]) == ["marketing", "profiling"]
    lines = tenure("explain", name, env=running.environment).stdout.splitlines()
    assert [line for line in lines if "objected" in line] == [
        "  objected to marketing and profiling"
    ]


def test_the_policy_in_force_is_read_from_its_topic_and_the_reader_closed(
    running: Running, tenure: Tenure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = []

    class History(KafkaHistory):
        def close(self) -> None:
            super().close()
            closed.append(self)

    monkeypatch.setattr(explain, "KafkaHistory", History)
    other = tmp_path / "policy.yaml"
    other.write_text(default_policy_text().replace("version: 1", "version: 2"))
    name = running.somebody("active")
    asked = ("explain", name, "--json")
    env = {**running.environment, "TENURE_POLICY_FILE": str(other)}
    assert tenure(*asked, env=env).stdout == tenure(*asked, env=running.environment).stdout
    assert len(closed) == 1


def test_an_unknown_customer_is_told(running: Running, tenure: Tenure) -> None:
    result = tenure("explain", "nobody", env=running.environment)
    assert result.exit_code == Exit.NOT_FOUND
    (line,) = result.stderr.splitlines()
    assert line.startswith("tenure: customer 'nobody' is not known to deployment")


def test_every_change_is_watched_once_and_each_customers_in_order(
    running: Running, tenure: Tenure
) -> None:
    total = len(running.reference.outputs)
    asked = ("watch", "--from-beginning", "--json", "--count", total)
    watched = from_json(tenure(*asked, env=running.environment).stdout)
    assert {one["specversion"] for one in watched} == {"1.0"}
    for name in running.reference.customers:
        assert [one["id"] for one in watched if one["subject"] == name] == running.ids(name)


def test_one_customers_changes_are_watched_in_words(running: Running, tenure: Tenure) -> None:
    name = running.somebody("lost")
    count = len(running.ids(name))
    asked = ("watch", "--from-beginning", "--customer", name, "--count", count)
    lines = tenure(*asked, env=running.environment).stdout.splitlines()
    assert len(lines) == count
    assert all(line.startswith(name) for line in lines)
    assert " -> lost" in lines[-1]


def test_an_event_that_is_sent_is_decided_upon(running: Running, tenure: Tenure) -> None:
    name = running.somebody("active")
    clock = running.deployment.keeper.look(running.deployment.place(name))[1]
    assert clock is not None
    assert clock.clock is not None
    asked = (
        "send",
        "feedback.received",
        "--customer",
        name,
        "--at",
        rfc3339(clock.clock),
        "--json",
    )
    landed = json.loads(tenure(*asked, env=running.environment).stdout)
    assert landed["topic"] == running.deployment.accounts
    assert landed["partition"] == running.deployment.place(name)
    assert landed["event"]["customer_id"] == name
    running.deployment.settle()
    found = json.loads(tenure("explain", name, "--json", env=running.environment).stdout)
    assert found["stage"] == "at_risk"
    assert [one["rule"] for one in found["reasons"]] == ["complaint"]
    assert found["timeline"][-1]["caused_by"]["event_id"] == landed["event"]["event_id"]


def test_a_posting_goes_to_the_topic_of_postings_and_a_watermark_to_every_partition(
    running: Running, tenure: Tenure
) -> None:
    topics = running.deployment.settings.topics
    long_ago = "2000-01-02T00:00:00+08:00"
    name = running.somebody("active")
    result = tenure(
        *("send", "transaction.posted", "-c", name, "-f", "initiator=bank", "--at", long_ago),
        env=running.environment,
    )
    assert f"landed on {topics[1]} partition {running.deployment.place(name)}" in result.stdout
    result = tenure(
        *("send", "feed.watermark", "-f", f"topic={topics[0]}", "--at", long_ago),
        *("-f", f"complete_through={long_ago}"),
        env=running.environment,
    )
    lines = result.stdout.splitlines()
    assert len(lines) == PARTITIONS
    assert all(
        f"landed on {topics[0]} partition {place}" in line for place, line in enumerate(lines)
    )
    running.deployment.settle()


def test_what_a_worker_would_refuse_is_not_sent(running: Running, tenure: Tenure) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    asked = ("send", "feed.watermark", "-f", f"topic={running.deployment.accounts}")
    result = tenure(*asked, "-f", f"complete_through={tomorrow}", env=running.environment)
    assert result.exit_code == Exit.USAGE
    assert result.stderr.startswith("tenure: future_date: complete_through is")


def test_a_held_partition_goes_on_when_it_is_accepted(running: Running, tenure: Tenure) -> None:
    deployment, place = running.deployment, 2
    stamp = 946_700_000_000
    assert "is not held" in tenure("accept-bad", place, env=running.environment).stdout
    deployment.send_raw(
        InputRecord(deployment.accounts, place, 0, stamp, b"x", b"nonsense") for _ in range(400)
    )

    def status() -> dict[str, Any]:
        return from_json(tenure("status", "--json", env=running.environment).stdout)[place]

    until("the partition is held", lambda: bool(status()["held"]))
    assert status()["lag"] > 0
    table = tenure("status", env=running.environment).stdout
    assert "HELD" in table
    assert f"`tenure accept-bad {place}`" in table
    assert "goes on" in tenure("accept-bad", place, env=running.environment).stdout
    until("the partition goes on", lambda: status()["lag"] == 0 and status()["held"] is None)


def test_a_partition_that_nobody_remembers_is_told(running: Running, tenure: Tenure) -> None:
    result = tenure("accept-bad", 99, env=running.environment)
    assert result.exit_code == Exit.NOT_FOUND
    assert "nothing is remembered of partition 99" in result.stderr


def test_topics_that_are_there_are_checked_and_left_alone(running: Running, tenure: Tenure) -> None:
    created = tenure("topics", "create", "--partitions", 9, env=running.environment)
    assert created.exit_code == 0
    assert created.stdout.count("was there") == 7
    checked = tenure("topics", "check", env=running.environment)
    assert f"inputs have {PARTITIONS} partitions" in checked.stdout
    assert json.loads(tenure("topics", "check", "--json", env=running.environment).stdout) == {
        "partitions": PARTITIONS,
        "problems": [],
    }


def test_a_feed_is_simulated_into_the_topics(
    real_kafka: KafkaUsed, redis_url: str, tmp_path: Path, tenure: Tenure
) -> None:
    with deployed(real_kafka, redis_url, tmp_path) as deployment:
        env = environment_of(deployment.settings)
        result = tenure("simulate", "--customers", 5, "--days", 40, "--to-broker", env=env)
        assert result.exit_code == 0
        ends = deployment.ends()
        sent = sum(count for of_partition in ends.values() for count in of_partition.values())
        summary = dict(line.split() for line in result.stderr.splitlines() if line.strip())
        # The closing watermark of each topic goes to every partition.
        assert sent == int(summary["records"]) + 2 * (PARTITIONS - 1)


def _run(environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "operate.cli", "run"],
        env={"PATH": "/usr/bin:/bin", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_of_two_workers_with_one_id_one_ends_and_says_why(
    real_kafka: KafkaUsed, redis_url: str, tmp_path: Path
) -> None:
    with deployed(real_kafka, redis_url, tmp_path, log_level="error") as deployment:
        env = environment_of(deployment.settings) | {"TENURE_WORKER_ID": "twin"}
        first = _run(env)
        try:
            until("the first owns the partitions", lambda: _owner(deployment) == "twin")
            second = _run(env)
            try:
                until("one of them ends", lambda: {first.poll(), second.poll()} != {None})
                ended = first if first.poll() is not None else second
                assert ended.stderr is not None
                (line,) = ended.stderr.read().splitlines()
                assert ended.returncode == Exit.SUPERSEDED
                assert line.startswith("tenure: another worker runs under the id 'twin'")
                assert line.endswith("give every worker its own TENURE_WORKER_ID")
            finally:
                second.kill()
                second.communicate()
        finally:
            first.kill()
            first.communicate()


def _owner(deployment: Deployment) -> str | None:
    return deployment.keeper.look(0)[0]
