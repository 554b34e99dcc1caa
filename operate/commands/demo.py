"""`tenure demo`: see it work, on this machine alone."""

from __future__ import annotations

import shlex
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from operate.commands.options import examples
from operate.demo import play as course
from operate.demo.judged import judge
from operate.demo.picture import draw
from operate.demo.result import Result, interesting, read_result
from operate.demo.stage import Stage, set_up
from operate.given import policy_in
from operate.simulate import DELAYS, Plan, truth
from operate.terminal import out, say
from schemas.base import rfc3339
from schemas.outputs import StageChanged

_SPEAK_SECONDS = 10.0

EPILOG = examples(
    "tenure demo",
    "tenure demo --customers 500 --days 365 --seed 7 --exit",
)


def demo(
    customers: Annotated[
        int, typer.Option(metavar="N", min=1, max=100_000, help="How many.")
    ] = 2_000,
    days: Annotated[
        int, typer.Option(metavar="N", min=1, max=3_650, help="How long they live.")
    ] = 730,
    seed: Annotated[int, typer.Option(metavar="N", help="The same seed gives the same lives.")] = 1,
    exit_: Annotated[
        bool,
        typer.Option(
            "--exit", envvar="TENURE_DEMO_EXIT", help="End when done; else the servers stay up."
        ),
    ] = False,
) -> None:
    """Play two years of a bank through a broker, a store and a worker, and show what was decided.

    Starts an embedded Kafka-compatible broker and an embedded Redis on ports of their own (no
    Docker, no Java, nothing kept), a worker as a process, and a simulated core-banking feed that
    goes through real sockets. Then it keeps the servers up until Ctrl-C, with three commands to
    paste.
    """
    console = out()
    plan = Plan(customers=customers, days=days, seed=seed, dirt=DELAYS)
    asked = _ends_on_request()
    began = time.monotonic()
    with set_up() as stage:
        say(console, f"broker {stage.settings.kafka_bootstrap_servers}, policy {stage.policy_file}")
        with _bars(console, days, asked) as tell:
            ran = course.play(stage, plan, tell)
        result = read_result(stage.settings)
        judgement = judge(result.stories, truth(plan), plan.begins_at, plan.ends_at)
        draw(console, result, judgement, ran, policy_in(stage.policy_file).calendar.zone)
        say(console, f"the whole demo took {time.monotonic() - began:.0f} s")
        _invite(console, stage, result, staying=not exit_)
        if not exit_:
            with suppress(KeyboardInterrupt):
                asked.wait()


@contextmanager
def _bars(
    console: Console, days: int, asked: threading.Event
) -> Iterator[Callable[[course.Progress], None]]:
    """What tells of the progress: bars on a terminal, elsewhere a line now and then."""
    columns = (
        TextColumn("{task.description:8}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
    )
    spoke = time.monotonic()
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:
        feed = bars.add_task("feed", total=days, note="")
        worker = bars.add_task("worker", total=None, note="")

        def tell(now: course.Progress) -> None:
            nonlocal spoke
            if asked.is_set():
                raise KeyboardInterrupt
            fed = f"{now.days:,} of {days:,} days"
            waiting = "" if now.lag is None else f", {now.lag:,} wait"
            decided = f"{now.decided:,} events decided{waiting}"
            bars.update(feed, completed=now.days, note=fed)
            if now.lag is not None:
                bars.update(worker, total=now.decided + now.lag)
            bars.update(worker, completed=now.decided, note=decided)
            if bars.disable and time.monotonic() - spoke >= _SPEAK_SECONDS:
                spoke = time.monotonic()
                say(console, f"fed {fed}, {decided}")

        yield tell


def _invite(console: Console, stage: Stage, result: Result, *, staying: bool) -> None:
    """Three commands that work as they are pasted, while the servers are up."""
    console.print()
    if not staying:
        say(console, "without --exit the servers stay up, for commands such as these:")
    else:
        say(console, "the servers stay up until Ctrl-C; from another terminal:", "bold")
    story = interesting(result.stories)
    tenure = _program()
    active = _somebody_active(result)
    kafka = f"--kafka {stage.settings.kafka_bootstrap_servers}"
    clock = rfc3339(course.latest_clock(stage))
    lines = [f"{tenure} watch {kafka}"]
    if story:
        lines.insert(0, f"{tenure} explain {story[0]} {stage.connection}")
    if active is not None:
        # Dated at the end of the feed: an event of today would age these customers by a year.
        lines.append(f"{tenure} send feedback.received --customer {active} --at {clock} {kafka}")
    for line in lines:
        say(console, f"  {line}")


def _program() -> str:
    """How to call this program from the folder in which it was called."""
    if shutil.which("tenure"):
        return "tenure"
    beside = Path(sys.executable).with_name("tenure")
    if beside.is_relative_to(Path.cwd()):
        return shlex.quote(str(beside.relative_to(Path.cwd())))
    return shlex.quote(str(beside))


def _somebody_active(result: Result) -> str | None:
    """A customer whom a complaint would put at risk."""
    for customer_id, story in sorted(result.stories.items()):
        last = story[-1]
        if isinstance(last, StageChanged) and last.to_stage == "active":
            return customer_id
    return None


def _ends_on_request() -> threading.Event:
    """Ctrl-C and SIGTERM end the demo with its servers, also where a shell had Ctrl-C ignored.

    They are noted, and acted upon between two steps: raised in the midst of a client's own code,
    an interrupt can leave a lock of it taken for ever. A second Ctrl-C interrupts at once.
    """
    asked = threading.Event()

    def note(_signal: int, _frame: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    return asked
