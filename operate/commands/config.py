"""`tenure config`: the settings as they are."""

from __future__ import annotations

from typing import Any

import typer
import yaml
from pydantic import SecretStr

from consumer.settings import Settings
from operate.commands.options import Config, Json, examples
from operate.given import PREFIX, settings_of
from operate.terminal import out, say_json

app = typer.Typer(no_args_is_help=True, help="Show the settings of every process of Tenure.")


@app.command(
    epilog=examples(
        "tenure config show > tenure.yaml   # a file for --config, to be edited",
        "TENURE_KAFKA_BOOTSTRAP_SERVERS=kafka-1:9092,kafka-2:9092 tenure config show",
    )
)
def show(config: Config = None, as_json: Json = False) -> None:
    """Print every setting as it is now: of options, environment and file, in that order.

    What is printed is a file that --config takes. Secrets are not shown. Each setting is also the
    environment variable in its comment.
    """
    settings = settings_of(config)
    values = {name: shown(getattr(settings, name)) for name in Settings.model_fields}
    if as_json:
        say_json(values)
        return
    out().file.write(as_file(values))


def as_file(values: dict[str, Any]) -> str:
    """Settings as a YAML file with a comment for each."""
    lines = []
    for name, value in values.items():
        field = Settings.model_fields[name]
        about = " ".join((field.description or "").split())
        lines.append(f"# {PREFIX}{name.upper()}{f': {about}' if about else ''}")
        entry = yaml.safe_dump({name: value}, allow_unicode=True, width=1_000)
        lines.append(f"# {entry}" if value in (None, _HIDDEN) else entry)
    return "\n".join(lines)


_HIDDEN = "(secret, not shown)"


def shown(value: Any) -> Any:
    """A setting's value as JSON has it; secrets hidden, the password of a URL too."""
    if isinstance(value, SecretStr):
        return _without_password(value.get_secret_value())
    if isinstance(value, tuple):
        return ",".join(one.name if one.activity else f"{one.name}:quiet" for one in value)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _without_password(text: str) -> str:
    """A URL without user and password; anything else is hidden whole."""
    scheme, found, rest = text.partition("://")
    if not found:
        return _HIDDEN
    _, at, place = rest.rpartition("@")
    return _HIDDEN if "password" in place else f"{scheme}://{'***@' if at else ''}{place}"
