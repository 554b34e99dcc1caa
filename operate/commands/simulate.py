"""`tenure simulate`: the simulated core-banking feed alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from consumer.kafka.reach import reach
from consumer.kafka.topics import check_topics
from consumer.settings import Settings
from operate import simulate as feed
from operate.commands.options import Config, Kafka, examples
from operate.exits import Ended, Exit
from operate.given import settings_of
from operate.lines import check_apart, written
from operate.simulate.broker import send
from operate.terminal import err, plain_table

EPILOG = examples(
    "tenure simulate --customers 2000 --days 730 --seed 1 --output feed.jsonl.gz",
    "tenure simulate --customers 500 --dirty --output feed.jsonl --truth truth.jsonl",
    "tenure simulate --customers 500 --days 180 --until-today --to-broker",
)
_DIRT = "Dirt: shares of 0 to 1 at which it strikes"


def _dirt(name: str, what: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(
        f"--dirt-{name}", min=0.0, max=1.0, rich_help_panel=_DIRT, metavar="SHARE", help=what
    )
    return option


def simulate(
    customers: Annotated[
        int, typer.Option(metavar="N", min=1, max=999_999, help="How many.")
    ] = 2_000,
    days: Annotated[int, typer.Option(metavar="N", min=1, max=36_500, help="How long.")] = 730,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed gives the same bytes.")] = 1,
    start: Annotated[
        datetime | None,
        typer.Option(
            metavar="DATE", formats=["%Y-%m-%d"], show_default="2024-01-01", help="The first day."
        ),
    ] = None,
    until_today: Annotated[
        bool,
        typer.Option(
            "--until-today",
            help="Yesterday is the last day: a feed for workers that follow the clock on the wall."
            " Instead of --start.",
        ),
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Canonical JSON Lines in arrival order; gzipped if the name ends in .gz, '-' is"
            " standard output.",
        ),
    ] = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Who really left, when, why and how: what the feed only hints at."
        ),
    ] = None,
    to_broker: Annotated[
        bool, typer.Option("--to-broker", help="To the input topics, as a producer of history.")
    ] = False,
    daily_watermarks: Annotated[
        bool,
        typer.Option("--daily-watermarks", help="An end-of-day marker each day, not only a last."),
    ] = False,
    dirty: Annotated[
        bool, typer.Option("--dirty", help="A little of every dirt, as a decent feed has it.")
    ] = False,
    duplicates: Annotated[float | None, _dirt("duplicates", "The same record twice.")] = None,
    resends: Annotated[
        float | None, _dirt("resends", "A topic's last hundred records again.")
    ] = None,
    late: Annotated[float | None, _dirt("late", "An hour to 47 hours late.")] = None,
    very_late: Annotated[float | None, _dirt("very-late", "Two days to three weeks late.")] = None,
    out_of_order: Annotated[
        float | None, _dirt("out-of-order", "Up to an hour behind those that came after.")
    ] = None,
    malformed: Annotated[
        float | None, _dirt("malformed", "One more record that no contract allows.")
    ] = None,
    future: Annotated[float | None, _dirt("future", "One more record dated far ahead.")] = None,
    config: Config = None,
    kafka: Kafka = None,
) -> None:
    """Play a simulated core-banking feed into a file, or into the input topics of a broker.

    Seeded and realistic: salaries, habits, seasons, fading, closing, returning. It knows who
    really left, when and why. It ends with a watermark of each topic, so that whoever reads it
    knows that it is complete. Dirty on request: what is wrong is wrong at the rate that you name.

    A broker's topics must exist (`tenure topics create`). A summary goes to standard error.
    """
    if (output is None) == (not to_broker):
        raise Ended(Exit.USAGE, "say where to: either --output FILE or --to-broker")
    if start is not None and until_today:
        raise Ended(Exit.USAGE, "say when: either --start DATE or --until-today")
    settings = settings_of(config, kafka_bootstrap_servers=kafka)
    outputs = {"--output": output, "--truth": None if truth is None else str(truth)}
    check_apart([] if config is None else [str(config)], outputs)
    base = feed.A_LITTLE if dirty else feed.Dirt()
    try:
        dirt = feed.Dirt(
            *(
                of_base if given is None else given
                for given, of_base in (
                    (duplicates, base.duplicates),
                    (resends, base.resends),
                    (late, base.late),
                    (very_late, base.very_late),
                    (out_of_order, base.out_of_order),
                    (malformed, base.malformed),
                    (future, base.future),
                )
            )
        )
    except ValueError as error:
        raise Ended(Exit.USAGE, str(error)) from None
    plan = feed.Plan(
        customers=customers,
        days=days,
        seed=seed,
        start=_first_day(start, days, until_today=until_today),
        dirt=dirt,
        watermarks="daily" if daily_watermarks else "end",
        accounts_topic=settings.topics[0],
        transactions_topic=settings.topics[-1],
    )
    if truth is not None:
        feed.write_truth(truth, feed.truth(plan))
    with _with_progress(plan) as records:
        done = _to_broker(settings, records) if output is None else _to_file(output, records)
    _summarise(done)


def _first_day(start: datetime | None, days: int, *, until_today: bool) -> date:
    """The day named, or the one after which so many days lie until today, or the usual one."""
    if until_today:
        return datetime.now(feed.ZONE).date() - timedelta(days=days)
    return feed.Plan().start if start is None else start.date()


def _to_file(output: str, records: Iterator[feed.FeedRecord]) -> feed.Written:
    """As operate.simulate.write_file, and to standard output too."""
    done = feed.Written()
    with written(output) as file:
        for record in records:
            if record.dirt not in feed.ONLY_THE_KEY:
                file.write(record.value + b"\n")
                done.count(record)
    return done


def _to_broker(settings: Settings, records: Iterator[feed.FeedRecord]) -> feed.Written:
    reach(settings)
    partitions = check_topics(settings)
    connection = settings.kafka()
    connection.pop("bootstrap_servers")
    return send(
        settings.kafka_bootstrap_servers,
        records,
        partitions,
        partitioner=settings.partitioner,
        client_settings=connection,
    )


@contextmanager
def _with_progress(plan: feed.Plan) -> Iterator[Iterator[feed.FeedRecord]]:
    """The feed's records, with a bar on a terminal while they are made."""
    console = err()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("days", total=plan.days)
        yield feed.simulate(plan, lambda day: bar.update(task, completed=day))


def _summarise(done: feed.Written) -> None:
    table = plain_table("", ">")
    table.add_row("records", f"{done.records:,}")
    table.add_row("bytes", f"{done.bytes:,}")
    for topic, count in sorted(done.topics.items()):
        table.add_row(topic, f"{count:,}")
    for kind, count in sorted(done.dirt.items()):
        table.add_row(f"dirt: {kind}", f"{count:,}")
    err().print(table)
