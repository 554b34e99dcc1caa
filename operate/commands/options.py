"""Options that several commands share, so that they are called and explained alike."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

_CONNECTION = "Connection"


def _setting(name: str, *names: str, help_text: str, **more: Any) -> Any:
    """An option for the setting `name`, which is TENURE_<NAME> too."""
    return typer.Option(
        f"--{name.replace('_', '-')}",
        *names,
        envvar=f"TENURE_{name.upper()}",
        rich_help_panel=_CONNECTION,
        help=help_text,
        **more,
    )


Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        envvar="TENURE_CONFIG",
        exists=True,
        dir_okay=False,
        rich_help_panel=_CONNECTION,
        metavar="FILE",
        help="Settings as YAML; environment and options go before it.",
    ),
]
Kafka = Annotated[
    str | None,
    _setting(
        "kafka_bootstrap_servers",
        "--kafka",
        metavar="HOST:PORT,...",
        show_default="localhost:9092",
        help_text="The brokers.",
    ),
]
Redis = Annotated[
    str | None,
    _setting(
        "redis_url",
        "--redis",
        metavar="URL",
        show_default="redis://localhost:6379/0",
        help_text="The store; rediss:// for TLS, and a user and password if it has them.",
    ),
]
Deployment = Annotated[
    str | None,
    _setting(
        "deployment",
        metavar="NAME",
        show_default="live",
        help_text="The tenant, or a rehearsal beside one.",
    ),
]
Policy = Annotated[
    Path | None,
    typer.Option(
        "--policy",
        "--policy-file",
        envvar="TENURE_POLICY_FILE",
        exists=True,
        dir_okay=False,
        metavar="FILE",
        show_default="the shipped policy",
        help="The policy that decides.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="JSON, one object a line, for scripts.")]


def examples(*lines: str) -> str:
    """The end of a help page, as Markdown: commands that work as they stand."""
    return "\n".join(["Examples:", "", "```console", *(f"$ {line}" for line in lines), "```"])
