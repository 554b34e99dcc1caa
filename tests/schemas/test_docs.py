"""The pages for subscribers and feed teams: what they show is run, where they point is there."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from kafka import KafkaProducer

from schemas.cloudevents import to_record
from schemas.generate import CONTRACTS
from schemas.outputs import Output, RiskReasonsChanged, StageChanged
from statemachine.policy_file import default_policy
from statemachine.say import current_stage
from tests.operate.logs import active, closing, event
from tests.operate.test_replay import replayed
from tests.schemas.samples import RISK_REASONS_CHANGED, STAGE_CHANGED
from tests.servers import KafkaUsed, unique

PAGES = sorted(CONTRACTS.glob("*.md"))


def text_of(page: str) -> str:
    return (CONTRACTS / page).read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_every_link_between_the_pages_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_the_index_names_every_page() -> None:
    index = text_of("README.md")
    assert all(f"({page.name})" in index for page in PAGES if page.name != "README.md")


def test_the_page_for_subscribers_opens_with_the_isolation_level() -> None:
    opening = text_of("subscribing.md").split("\n\n")[1]
    assert "`isolation.level=read_committed`" in opening.partition(".**")[0]


def subscriber() -> str:
    (code,) = re.findall(r"```python\n(.*?)```", text_of("subscribing.md"), re.DOTALL)
    return str(code)


def test_the_subscriber_has_fifteen_lines() -> None:
    lines = [line for line in subscriber().splitlines() if line.strip()]
    assert len(lines) <= 15
    assert all(len(line) <= 100 for line in lines)


def test_the_value_shown_to_subscribers_is_one_that_could_be_sent() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", text_of("subscribing.md"), re.DOTALL)
    change = StageChanged.model_validate_json(shown)
    assert json.loads(to_record(change, "tenure/docs").value) == json.loads(shown)


def test_the_sequence_of_a_current_stage_is_that_of_its_last_stage_change() -> None:
    """What a subscriber who begins in the middle rests on, as the page tells it."""
    lines = [*active(), event("feedback.received", 110), *closing(120)]
    told = replayed(lines)
    *_, warned, complained = told.outputs
    assert isinstance(warned, StageChanged)
    assert isinstance(complained, RiskReasonsChanged)
    current = current_stage(default_policy(), "C1", told.customers["C1"])
    assert current is not None
    assert (current.stage, current.sequence) == (warned.to_stage, warned.sequence)
    assert complained.sequence != warned.sequence
    assert current.reasons == complained.open
    page = text_of("subscribing.md").partition("## Beginning in the middle")[2]
    assert "`customer.stage-changed` that led there" in page
    assert "(`open`)" in page


@contextmanager
def running(code: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", code],
        env={**os.environ, **settings},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def send(producer: Any, topic: str, output: Output) -> None:
    key, value, headers = to_record(output, "tenure/docs")
    producer.send(topic, value, key, headers=list(headers)).get(30)


def test_the_subscriber_prints_each_committed_change_and_no_other(
    real_kafka: KafkaUsed,
) -> None:
    """Asks for Apache Kafka: the embedded broker hands out what was rolled back."""
    kafka = real_kafka
    topic = kafka.create_topic("stage-changes")
    first, undone, second = (
        STAGE_CHANGED.model_copy(update={"why": why}) for why in ("first", "undone", "second")
    )
    producer: Any = KafkaProducer(
        bootstrap_servers=kafka.bootstrap, transactional_id=unique("docs"), retry_backoff_ms=5
    )
    try:
        producer.init_transactions()
        producer.begin_transaction()
        send(producer, topic, first)
        send(producer, topic, RISK_REASONS_CHANGED)
        producer.commit_transaction()
        producer.begin_transaction()
        send(producer, topic, undone)
        producer.abort_transaction()
        producer.begin_transaction()
        send(producer, topic, second)
        producer.commit_transaction()
    finally:
        producer.close()
    with running(subscriber(), TOPIC=topic, BOOTSTRAP=kafka.bootstrap) as process:
        assert process.stdout is not None
        printed = [process.stdout.readline() for _ in range(2)]
    assert printed == [
        "cust-7781: active -> at_risk (first)\n",
        "cust-7781: active -> at_risk (second)\n",
    ]
