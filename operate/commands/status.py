"""`tenure status`: where every partition is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from consumer.hold import Hold
from operate.commands.options import Config, Deployment, Json, Kafka, Redis, examples
from operate.exits import Ended, Exit
from operate.given import keeper_of, settings_of
from operate.log import open_log
from operate.terminal import out, plain_table, say, say_json
from schemas.base import rfc3339
from statemachine.stages import STAGES
from store.port import PartitionRecord

EPILOG = examples("tenure status", "tenure status --json", "watch --interval 2 tenure status")


@dataclass(frozen=True, slots=True)
class Line:
    """One partition: what the store remembers, and how much waits in the topics."""

    partition: int
    owner: str | None
    record: PartitionRecord | None
    ends: Mapping[str, int]

    @property
    def lag(self) -> int:
        """Records not yet consumed; transaction markers of the producers may count."""
        done = {} if self.record is None else self.record.position.offsets
        return sum(max(0, end - done.get(topic, 0)) for topic, end in self.ends.items())

    @property
    def held(self) -> str | None:
        """Why it is held, if it is."""
        if self.record is None or not self.record.held:
            return None
        return Hold.unpack(self.record.bad_window).summary()

    def as_json(self) -> dict[str, Any]:
        """For scripts: one object."""
        record = self.record
        return {
            "partition": self.partition,
            "owner": self.owner,
            "batch": None if record is None else record.position.batch,
            "offsets": {} if record is None else dict(record.position.offsets),
            "ends": dict(self.ends),
            "lag": self.lag,
            "clock": None if record is None or record.clock is None else rfc3339(record.clock),
            "watermarks": {}
            if record is None
            else {topic: rfc3339(time) for topic, time in record.watermarks.items()},
            "stages": {} if record is None else dict(record.stages),
            "held": self.held,
            "policy_digest": None if record is None else record.policy_digest,
        }


def status(
    config: Config = None,
    kafka: Kafka = None,
    redis: Redis = None,
    deployment: Deployment = None,
    as_json: Json = False,
) -> None:
    """Show every partition: its worker, position, lag and clock, customers by stage, holds.

    The clock is how far time has come by the events' own word: nothing is due before it. Lag is
    what waits in the input topics. A held partition's feed has gone bad: see `tenure accept-bad`.
    """
    settings = settings_of(
        config, kafka_bootstrap_servers=kafka, redis_url=redis, deployment=deployment
    )
    keeper = keeper_of(settings)
    keeper.look(0)  # no Redis is told before Kafka is asked
    with open_log(settings) as log:
        ends = {topic: log.ends(topic) for topic in settings.topics}
    numbers = sorted({number for of_topic in ends.values() for number in of_topic})
    if not numbers:
        raise Ended(Exit.REFUSED, "the input topics do not exist; run: tenure topics create")
    lines = [
        Line(
            number,
            *keeper.look(number),
            {topic: of_topic[number] for topic, of_topic in ends.items() if number in of_topic},
        )
        for number in numbers
    ]
    if as_json:
        for line in lines:
            say_json(line.as_json())
        return
    _print(lines, settings.deployment)


def _print(lines: list[Line], deployment: str) -> None:
    table = plain_table(
        ">partition", "worker", ">batch", ">lag", "clock", *(f">{stage}" for stage in STAGES), ""
    )
    totals = dict.fromkeys(STAGES, 0)
    for line in lines:
        record = line.record
        stages = {} if record is None else record.stages
        for stage in STAGES:
            totals[stage] += stages.get(stage, 0)
        clock = None if record is None else record.clock
        table.add_row(
            str(line.partition),
            line.owner or "-",
            "-" if record is None else f"{record.position.batch:,}",
            f"{line.lag:,}",
            "-" if clock is None else rfc3339(clock)[:16].replace("T", " "),
            *(f"{stages.get(stage, 0):,}" for stage in STAGES),
            "" if line.held is None else "HELD",
        )
    table.add_section()
    lag = f"{sum(line.lag for line in lines):,}"
    table.add_row("all", "", "", lag, "", *(f"{totals[stage]:,}" for stage in STAGES), "")
    console = out()
    console.print(table)
    for line in lines:
        if line.held is not None:
            say(
                console,
                f"partition {line.partition} is held: {line.held}; repair the feed, then"
                f" `tenure accept-bad {line.partition}`",
            )
    digests = {line.record.policy_digest for line in lines if line.record is not None}
    say(console, f"deployment {deployment}; policy {', '.join(sorted(digests)) or 'none yet'}")
