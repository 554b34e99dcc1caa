"""`tenure`: the command line, put together from operate/commands/.

Every command ends in one of the ways of operate/exits.py. Every option can be given as an
environment variable: those that are settings under the setting's name (TENURE_REDIS_URL), the
others under their command's (TENURE_DEMO_DAYS); `--help` names them.
"""

from __future__ import annotations

import logging
from typing import Any

import typer
from typer.core import TyperGroup

from operate.commands import (
    accept_bad,
    config,
    demo,
    example,
    explain,
    health,
    policy,
    replay,
    run,
    send,
    simulate,
    status,
    topics,
    watch,
)
from operate.exits import ending_of
from operate.given import misspelt
from operate.terminal import err, say


class _Ending(TyperGroup):
    """Turns what a command cannot help into one line each and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Exception as error:
            ending = ending_of(error)
            if ending is None:
                raise
            console = err()
            for line in ending.lines:
                say(console, f"tenure: {line}")
            raise typer.Exit(int(ending.code)) from None


app = typer.Typer(
    name="tenure",
    cls=_Ending,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    add_completion=False,
    pretty_exceptions_enable=False,  # a defect's traceback is for us: plain and whole
    context_settings={"auto_envvar_prefix": "TENURE", "help_option_names": ["--help", "-h"]},
)


@app.callback()
def tenure() -> None:
    """Tenure decides where each customer of a bank stands, from its events, and tells it once.

    New here? `tenure demo` plays two years of a bank on this machine. Every option is also an
    environment variable; `tenure config show` prints all settings.
    """
    # The client reports every retry; what matters of it comes back as our own lines.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    for note in misspelt():
        say(err(), f"tenure: note: {note}")


_TRY, _RUN, _LOOK = "Try it", "Run it", "Look into it"

app.command(epilog=demo.EPILOG, rich_help_panel=_TRY)(demo.demo)
app.command(epilog=simulate.EPILOG, rich_help_panel=_TRY)(simulate.simulate)
app.command(epilog=replay.EPILOG, rich_help_panel=_TRY)(replay.replay)

app.command(epilog=run.EPILOG, rich_help_panel=_RUN)(run.run)
app.add_typer(topics.app, name="topics", rich_help_panel=_RUN)
app.command(epilog=status.EPILOG, rich_help_panel=_RUN)(status.status)
app.command(epilog=health.EPILOG, rich_help_panel=_RUN)(health.health)
app.command("accept-bad", epilog=accept_bad.EPILOG, rich_help_panel=_RUN)(accept_bad.accept_bad)
app.add_typer(config.app, name="config", rich_help_panel=_RUN)

app.command(epilog=explain.EPILOG, rich_help_panel=_LOOK)(explain.explain)
app.command(epilog=watch.EPILOG, rich_help_panel=_LOOK)(watch.watch)
app.command(epilog=send.EPILOG, rich_help_panel=_LOOK)(send.send)
app.command(epilog=example.EPILOG, rich_help_panel=_LOOK)(example.example)
app.add_typer(policy.app, name="policy", rich_help_panel=_LOOK)


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()
