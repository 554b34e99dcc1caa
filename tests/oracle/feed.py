"""A simulated feed in files, and what the product makes of it: one plain replay of each.

A feed is cut into parts by customer, with the closing watermarks in every part. Customers do not
know of each other, so a part is folded as the whole would be, and parts can be folded side by side.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from consumer.decode import DEFAULT_LIMITS
from operate.lines import decode_lines, read_lines
from operate.replay import Replay
from operate.simulate import ACCOUNTS, TRANSACTIONS, Plan, simulate
from schemas.outputs import Output
from statemachine.policy import Policy
from tests.oracle.database import Oracle
from tests.oracle.reasons import Reason, StageChange, reasons_in, stage_changes_in


@dataclass(slots=True)
class Folded:
    """What the product said: the reasons, and the changes of stage for the SQL."""

    reasons: list[Reason] = field(default_factory=list)
    stage_changes: list[StageChange] = field(default_factory=list)

    def add(self, other: Folded) -> None:
        """The same of other customers."""
        self.reasons += other.reasons
        self.stage_changes += other.stage_changes


def write_parts(plan: Plan, folder: Path, parts: int = 1) -> list[Path]:
    """The plan's feed as so many files in a folder of its own, which must not exist."""
    folder.mkdir(parents=True)
    files = [folder / f"part-{number:03d}.jsonl" for number in range(parts)]
    with ExitStack() as stack:
        opened = [stack.enter_context(file.open("wb")) for file in files]
        for record in simulate(plan):
            if record.key is None:
                for file in opened:
                    file.write(record.value + b"\n")
            else:
                opened[int(record.key[1:]) % parts].write(record.value + b"\n")
    return files


def fold(policy: Policy, file: Path) -> Folded:
    """What the product makes of one part. Raises AssertionError if the feed is not clean."""
    lines = decode_lines(read_lines(str(file)), file.name, DEFAULT_LIMITS)
    replay = Replay(policy, (ACCOUNTS, TRANSACTIONS))
    outputs: dict[str, list[Output]] = {}
    for output in replay.run(lines):
        outputs.setdefault(output.customer_id, []).append(output)
    if replay.refused or replay.tally.duplicates or replay.tally.late:
        raise AssertionError(f"the feed is not clean: {replay.tally}, {replay.refused[:3]}")
    return told_in(outputs.values(), ZoneInfo(policy.zone))


def told_in(outputs: Iterable[list[Output]], zone: ZoneInfo) -> Folded:
    """What is compared of the outputs of each customer."""
    found = Folded()
    for said in outputs:
        found.reasons += reasons_in(said, zone)
        found.stage_changes += stage_changes_in(said, zone)
    return found


def days_of(plan: Plan) -> tuple[date, datetime]:
    """The plan's first day, and the midnight up to which its feed is complete, in bank time."""
    return plan.start, datetime.combine(plan.start, time()) + timedelta(days=plan.days)


def oracle_over(
    policy: Policy, folder: Path, told: Folded, first_day: date, horizon: datetime
) -> Oracle:
    """The SQL over a folder of files that are complete up to the horizon."""
    feed = str(folder / "*.jsonl")
    return Oracle(policy, feed, told.stage_changes, first_day=first_day, horizon=horizon)
