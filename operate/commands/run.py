"""`tenure run`: one worker."""

from __future__ import annotations

from typing import Annotated

import typer

from consumer.service import serve
from operate.commands.options import Config, Deployment, Kafka, Policy, Redis, examples
from operate.exits import Ended, Exit
from operate.given import keeper_of, policy_of, settings_of

EPILOG = examples(
    "TENURE_WORKER_ID=worker-1 tenure run",
    "tenure run --worker-id worker-1 --config /etc/tenure.yaml",
    "tenure run --worker-id worker-1 --policy my-policy.yaml --accept-policy",
)


def run(
    worker_id: Annotated[
        str | None,
        typer.Option(
            envvar="TENURE_WORKER_ID",
            metavar="NAME",
            help="Required: unique for each worker, and the same over its restarts.",
        ),
    ] = None,
    policy: Policy = None,
    accept_policy: Annotated[
        bool | None,
        typer.Option(
            "--accept-policy",
            envvar="TENURE_ACCEPT_POLICY",
            help="Put this policy in force where another one decided so far; for one start.",
        ),
    ] = None,
    accept_store: Annotated[
        bool | None,
        typer.Option(
            "--accept-store",
            envvar="TENURE_ACCEPT_STORE",
            help="Go on with this Redis although another one was used in between; for one start.",
        ),
    ] = None,
    idle_clock: Annotated[
        str | None,
        typer.Option(
            envvar="TENURE_IDLE_CLOCK",
            metavar="wall|event",
            show_default="wall",
            help="wall: on a quiet day time goes on by the clock on the wall. event: history is"
            " being read; time goes on by events and watermarks only.",
        ),
    ] = None,
    log_level: Annotated[
        str | None,
        typer.Option(
            envvar="TENURE_LOG_LEVEL",
            metavar="debug|info|warning|error",
            show_default="info",
            help="info has one line for each batch.",
        ),
    ] = None,
    health_port: Annotated[
        int | None,
        typer.Option(
            envvar="TENURE_HEALTH_PORT",
            metavar="PORT",
            min=0,
            max=65_535,
            show_default="none",
            help="Answer GET /health and GET /ready here, for probes and `tenure health`.",
        ),
    ] = None,
    config: Config = None,
    kafka: Kafka = None,
    redis: Redis = None,
    deployment: Deployment = None,
) -> None:
    """Run one worker: read the feeds, decide, remember, and say what changed, exactly once.

    Runs until Ctrl-C or SIGTERM, and finishes the batch under way first. It checks the topics
    before it starts. While Kafka or Redis is away it waits and says so. More workers share the
    partitions; each needs an id of its own. All settings: `tenure config show`.
    """
    settings = settings_of(
        config,
        worker_id=worker_id,
        policy_file=policy,
        accept_policy=accept_policy,
        accept_store=accept_store,
        idle_clock=idle_clock,
        log_level=log_level,
        health_port=health_port,
        kafka_bootstrap_servers=kafka,
        redis_url=redis,
        deployment=deployment,
    )
    if not settings.worker_id:
        raise Ended(
            Exit.GIVEN,
            "setting worker_id: every worker needs a name of its own that stays the same over"
            " restarts, such as worker-1 (TENURE_WORKER_ID)",
        )
    rules = policy_of(settings)
    keeper_of(settings)  # a URL that is none is told now, in one line
    serve(settings, rules)
