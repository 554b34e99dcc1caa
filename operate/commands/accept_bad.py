"""`tenure accept-bad`: an operator lets a held partition go on."""

from __future__ import annotations

from typing import Annotated

import typer

from operate.commands.options import Config, Deployment, Redis, examples
from operate.exits import Ended, Exit
from operate.given import keeper_of, settings_of
from operate.terminal import out, say

EPILOG = examples(
    "tenure status          # which partitions are held",
    "tenure accept-bad 3",
)


def accept_bad(
    partition: Annotated[int, typer.Argument(min=0, help="The partition's number.")],
    config: Config = None,
    redis: Redis = None,
    deployment: Deployment = None,
) -> None:
    """Let a partition go on that was held because its feed went bad.

    A partition is held when at least 100, and at least a fifth, of its last 1,000 records are bad:
    a broken feed must not be emptied into the dead letters. Repair the feed first. Then everything
    goes through, what is bad to the dead letters, until 1,000 records have come of which fewer than
    a fifth are bad: from then on the partition may be held again.
    """
    settings = settings_of(config, redis_url=redis, deployment=deployment)
    keeper = keeper_of(settings)
    _, record = keeper.look(partition)
    if record is None:
        raise Ended(
            Exit.NOT_FOUND,
            f"nothing is remembered of partition {partition} of deployment"
            f" '{settings.deployment}' (`tenure status` lists the partitions)",
        )
    if not record.held:
        say(out(), f"partition {partition} is not held; nothing to do")
        return
    keeper.accept_bad(partition)
    say(out(), f"partition {partition} goes on with its worker's next batch")
