"""`tenure explain`: why is this customer in this stage, and what next."""

from __future__ import annotations

from contextlib import closing
from typing import Annotated, Any, cast

import typer
from rich.console import Console

from consumer.kafka.history import KafkaHistory
from consumer.kafka.reach import reach
from consumer.partitioner import Partitioner, partition_of
from consumer.settings import Settings
from operate.commands.options import Config, Deployment, Json, Kafka, Redis, examples
from operate.exits import Ended, Exit
from operate.given import keeper_of, policy_of, settings_of
from operate.log import open_log
from operate.terminal import out, say, say_json
from operate.timeline import evidence_of, line_of, local, next_line, reason_line, story_of
from schemas.base import rfc3339
from schemas.outputs import Output
from statemachine import say as words
from statemachine.calendar import day_text
from statemachine.customer import Customer
from statemachine.policy import Policy as PolicyValues
from store.port import Keeper, PartitionRecord

EPILOG = examples(
    "tenure explain C000123",
    "tenure explain C000123 --last 3 --json",
)


def explain(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER", help="The customer id.")],
    last: Annotated[
        int, typer.Option(metavar="N", min=0, help="How many decisions of the past to tell.")
    ] = 20,
    config: Config = None,
    kafka: Kafka = None,
    redis: Redis = None,
    deployment: Deployment = None,
    as_json: Json = False,
) -> None:
    """Explain one customer: the stage, since when, why, what happens next, and how it came.

    The present comes from the store, the past from the topic of stage changes, of which only the
    customer's partition is read. What happens next follows from the policy by which the workers
    decide.
    """
    settings = settings_of(
        config,
        kafka_bootstrap_servers=kafka,
        redis_url=redis,
        deployment=deployment,
    )
    keeper = keeper_of(settings)
    number, record = _placed(settings, keeper, customer)
    found = keeper.find(number, customer)
    if found is None or found.stage is None:
        raise Ended(
            Exit.NOT_FOUND,
            f"customer '{customer}' is not known to deployment '{settings.deployment}': check the"
            " id, and with `tenure status` whether the workers have caught up",
        )
    rules = _policy_in_force(settings, record)
    told = found.changes + found.reason_changes
    with open_log(settings) as log:
        story = story_of(log, settings.stage_changes_topic, customer, told, last) if last else []
    if as_json:
        say_json(_as_json(rules, customer, found, story) | {"partition": number})
        return
    _print(out(), rules, customer, found, story)


def _placed(
    settings: Settings, keeper: Keeper, customer: str
) -> tuple[int, PartitionRecord | None]:
    """The customer's partition, and what is remembered of it."""
    _, first = keeper.look(0)
    if first is not None:
        # As the workers place customers, whatever this shell's settings say.
        count, partitioner = first.partition_count, cast("Partitioner", first.partitioner)
    else:
        # Nothing was consumed of partition 0 yet: the topics know how many there are.
        with open_log(settings) as log:
            count, partitioner = len(log.partitions(settings.topics[0])), settings.partitioner
        if not count:
            raise Ended(Exit.REFUSED, "the topics do not exist; run: tenure topics create")
    number = partition_of(customer.encode(), count, partitioner)
    return number, first if number == 0 else keeper.look(number)[1]


def _policy_in_force(settings: Settings, record: PartitionRecord | None) -> PolicyValues:
    """The policy that decided last, wherever it is known from."""
    ours = policy_of(settings)
    if record is None or record.policy_digest == ours.digest:
        return ours
    reach(settings)
    with closing(KafkaHistory(settings)) as history:
        text = history.policy(record.policy_digest)
    if text is None:
        raise Ended(
            Exit.NOT_FOUND,
            f"policy {record.policy_digest}, by which the workers decide, is not on"
            f" {settings.policies_topic}: name its file in TENURE_POLICY_FILE",
        )
    return PolicyValues.from_canonical(text)


def _held(customer: Customer) -> int:
    """How many relationships are in force."""
    return sum(one.ends_at is None for one in customer.relationships)


def _as_json(
    rules: PolicyValues, customer_id: str, customer: Customer, story: list[Output]
) -> dict[str, Any]:
    return {
        "customer_id": customer_id,
        "stage": customer.stage,
        "lost_by": customer.lost_by,
        "kind": customer.kind,
        "since": rfc3339(customer.since),
        "reasons": [one.model_dump(mode="json") for one in words.open_reasons(rules, customer)],
        "next": [one.model_dump(mode="json") for one in words.whats_next(rules, customer)],
        "relationships": _held(customer),
        "own_activity_days": customer.activity.days,
        "objected": list(customer.objected),
        "timeline": [one.model_dump(mode="json", by_alias=True) for one in story],
    }


def _print(
    console: Console,
    rules: PolicyValues,
    customer_id: str,
    customer: Customer,
    story: list[Output],
) -> None:
    lost = f" (by {customer.lost_by})" if customer.lost_by else ""
    zone = rules.calendar.zone
    since = local(rfc3339(customer.since), zone)
    say(console, f"{customer_id} is {customer.stage}{lost} since {since}, {customer.kind}", "bold")
    say(console, f"  times are of {rules.zone}", "dim")
    reasons = words.open_reasons(rules, customer)
    for reason in reasons:
        say(console, f"  open since {local(reason.since, zone)}: {reason_line(reason)}")
    if not reasons and customer.stage == "at_risk":
        say(console, "  nothing is open any more, but the customer never became active")
    say(console, f"  products in force: {_held(customer)}; {_activity(rules, customer)}")
    if customer.objected:
        say(console, f"  objected to {' and '.join(customer.objected)}")
    coming = words.whats_next(rules, customer)
    say(console, "what next", "bold")
    for one in coming:
        say(console, f"  {next_line(one, zone)}")
    if not coming:
        say(console, "  nothing, until the customer or the bank does something")
    if story:
        say(console, "how it came", "bold")
    for output in story:
        say(console, f"  {line_of(output, zone)}")
        for line in evidence_of(output, zone):
            say(console, f"      {line}", "dim")


def _activity(rules: PolicyValues, customer: Customer) -> str:
    activity = customer.activity
    if activity.last_at is None:
        return "no activity of their own yet"
    days = "1 day" if activity.days == 1 else f"{activity.days} days"
    last = day_text(rules.calendar.day_of(activity.last_at))
    return f"own activity on {days}, the last on {last}"
