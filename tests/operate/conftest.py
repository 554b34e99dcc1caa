"""The command line, called as its users call it."""

import os
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from operate.cli import app

Tenure = Callable[..., Result]


@pytest.fixture
def tenure(monkeypatch: pytest.MonkeyPatch) -> Tenure:
    """`tenure(*arguments, env=...)`: a call, away from whatever the shell says of another one."""
    for name in os.environ:
        if name.startswith("TENURE_"):
            monkeypatch.delenv(name)

    def call(*arguments: object, env: dict[str, str] | None = None, **more: object) -> Result:
        words = [str(argument) for argument in arguments]
        return CliRunner().invoke(app, words, env=env, **more)  # type: ignore[arg-type]

    return call
