"""Live faults on real servers: `make live-faults DURATION=300`, or `python -m tests.live_faults`.

Exit code 0: nothing lost, doubled, reordered or remembered otherwise, and everything recovered in
time. 1: something was; the seed and the folder with all logs are printed. The same seed makes the
same feed and the same faults in the same order, though not at the same moments.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path
from types import FrameType

from rich.console import Console

from operate.exits import Exit
from operate.servers import ServerError
from operate.servers.kafka_apache import jars, java
from operate.servers.redis_local import redis_server
from tests.live_faults.run import Result, run
from tests.live_faults.table import faults_table, findings_table, summary
from tests.live_faults.world import Plan

_USUAL_RATE = 700.0


def main() -> int:
    """Run as the arguments say."""
    options = _options()
    missing = _missing()
    if missing and options.if_servers and not os.environ.get("CI"):
        print(f"live faults skipped: {missing}")
        return 0
    plan = Plan(
        options.duration,
        options.seed,
        rate=max(_USUAL_RATE, options.events / max(60, options.duration)),
        events=options.events or int(options.duration * _USUAL_RATE),
        only=options.only,
    )
    for name in [name for name in os.environ if name.startswith("TENURE_")]:
        del os.environ[name]  # meant for other deployments
    signal.signal(signal.SIGTERM, _interrupt)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 110)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="tenure-live-faults-"))
    folder.mkdir(parents=True, exist_ok=True)
    console.print(f"seed {plan.seed}, faults for {plan.duration:g} s, {plan.events:,} events")
    begun = time.monotonic()
    result = None
    try:
        result = run(plan, folder, console.print)
    except KeyboardInterrupt:
        console.print("interrupted")
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
        return Exit.INTERRUPTED
    except (AssertionError, TimeoutError, LookupError, ServerError, OSError):
        console.print(traceback.format_exc(), markup=False)
    seconds = time.monotonic() - begun
    if result is not None:
        _tell(console, result)
        if options.json is not None:
            told = json.dumps(summary(plan, result, seconds), indent=2)
            options.json.write_text(told + "\n")
    if result is not None and result.is_clean:
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
        console.print(f"clean, in {seconds:.0f} s")
        return 0
    console.print(f"NOT clean: seed {plan.seed}; every log is in {folder}")
    return 1


def _tell(console: Console, result: Result) -> None:
    console.print(faults_table(result))
    console.print(findings_table(result))
    examples = [*result.verdict.differences.examples, *result.subscriber.examples]
    for line in [*examples, *result.ended, *result.stopped_badly]:
        console.print(line, markup=False)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.live_faults", description=__doc__)
    parser.add_argument("--duration", type=float, default=300, help="seconds until the last fault")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--events", type=int, default=0, help="at least; 0: as the time allows")
    parser.add_argument("--only", default="", help="only faults that this pattern finds")
    parser.add_argument("--folder", type=Path, help="for data and logs; kept, whatever comes")
    parser.add_argument("--json", type=Path, help="write a summary to this file")
    parser.add_argument(
        "--if-servers",
        action="store_true",
        help="pass without Java, Maven and redis-server, saying so; in CI they must be there",
    )
    return parser.parse_args()


def _missing() -> str:
    """Which program the servers lack, with the remedy; empty if they have all."""
    try:
        java()
        jars()
        redis_server()
    except ServerError as error:
        return str(error)
    return ""


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
