"""What must be true of every case, whatever its records are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from unittest.mock import patch

from consumer.decode import Decoded, decode_line
from consumer.judge import Judge
from consumer.ports import OutRecord
from consumer.records import InputRecord
from consumer.rejection import REASONS, Rejected
from schemas.cloudevents import to_record
from schemas.headers import dead_letter_of, provenance_of
from tests.fuzz.afterwards import afterwards, same_timers
from tests.fuzz.cases import Case
from tests.fuzz.deployment import Deployment, Wrong
from tests.fuzz.oracle import Judged, Partition
from tests.fuzz.setups import TOPICS

_BOTH = ("duplicates", "late", "postings", "swept")
"""What the worker counts and the oracle too."""
_LARGE = 30_000
"""Bytes; of a smaller record nothing is cut."""


def checked(case: Case) -> Counter[str]:
    """Run a case, and count what came of it. Raises Wrong, or whatever the product raises."""
    deployment = Deployment(case)
    short, long = _judgements(deployment, case.records)
    deployment.run()
    folded = _folded(deployment, long)
    counts: Counter[str] = Counter(offered=len(case.records), cases=1)
    for partition in folded:
        counts += partition.counts
    counts["short way"] = short
    refused = [refusal for partition in folded for refusal in partition.refused]
    _dead_letters(deployment, refused)
    for _, reason in refused:
        counts[f"reason {reason}"] += 1
    counts["dead-lettered"] = len(refused)
    _counts(deployment, counts)
    _same(deployment, folded)
    counts["said"] = sum(len(partition.said) for partition in folded)
    counts["customers"] = sum(len(partition.customers) for partition in folded)
    counts["held"] = deployment.counts.of["partition held"]
    counts["batches"] = deployment.counts.of["batches"]
    return counts + afterwards(deployment)


def _judgements(deployment: Deployment, records: Iterable[InputRecord]) -> tuple[int, Judged]:
    """How many records go the short way, and what the long way says of each: both say the same."""
    judge = Judge(deployment.rules, deployment.settings.max_value_bytes)
    found = [judge(record) for record in records]
    with patch("consumer.decode.read_posting", _no_posting):
        judge = Judge(deployment.rules, deployment.settings.max_value_bytes)
        expected = [judge(record) for record in records]
    short = 0
    for one, other in zip(found, expected, strict=True):
        short += _agree(one, other)
        line = decode_line(other.record.value or b"", 1, TOPICS[0])
        if isinstance(line, Rejected):
            _explained(line)
    by_place = {_place(one.record): one for one in expected}
    return short, lambda record: by_place[_place(record)]


def _no_posting(_: bytes) -> None:
    """In place of the short way: every record is left to the model."""


def _agree(short: Decoded | Rejected, long: Decoded | Rejected) -> bool:
    """Raise Wrong unless both say the same; whether the first went the short way."""
    if isinstance(short, Rejected) or isinstance(long, Rejected):
        if short != long:
            raise Wrong(f"the two ways disagree:\n  {short}\n  {long}")
        if isinstance(long, Rejected):
            _explained(long)
        return False
    if type(short.event) is type(long.event):
        if short != long:
            raise Wrong(f"one record, two events:\n  {short}\n  {long}")
        return False
    for name in type(long.event).model_fields:
        if getattr(short.event, name) != getattr(long.event, name):
            raise Wrong(f"the two ways read another {name}: {short} and {long}")
    if short.occurred_ms != long.occurred_ms or short.record is not long.record:
        raise Wrong(f"the two ways disagree on the time or record: {short} and {long}")
    return True


def _explained(refused: Rejected) -> None:
    """A refusal says what is wrong and what to do, in words that can be printed."""
    if refused.reason not in REASONS or not refused.remedy or not refused.detail:
        raise Wrong(f"not explained: {refused}")
    if len(refused.detail) > 2_000 or not refused.detail.isprintable():
        raise Wrong(f"badly explained: {refused.detail!r}")


def _folded(deployment: Deployment, judge: Judged) -> list[Partition]:
    folded = []
    for number in range(deployment.log.partitions):
        inputs = {topic: deployment.log.inputs.get((topic, number), []) for topic in TOPICS}
        partition = Partition(deployment.rules.policy)
        partition.fold(inputs, judge, deployment.log.journals.get(number, []))
        folded.append(partition)
    return folded


def _dead_letters(deployment: Deployment, refused: list[tuple[InputRecord, str]]) -> None:
    """One for each refused record and no other: its bytes, coordinates, time and reason."""
    expected = {_place(record): (record, reason) for record, reason in refused}
    for letter in deployment.published(deployment.settings.dead_letters_topic):
        about = dead_letter_of(letter.headers)
        record, reason = expected.pop((about.topic, about.partition, about.offset), (None, None))
        if record is None:
            raise Wrong(f"a dead letter of a record that was not refused, or a second one: {about}")
        if (about.reason, about.timestamp) != (reason, record.timestamp_ms):
            raise Wrong(f"a dead letter says otherwise: {about}, refused for {reason}")
        if not about.detail or not about.remedy:
            raise Wrong(f"a dead letter without words: {about}")
        _kept(letter, record, whole=about.cut is None)
    if expected:
        raise Wrong(f"refused without a dead letter: {sorted(expected)}")


def _kept(letter: OutRecord, record: InputRecord, *, whole: bool) -> None:
    """A dead letter has the record's own bytes; of a very large one their beginning."""
    key, value = record.key or b"", record.value or b""
    headers = tuple((name, value or b"") for name, value in record.headers)
    if whole:
        if (letter.key or b"", letter.value) != (key, record.value):
            raise Wrong(f"a dead letter of other bytes: {letter} of {record}")
        if letter.headers[: len(headers)] != headers:
            raise Wrong(f"a dead letter with other headers: {letter} of {record}")
    elif not (key.startswith(letter.key or b"") and value.startswith(letter.value or b"")):
        raise Wrong(f"not the beginning of the record: {letter} of {record}")
    elif len(key) + len(value) + sum(len(n) + len(v) for n, v in headers) < _LARGE:
        raise Wrong(f"a dead letter cut without need: {letter}")


def _counts(deployment: Deployment, counts: Counter[str]) -> None:
    """Offered is accepted plus dead-lettered, and the worker, its journal and the oracle agree."""
    said = deployment.counts.of
    if counts["offered"] != counts["accepted"] + counts["dead-lettered"]:
        raise Wrong(f"counts differ: {counts}")
    journals = deployment.log.journals.values()
    taken = sum(batch.inputs for journal in journals for batch in journal)
    if not counts["offered"] == said["records"] == taken:
        raise Wrong(f"{counts['offered']} offered, {said['records']} reported, {taken} journalled")
    if said["dead_letters"] != counts["dead-lettered"]:
        raise Wrong(f"{said['dead_letters']} dead letters reported, not {counts['dead-lettered']}")
    for name in _BOTH:
        if said[name] != counts[name]:
            raise Wrong(f"{said[name]} {name} reported, {counts[name]} expected")


def _same(deployment: Deployment, folded: list[Partition]) -> None:
    """What is remembered and what was said are those of the sequential fold."""
    said: dict[bytes, list[bytes]] = {}
    for record in deployment.published(deployment.settings.stage_changes_topic):
        provenance_of(record.headers)
        json.loads(record.value or b"")
        said.setdefault(record.key or b"", []).append(record.value or b"")
    for number, partition in enumerate(folded):
        remembered = dict(deployment.keeper.everybody(number))
        if remembered != partition.customers:
            raise Wrong(f"other states:\n  {remembered}\n  {partition.customers}")
        same_timers(deployment, number, partition.customers)
        for output in partition.said:
            bodies = said.get(output.customer_id.encode(), [])
            if not bodies or bodies.pop(0) != to_record(output, "x").value:
                raise Wrong(f"not what was decided: {output}")
    if any(said.values()):
        raise Wrong(f"said and not decided: {said}")


def _place(record: InputRecord) -> tuple[str, int, int]:
    return record.topic, record.partition, record.offset
