"""`tenure topics`: the seven topics, made and checked."""

from __future__ import annotations

from typing import Annotated

import typer

from consumer.kafka.topics import broker_count, check_topics, create_topics, wanted_topics
from operate.commands.options import Config, Json, Kafka, examples
from operate.given import settings_of
from operate.terminal import out, plain_table, say, say_json

app = typer.Typer(no_args_is_help=True, help="Create and check the topics.")


@app.command(
    epilog=examples(
        "tenure topics create --partitions 12 --replication 3",
        "tenure topics create --kafka localhost:9092 --partitions 4",
    )
)
def create(
    partitions: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            max=10_000,
            help="Of each input topic: as many workers as this can share the work. It cannot be"
            " changed later without a rebuild.",
        ),
    ] = 12,
    replication: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=9,
            show_default="3, or as many as there are brokers",
            help="Copies of every record. With 3 or more, two must have a record before it counts.",
        ),
    ] = None,
    config: Config = None,
    kafka: Kafka = None,
) -> None:
    """Create the topics that are not there yet, with the retention that each of them needs.

    Topics that exist stay as they are; then all of them are checked, as `tenure topics check`
    does. Running it twice is harmless.
    """
    settings = settings_of(config, kafka_bootstrap_servers=kafka)
    copies = replication or min(3, broker_count(settings))
    created = create_topics(settings, partitions, copies)
    table = plain_table("topic", ">partitions", "", "settings")
    for topic in wanted_topics(settings, partitions, copies):
        configs = " ".join(f"{key}={value}" for key, value in sorted(topic.configs.items()))
        if topic.name in created:
            table.add_row(topic.name, str(topic.partitions), "created", configs)
        else:
            table.add_row(topic.name, "", "was there", "")
    out().print(table)
    check_topics(settings)


@app.command(epilog=examples("tenure topics check", "tenure topics check --kafka kafka-1:9092"))
def check(config: Config = None, kafka: Kafka = None, as_json: Json = False) -> None:
    """Check that the topics are what the service needs; each problem with what mends it.

    A worker asks the same before it starts. What a broker does not tell is not a problem.
    """
    settings = settings_of(config, kafka_bootstrap_servers=kafka)
    count = check_topics(settings)
    if as_json:
        say_json({"partitions": count, "problems": []})
        return
    say(out(), f"the topics are as they must be; inputs have {count} partitions")
