"""What the demo's worker decided, read from its topic as any subscriber would."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from consumer.settings import Settings
from operate.log import open_log
from operate.timeline import read_output
from schemas.outputs import Kind, Output, RiskReasonsChanged, Stage, StageChanged
from statemachine.stages import MOVES, Move

FORWARD: frozenset[Kind] = frozenset(
    {"entered", "progressed", "activated", "activated_late", "recovered", "won_back"}
)
BACK: frozenset[Kind] = frozenset({"warned", "expired", "left"})

_Row = tuple[str | None, str, str, str | None]


@dataclass(slots=True)
class Result:
    """Every decision, counted in the ways that the demo shows."""

    stages: Counter[Stage] = field(default_factory=Counter)
    """Customers by the stage in which they ended."""
    flow: dict[tuple[Stage | None, Stage], Counter[Kind]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    reason_changes: int = 0
    stories: dict[str, list[Output]] = field(default_factory=lambda: defaultdict(list))
    """By customer, in order."""

    @property
    def moves(self) -> int:
        """Stage changes."""
        return sum(counter.total() for counter in self.flow.values())

    def counted(self, kinds: Iterable[Kind]) -> int:
        """How many stage changes were of these kinds."""
        wanted = set(kinds)
        return sum(
            count for kinds in self.flow.values() for kind, count in kinds.items() if kind in wanted
        )

    def fired(self) -> Mapping[Move, int]:
        """How often each row of the move table was taken."""
        counts: Counter[_Row] = Counter()
        for story in self.stories.values():
            counts.update(
                (one.from_stage, one.to_stage, one.kind, one.lost_by)
                for one in story
                if isinstance(one, StageChanged)
            )
        return {move: counts[move.source, move.target, move.kind, move.loses_by] for move in MOVES}


def collect(outputs: Iterable[Output]) -> Result:
    """Count decisions; each customer's in order."""
    result = Result()
    last: dict[str, Stage] = {}
    for output in outputs:
        result.stories[output.customer_id].append(output)
        if isinstance(output, RiskReasonsChanged):
            result.reason_changes += 1
            continue
        result.flow[output.from_stage, output.to_stage][output.kind] += 1
        last[output.customer_id] = output.to_stage
    result.stages.update(last.values())
    return result


def read_result(settings: Settings) -> Result:
    """Read the whole topic of stage changes."""
    topic = settings.stage_changes_topic
    with open_log(settings) as log:
        return collect(
            read_output(record.value)
            for partition in log.partitions(topic)
            for record in log.range(topic, partition, log.begins(topic, partition))
        )


def interesting(stories: Mapping[str, Sequence[Output]], most: int = 3) -> list[str]:
    """Customers whose lives, together, show the most: each adds kinds that no other has shown."""
    chosen: list[str] = []
    shown: set[str] = set()
    while len(chosen) < most:
        rest = [name for name in stories if name not in chosen]
        if not rest:
            break
        best = max(rest, key=lambda name: (*_worth(stories[name], shown), name))
        chosen.append(best)
        shown |= _kinds(stories[best])
    return chosen


_LONGEST = 8


def _worth(story: Sequence[Output], shown: set[str]) -> tuple[int, int, int]:
    """New kinds first, then all kinds, then brevity; nothing that does not fit on a screen."""
    if len(story) > _LONGEST:
        return (-1, 0, 0)
    kinds = _kinds(story)
    return (len(kinds - shown), len(kinds), -len(story))


def _kinds(story: Sequence[Output]) -> set[str]:
    return {
        f"{one.kind} {one.lost_by or ''}" if isinstance(one, StageChanged) else "reasons"
        for one in story
    }
