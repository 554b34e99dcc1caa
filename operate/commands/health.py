"""`tenure health`: whether a worker is ready, by its health port."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import urlsplit

import typer

from consumer.health import READY
from operate.commands.options import Config, Json, examples
from operate.exits import Ended, Exit
from operate.given import settings_of
from operate.terminal import out, say, say_json

EPILOG = examples(
    "TENURE_HEALTH_PORT=8088 tenure health",
    "tenure health --url http://worker-1:8088",
    "tenure health --json",
)

_PATIENCE: Final = 3.0
"""Seconds. A worker answers from memory, asking nobody."""
_ANY: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # asked of, not listened on
"""Where to ask a worker that listens on every address of this machine."""


def health(
    url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            show_default="http://HEALTH_HOST:HEALTH_PORT of the settings",
            help="The worker's health port, such as http://worker-1:8088.",
        ),
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Say whether a worker is ready, and what it waits for, recovers or doubts; for health checks.

    Asks the worker's own port (TENURE_HEALTH_PORT), which needs neither Kafka nor Redis. Ends with
    0 if the worker is ready, with 8 if it is not, and with 3 if nobody answers.
    """
    host, port = _place(url) if url is not None else _own_place(config)
    told = _asked(host, port)
    if as_json:
        say_json(told)
    else:
        _print(told)
    if not told["ready"]:
        raise typer.Exit(int(Exit.NOT_READY))


def _place(url: str) -> tuple[str, int]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme != "http" or not parts.hostname or not port or parts.path not in ("", "/"):
        raise Ended(Exit.GIVEN, f"--url {url}: expected http://HOST:PORT, such as http://w1:8088")
    return parts.hostname, port


def _own_place(config: Path | None) -> tuple[str, int]:
    settings = settings_of(config)
    if not settings.health_port:
        raise Ended(
            Exit.GIVEN,
            "setting health_port: no port to ask: give --url, or the worker's TENURE_HEALTH_PORT",
        )
    return _ANY.get(settings.health_host, settings.health_host), settings.health_port


def _asked(host: str, port: int) -> dict[str, Any]:
    """What the worker says. Raises Ended: nobody answers, or somebody else does."""
    connection = HTTPConnection(host, port, timeout=_PATIENCE)
    try:
        connection.request("GET", READY)
        told = json.loads(connection.getresponse().read())
    except OSError as error:
        raise Ended(
            Exit.WORLD,
            f"no worker answers at {host} port {port}: {error.strerror or error}: start it with"
            " this TENURE_HEALTH_PORT, or correct the address",
        ) from None
    except (HTTPException, ValueError):
        told = None
    finally:
        connection.close()
    if not isinstance(told, dict) or not isinstance(told.get("ready"), bool):
        raise Ended(
            Exit.WORLD,
            f"what answers at {host} port {port} is not a worker of Tenure: correct the address",
        )
    return told


def _print(told: dict[str, Any]) -> None:
    console = out()
    partitions = told["partitions"]
    numbers = " ".join(map(str, partitions))
    what = f"serves partitions {numbers}" if partitions else "has no partition in order"
    say(console, f"{told['worker_id']} is {'ready' if told['ready'] else 'not ready'}: {what}")
    for reason in told["why"]:
        say(console, f"  {reason}")
    for held in told["held"]:
        say(console, f"  partition {held['partition']} is held: {held['why']}; {held['remedy']}")
    for feed in told["feeds_in_doubt"]:
        say(
            console,
            f"  feed in doubt for {feed['seconds']:.0f} s: {feed['topic']}: {feed['why']};"
            " nobody is called silent meanwhile",
        )
    last = told["last_batch_seconds"]
    say(
        console,
        f"  last batch {'never' if last is None else f'{last:.0f} s ago'};"
        f" deployment {told['deployment']}; policy {told['policy_digest']}",
    )
