"""`tenure replay`: a log through the fold, without any server."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Annotated

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.table import Table
from rich.text import Text

from consumer.decode import Limits
from consumer.rejection import Rejected
from consumer.report import MOST_UNKNOWN, UNKNOWN_REMEDY
from operate.commands.options import Config, Deployment, Policy, examples
from operate.events import moment
from operate.given import policy_of, settings_of
from operate.lines import STDIN, check_apart, read_files, written
from operate.replay import Replay
from operate.terminal import err, plain_table, say
from schemas.base import rfc3339, to_millis
from schemas.cloudevents import to_structured
from statemachine.stages import STAGES

EPILOG = examples(
    "tenure replay events.jsonl --output changes.jsonl",
    "tenure replay accounts.jsonl.gz postings.jsonl.gz --policy my-policy.yaml --output -",
    "tenure simulate --customers 500 --output - | tenure replay - --output changes.jsonl",
)


def replay(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...", help="Canonical JSON Lines, plain or gzipped; '-' is standard input."
        ),
    ],
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="What is said, as CloudEvents in JSON Lines; gzipped if the name ends in .gz,"
            " '-' is standard output.",
        ),
    ] = STDIN,
    policy: Policy = None,
    dead_letters: Annotated[
        str | None,
        typer.Option(
            "--dead-letters", metavar="FILE", help="Where refused lines go, with the reason."
        ),
    ] = None,
    complete_through: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="The files are complete up to this time (RFC 3339 with offset): what is due until"
            " then fires at the end. Not needed where they end with a watermark of every topic.",
        ),
    ] = None,
    config: Config = None,
    deployment: Deployment = None,
) -> None:
    """Fold a log of events without any server and write what would have been said.

    The plain sequential reference, and the simplest way to try a policy. Several files are merged
    by received_at (else occurred_at), each keeping its own order. For a log closed by a watermark
    of every input topic, and in which nothing is late, a live worker says the same of every
    customer.

    A watermark (feed.watermark) counts once every input topic has sent one. If your log comes
    from one topic, name it in TENURE_INPUT_TOPICS. A summary goes to standard error.
    """
    settings = settings_of(config, policy_file=policy, deployment=deployment)
    read = [*files, *(str(file) for file in (config, settings.policy_file) if file is not None)]
    check_apart(read, {"--output": output, "--dead-letters": dead_letters})
    through = None if complete_through is None else to_millis(moment(complete_through))
    rules = policy_of(settings)
    limits = Limits(settings.max_value_bytes, rules.stream.future_tolerance.millis)
    one = Replay(rules, settings.topics)
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
    started = time.monotonic()
    with ExitStack() as opened:
        source = f"tenure/{settings.deployment}"
        said = opened.enter_context(written(output))
        dead = None if dead_letters is None else opened.enter_context(written(dead_letters))
        refused = 0
        for item in read_files(files, limits):
            for decision in one.take(item):
                said.write(to_json(to_structured(decision, source)) + b"\n")
            if one.refused:
                refused += len(one.refused)
                for letter in _emptied(one.refused):
                    _bury(letter, dead)
        if through is not None:
            for decision in one.complete(through):
                said.write(to_json(to_structured(decision, source)) + b"\n")
    seconds = time.monotonic() - started
    console = err()
    console.print(_summary(one, refused, seconds))
    console.print(_stage_table(one))
    if one.tally.postings:
        console.print(_source_table(one))
    _explain(console, one, settings.topics, dead_letters, refused)


def _emptied(refused: list[Rejected]) -> Iterator[Rejected]:
    while refused:
        yield refused.pop(0)


def _bury(letter: Rejected, dead: IO[bytes] | None) -> None:
    """Write one refused line: where it was, why, and the line itself."""
    if dead is None:
        return
    record = letter.record
    line = {
        "file": record.topic,
        "line": record.offset,
        "reason": letter.reason,
        "detail": letter.detail,
        "remedy": letter.remedy,
        "value": (record.value or b"").decode(errors="backslashreplace"),
    }
    dead.write(to_json(line) + b"\n")


def _summary(one: Replay, refused: int, seconds: float) -> Table:
    tally = one.tally
    table = plain_table("", ">")
    table.add_row("events", f"{tally.events:,}")
    table.add_row("of them duplicates", f"{tally.duplicates:,}")
    table.add_row("of them late", f"{tally.late:,}")
    table.add_row("refused lines", f"{refused:,}")
    table.add_row("outputs", f"{tally.outputs:,}")
    table.add_row("customers", f"{len(one.customers):,}")
    clock = one.clock.time
    table.add_row("clock", "not started" if clock is None else rfc3339(clock))
    table.add_row("events/s", f"{tally.events / max(seconds, 0.001):,.0f}")
    return table


def _stage_table(one: Replay) -> Table:
    counted = one.stages()
    table = plain_table("stage", ">customers")
    for stage in STAGES:
        table.add_row(stage, f"{counted[stage]:,}")
    return table


def _source_table(one: Replay) -> Table:
    """How much of each feed tells who caused its postings."""
    tally = one.tally
    table = plain_table("source", ">postings", ">unknown initiators")
    for source, postings in sorted(tally.postings.items()):
        share = tally.unknown_initiators[source] / postings
        table.add_row(Text(source), f"{postings:,}", f"{share:.1%}")
    return table


def _explain(
    console: Console, one: Replay, topics: tuple[str, ...], dead_letters: str | None, refused: int
) -> None:
    """What the reader should know to trust the result."""
    if refused and dead_letters is None:
        say(console, f"{refused:,} lines were refused: --dead-letters FILE tells why")
    for source, postings in sorted(one.tally.postings.items()):
        share = one.tally.unknown_initiators[source] / postings
        if share > MOST_UNKNOWN:
            most = (
                f"{share:.1%} of its postings have an unknown initiator, above {MOST_UNKNOWN:.0%}"
            )
            say(console, f"{source}: {most}; {UNKNOWN_REMEDY}", "yellow")
    silent = [topic for topic in topics if topic not in one.clock.watermarks]
    if silent and one.clock.watermarks:
        say(
            console,
            f"no watermark of {', '.join(silent)}: until there is one, the others' do not count"
            " (TENURE_INPUT_TOPICS names the topics)",
        )
