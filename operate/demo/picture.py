"""The demo's result for people: stages, flows, stories, and the rows of the move table."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from operate.demo.judged import FORESIGHT, KNOWN_FOR, SOON, Judged, Judgement
from operate.demo.play import Course
from operate.demo.result import BACK, FORWARD, Result, interesting
from operate.terminal import plain_table, say
from operate.timeline import evidence_of, line_of
from schemas.outputs import Kind, Stage
from statemachine.stages import STAGES, Move

_ABOUT = {
    "potential": "knows the bank, has nothing there yet",
    "new": "has a first product, learns to use it",
    "active": "uses the bank",
    "at_risk": "is leaving, for a reason that is known",
    "lost": "does not use the bank any more",
}


def draw(
    console: Console, result: Result, judgement: Judgement, course: Course, zone: ZoneInfo
) -> None:
    """Everything, in the order in which it explains itself."""
    console.print()
    console.print(stage_table(result))
    console.print()
    console.print(flow_table(result))
    say(
        console,
        f"forward {result.counted(FORWARD):,}, back {result.counted(BACK):,}, adopted"
        f" {result.counted({'adopted'}):,}; reasons changed without a move"
        f" {result.reason_changes:,} times",
    )
    for customer_id in interesting(result.stories):
        _story(console, customer_id, result, zone)
    console.print()
    console.print(move_table(result))
    missing = [row for row, count in result.fired().items() if not count]
    total = len(result.fired())
    say(console, f"{total - len(missing)} of the {total} rows of the move table were taken")
    for row in missing:
        say(console, f"NOT taken: {row_text(row)}", "red")
    console.print()
    console.print(truth_table(judgement))
    say(console, CAPTION, "dim")
    console.print()
    say(
        console,
        f"{course.events:,} events fed in {course.fed_seconds:.0f} s, decided in"
        f" {course.decided_seconds:.0f} s: {course.rate:,.0f} events/s, {result.moves:,} moves",
        "bold",
    )


def stage_table(result: Result) -> Table:
    """Where the customers stand at the end."""
    table = plain_table("stage", ">customers", ">share", "", title="Where they stand")
    total = result.stages.total()
    for stage in STAGES:
        count = result.stages[stage]
        table.add_row(stage, f"{count:,}", f"{count / max(total, 1):.1%}", _ABOUT[stage])
    return table


def flow_table(result: Result) -> Table:
    """From (rows) and to (columns), each kind of move with its count; ^ forward, v back."""
    table = Table(title="How they moved (+ forward, - back)", title_justify="left", pad_edge=False)
    table.add_column("from \\ to")
    for stage in STAGES:
        table.add_column(stage)
    sources: tuple[Stage | None, ...] = (None, *STAGES)
    for source in sources:
        table.add_row(
            source or "(none)", *(_cell(result.flow.get((source, to), {}).items()) for to in STAGES)
        )
    return table


def _cell(kinds: Iterable[tuple[Kind, int]]) -> str:
    lines = []
    for kind, count in sorted(kinds, key=lambda one: -one[1]):
        sign = "+" if kind in FORWARD else "-" if kind in BACK else " "
        lines.append(f"{sign} {kind} {count:,}")
    return "\n".join(lines)


CAPTION = fill(
    "left: really left within the plan, of their own will, before the call or after; leaning:"
    " really leaving, not gone; false: neither. precision: left of calls. caught: called while"
    f" leaving or at most {SOON.days} days after the last act, and a day before any closing; of all"
    f" who left, were known for {KNOWN_FOR.days} days and were followed up for {SOON.days}. before:"
    " a day before the last act. lead: median days from the call to the last act, negative after"
    " it. Calls of who had left before the plan began are left out; more than"
    f" {FORESIGHT.days} days ahead of a leaving they are false.",
    98,
)
"""What the table of truth means; judged.py says it in full."""


def truth_table(judgement: Judgement) -> Table:
    """What the calls at risk were worth, in all and of each rule."""
    headings = (">calls", ">left", ">leaning", ">false", ">precision", ">caught", ">recall")
    table = plain_table("at risk", *headings, ">before", ">lead", title="At risk against the truth")
    for rule in sorted(judgement, key=lambda name: name or ""):
        table.add_row(rule or "in all", *_truth_cells(judgement[rule]))
    return table


def _truth_cells(one: Judged) -> list[str]:
    shares = [None if of is None else f"{of:.0%}" for of in (one.precision, one.recall)]
    lead = one.median_lead
    return [
        *(f"{count:,}" for count in (one.calls, one.right, one.leaning, one.false)),
        shares[0] or "-",
        f"{one.caught:,} of {one.departures:,}",
        shares[1] or "-",
        f"{one.before:,}",
        "-" if lead is None else f"{lead:.0f} days",
    ]


def move_table(result: Result) -> Table:
    """Every row of the move table, and how often it was taken."""
    table = plain_table("from", "trigger", "to", "kind", ">times", title="The move table")
    for row, count in result.fired().items():
        lost = f" ({row.loses_by})" if row.loses_by else ""
        table.add_row(
            row.source or "(none)",
            row.trigger.replace("_", " "),
            f"{row.target}{lost}",
            row.kind,
            f"{count:,}",
        )
    return table


def row_text(row: Move) -> str:
    """One row of the move table on one line."""
    lost = f" ({row.loses_by})" if row.loses_by else ""
    return f"{row.source or '(none)'} -> {row.target}{lost}, {row.kind}, when {row.trigger}"


def _story(console: Console, customer_id: str, result: Result, zone: ZoneInfo) -> None:
    console.print()
    say(console, f"The story of {customer_id}", "bold")
    for output in result.stories[customer_id]:
        say(console, f"  {line_of(output, zone)}")
        for line in evidence_of(output, zone):
            say(console, f"      {line}", "dim")
