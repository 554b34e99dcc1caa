"""A run's result for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import Any

from rich.table import Table

from tests.live_faults.run import Result, Strike
from tests.live_faults.world import SESSION_SECONDS, Plan


def quantile(values: Sequence[float], share: float) -> float:
    """The least value that is not exceeded by `share` of them."""
    ordered = sorted(values)
    return ordered[max(0, ceil(len(ordered) * share) - 1)] if ordered else 0.0


def by_kind(strikes: Sequence[Strike]) -> dict[str, list[float]]:
    """The times to recover, by kind of fault."""
    found: dict[str, list[float]] = {}
    for strike in strikes:
        found.setdefault(strike.fault.kind, []).append(strike.seconds)
    return dict(sorted(found.items()))


def faults_table(result: Result) -> Table:
    """Faults by kind, with the time until all partitions moved again."""
    table = Table(title="Faults, and seconds until every partition moved again")
    table.add_column("fault")
    for name in ("count", "p50", "p99", "max", "p99 less session"):
        table.add_column(name, justify="right")
    after_session = {strike.fault.kind for strike in result.strikes if strike.fault.after_session}
    for kind, seconds in by_kind(result.strikes).items():
        p99 = quantile(seconds, 0.99)
        less = f"{max(0.0, p99 - SESSION_SECONDS):.1f}" if kind in after_session else ""
        numbers = (quantile(seconds, 0.5), p99, max(seconds))
        table.add_row(kind, str(len(seconds)), *(f"{number:.1f}" for number in numbers), less)
    every = [strike.seconds for strike in result.strikes]
    table.add_section()
    numbers = (quantile(every, 0.5), quantile(every, 0.99), max(every, default=0.0))
    table.add_row("all", str(len(every)), *(f"{number:.1f}" for number in numbers), "")
    return table


def findings_table(result: Result) -> Table:
    """What was published and remembered, and how it differs."""
    verdict, seen = result.verdict, result.subscriber
    found = verdict.differences
    table = Table(title="What was said and remembered")
    table.add_column("")
    table.add_column("at the end", justify="right")
    table.add_column("while it ran", justify="right")
    rows: list[tuple[str, int, int | None]] = [
        ("events", verdict.events, None),
        ("input records that the feed and the topics disagree on", result.missing_inputs, None),
        ("changes", verdict.changes, seen.changes),
        ("lost", found.lost, seen.lost),
        ("doubled", found.doubled, seen.doubled),
        ("reordered", found.reordered, seen.reordered),
        ("never decided", found.foreign, None),
        ("customers", verdict.customers, None),
        ("remembered otherwise", found.states, None),
        ("current stages that differ", found.stages, None),
        ("dead letters", verdict.dead_letters, None),
        ("dead letters that differ", found.dead_letters, None),
        ("journals that cannot be followed", found.failures, None),
    ]
    for name, end, live in rows:
        table.add_row(name, f"{end:,}", "" if live is None else f"{live:,}")
    return table


def summary(plan: Plan, result: Result, seconds: float) -> dict[str, Any]:
    """Everything, for a program."""
    verdict, seen = result.verdict, result.subscriber
    return {
        "clean": result.is_clean,
        "seed": plan.seed,
        "wall_seconds": round(seconds, 1),
        "session_timeout_seconds": SESSION_SECONDS,
        "faults": {
            kind: {
                "count": len(times),
                "p50": round(quantile(times, 0.5), 2),
                "p99": round(quantile(times, 0.99), 2),
                "max": round(max(times), 2),
            }
            for kind, times in by_kind(result.strikes).items()
        },
        "fault_count": len(result.strikes),
        "strikes": [
            {
                "kind": strike.fault.kind,
                "at": round(strike.at, 1),
                "detail": strike.detail,
                "seconds": round(strike.seconds, 2),
            }
            for strike in result.strikes
        ],
        "events": verdict.events,
        "input_records": verdict.inputs,
        "input_records_sent": result.sent,
        "changes": verdict.changes,
        "customers": verdict.customers,
        "batches": verdict.batches,
        "dead_letters": verdict.dead_letters,
        "lost": verdict.differences.lost,
        "doubled": verdict.differences.doubled,
        "reordered": verdict.differences.reordered,
        "never_decided": verdict.differences.foreign,
        "remembered_otherwise": verdict.differences.states,
        "stages_that_differ": verdict.differences.stages,
        "dead_letters_that_differ": verdict.differences.dead_letters,
        "journals_that_cannot_be_followed": verdict.differences.failures,
        "seen_while_running": {
            "changes": seen.changes,
            "lost": seen.lost,
            "doubled": seen.doubled,
            "reordered": seen.reordered,
        },
        "examples": [*verdict.differences.examples, *seen.examples],
        "ended_unasked": result.ended,
        "stopped_badly": result.stopped_badly,
    }
