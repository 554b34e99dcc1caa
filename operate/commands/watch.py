"""`tenure watch`: changes as they are decided."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from operate.commands.options import Config, Json, Kafka, Policy, examples
from operate.exits import Ended, Exit
from operate.given import policy_of, settings_of
from operate.log import open_log
from operate.terminal import err, out, say, say_json
from operate.timeline import line_of, read_output, structured
from schemas.outputs import Output, StageChanged

EPILOG = examples(
    "tenure watch",
    "tenure watch --from-beginning --customer C000123",
    "tenure watch --json --from-beginning --count 100 > changes.jsonl",
)

_STYLES = {"at_risk": "yellow", "lost": "red", "active": "green", "new": "cyan"}


def watch(
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="All there are, not only those to come.")
    ] = False,
    customer: Annotated[
        str | None, typer.Option(metavar="CUSTOMER", help="Only of this customer.")
    ] = None,
    count: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="End after so many; else with Ctrl-C.")
    ] = None,
    policy: Policy = None,
    config: Config = None,
    kafka: Kafka = None,
    as_json: Json = False,
) -> None:
    """Watch stage changes and changes of risk reasons as they are decided, each exactly once.

    Reads committed records only, as every subscriber must. With --json each line is the CloudEvent
    in structured mode. A customer's changes come in order. Times are shown in the policy's zone.
    """
    settings = settings_of(config, policy_file=policy, kafka_bootstrap_servers=kafka)
    zone = policy_of(settings).calendar.zone
    topic = settings.stage_changes_topic
    key = None if customer is None else customer.encode()
    left = count
    with open_log(settings) as log:
        if not log.partitions(topic):
            raise Ended(Exit.REFUSED, f"topic {topic} does not exist; run: tenure topics create")
        records = log.follow(topic, from_beginning=from_beginning)
        next(records)
        if not as_json:
            say(err(), f"watching {topic}; Ctrl-C ends", "dim")
        for record in records:
            if record is None or record.value is None or key not in (None, record.key):
                continue
            if as_json:
                say_json(structured(record))
            else:
                _print(read_output(record.value), zone)
            if left is not None:
                left -= 1
                if not left:
                    return


def _print(output: Output, zone: ZoneInfo) -> None:
    stage = output.to_stage if isinstance(output, StageChanged) else None
    style = _STYLES.get(stage) if stage is not None else "dim"
    say(out(), f"{output.customer_id:12} {line_of(output, zone)}", style)
