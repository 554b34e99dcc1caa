"""What a command was given: settings from file, environment and options; the policy; the store."""

from __future__ import annotations

import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml
from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from consumer.service import keeper_for
from consumer.settings import Settings, load_settings
from operate.exits import Ended, Exit
from statemachine.policy import Policy
from statemachine.policy_file import default_policy, read_policy
from store.port import Keeper

PREFIX = "TENURE_"


def settings_of(config: Path | None, **options: Any) -> Settings:
    """The settings; an option of None was not given. Raises Ended, naming every wrong one."""
    try:
        return load_settings(config, **options)
    except ValidationError as error:
        lines = [_wrong(each, config) for each in error.errors(include_url=False)]
        raise Ended(Exit.GIVEN, "\n".join(lines)) from None
    except yaml.YAMLError as error:
        problem = str(getattr(error, "problem", None) or "")
        raise Ended(Exit.GIVEN, f"{config}: this is not YAML: {problem}") from None
    except ValueError:
        # The file is YAML, and no mapping.
        raise Ended(
            Exit.GIVEN,
            f"{config}: expected lines of 'setting: value', as `tenure config show` prints",
        ) from None


def policy_of(settings: Settings) -> Policy:
    """The policy that the settings name, or the shipped one. Raises PolicyError, OSError."""
    return default_policy() if settings.policy_file is None else policy_in(settings.policy_file)


def policy_in(file: Path) -> Policy:
    """The policy in a file. Raises PolicyError, OSError."""
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Ended(Exit.GIVEN, f"{file}: a policy is UTF-8 text, and this is not") from None
    return read_policy(text, str(file))


def keeper_of(settings: Settings) -> Keeper:
    """The store that the settings name; connects at first use. Raises Ended."""
    try:
        return keeper_for(settings)
    except ValueError as error:
        # The client's message does not repeat the URL, which may hold a password.
        raise Ended(
            Exit.GIVEN,
            f"setting redis_url: {error} (TENURE_REDIS_URL, such as redis://localhost:6379/0)",
        ) from None


def misspelt(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Variables that look like a misspelt setting, each with the one that was probably meant."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    notes = []
    for name in sorted(environment):
        if not name.startswith(PREFIX) or name in known:
            continue
        close = get_close_matches(name, known, n=1, cutoff=0.9)
        if close:
            notes.append(f"{name} is not a setting; did you mean {close[0]}?")
    return notes


def _wrong(error: ErrorDetails, config: Path | None) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
        close = get_close_matches(name, Settings.model_fields, n=1)
        guess = f"; did you mean '{close[0]}'?" if close else ""
        return f"{config}: unknown setting '{name}'{guess} (`tenure config show` lists them)"
    message = error["msg"].removeprefix("Value error, ")
    if not name:
        return f"settings: {message}"
    field = Settings.model_fields.get(name)
    secret = field is not None and SecretStr in _types(field.annotation)
    found = "" if secret else f" is {error['input']!r}:"
    place = ".".join(str(part) for part in error["loc"])
    return f"setting {place}{found} {_lower(message)} ({PREFIX}{name.upper()})"


def _types(annotation: Any) -> tuple[Any, ...]:
    return (annotation, *getattr(annotation, "__args__", ()))


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]
