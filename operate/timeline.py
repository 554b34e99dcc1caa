"""Telling a customer's story: what was decided, in plain lines, from the records of the log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import Field, TypeAdapter

from consumer.partitioner import partition_of
from operate.log import LogReader
from schemas.outputs import Next, Output, Reason, RiskReasonsChanged, StageChanged

_OUTPUTS: Final[TypeAdapter[Output]] = TypeAdapter(
    Annotated[StageChanged | RiskReasonsChanged, Field(discriminator="type")]
)
_WINDOW: Final = 20_000
"""Offsets read at once on the way back from the end."""


def read_output(value: bytes) -> Output:
    """The decision in a record's value."""
    return _OUTPUTS.validate_json(value)


def structured(record: Any) -> dict[str, Any]:
    """A record in binary mode as one object: the CloudEvent in structured mode."""
    attributes = {
        name.removeprefix("ce_"): value.decode()
        for name, value in record.headers
        if name.startswith("ce_")
    }
    output = read_output(record.value)
    return {
        **attributes,
        "datacontenttype": "application/json",
        "data": output.model_dump(mode="json", by_alias=True),
    }


def story_of(log: LogReader, topic: str, customer_id: str, total: int, most: int) -> list[Output]:
    """The last `most` decisions about a customer of whom `total` are known, the oldest first.

    Only the customer's partition is read, from its end backwards until enough is found.
    """
    key = customer_id.encode()
    ends = log.ends(topic)
    if not ends:
        return []
    # The worker publishes by key with the client's own partitioner, whatever the feeds use.
    place = partition_of(key, len(ends), "murmur2")
    first, begin = log.begins(topic, place), ends[place]
    wanted = min(most, total)
    found: list[Output] = []
    end: int | None = None
    while begin > first and len(found) < wanted:
        begin = max(first, begin - _WINDOW)
        found[:0] = [
            read_output(record.value)
            for record in log.range(topic, place, begin, end)
            if record.key == key and record.value is not None
        ]
        end = begin
    return found[-most:]


def local(text: str, zone: ZoneInfo) -> str:
    """An RFC 3339 time as the bank's clock shows it, to the minute."""
    return datetime.fromisoformat(text).astimezone(zone).strftime("%Y-%m-%d %H:%M")


def line_of(output: Output, zone: ZoneInfo) -> str:
    """One decision on one line: when, from, to, why."""
    when = local(output.effective_at, zone)
    if isinstance(output, StageChanged):
        source = output.from_stage or "(none)"
        target = output.to_stage + (f" ({output.lost_by})" if output.lost_by else "")
        return f"{when}  {source} -> {target}, {output.kind}: {output.why}"
    return f"{when}  {output.stage} stays: {output.why}"


def evidence_of(output: Output, zone: ZoneInfo) -> list[str]:
    """What a decision rests on: the reasons' numbers, else the rule's own."""
    if isinstance(output, StageChanged):
        reasons: Sequence[Reason] = output.reasons
    else:
        reasons = [*output.raised, *output.cleared]
    lines = [reason_line(reason) for reason in reasons]
    evidence = output.evidence
    if evidence.values and not (lines and evidence.rule in {one.rule for one in reasons}):
        lines.append(f"{evidence.rule}: {numbers(evidence.values, evidence.thresholds)}")
    cause = output.caused_by
    name = cause.type if cause.due is None else f"{cause.due} was due"
    lines.append(f"because of {name} at {local(cause.occurred_at, zone)}")
    return lines


def reason_line(reason: Reason) -> str:
    """A reason with its numbers."""
    return f"{reason.rule} ({reason.group}): {numbers(reason.values, reason.thresholds)}"


def next_line(coming: Next, zone: ZoneInfo) -> str:
    """What happens if nothing else does."""
    rule, colon, _ = coming.what.partition(":")
    what = f"{rule} clears" if colon else coming.what
    return f"{what} on {local(coming.at, zone)} unless {coming.unless}"


def numbers(values: Mapping[str, str | int], thresholds: Mapping[str, str | int]) -> str:
    """Values beside the thresholds that they met."""
    parts = [f"{name.replace('_', ' ')} {value}" for name, value in sorted(values.items())]
    limits = [f"{name.replace('_', ' ')} {value}" for name, value in sorted(thresholds.items())]
    text = ", ".join(parts)
    return f"{text} (limit: {', '.join(limits)})" if limits else text
