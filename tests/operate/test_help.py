"""Every command and option is explained, at the terminal and on the page."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from consumer.settings import Settings
from operate import reference
from operate.reference import PAGE, README, commands, options_of, page, readme
from statemachine.stages import diagram
from tests.operate.conftest import Tenure

COMMANDS = dict(commands())
NAMES = {
    *(
        "demo",
        "simulate",
        "replay",
        "run",
        "status",
        "health",
        "accept-bad",
        "explain",
        "watch",
        "send",
    ),
    *("example", "topics create", "topics check", "policy check", "policy show", "config show"),
}


def test_these_are_the_commands() -> None:
    assert {name.removeprefix("tenure ") for name in COMMANDS} == NAMES


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_shows_an_example(name: str) -> None:
    command = COMMANDS[name]
    summary = command.help.partition("\n")[0]
    assert summary.endswith(".")
    assert f"$ {name}" in command.epilog or f" {name}" in command.epilog


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_is_explained(name: str) -> None:
    for parameter in COMMANDS[name].params:
        if "--help" in parameter.opts:
            continue
        assert parameter.help, parameter.name
        if parameter.param_type_name == "option" and not parameter.is_flag:
            assert parameter.metavar, f"{parameter.name}: what kind of value?"


def test_every_option_is_an_environment_variable_with_one_meaning() -> None:
    meanings: dict[str, set[str]] = defaultdict(set)
    for name, command in COMMANDS.items():
        for option, variable in options_of(name, command):
            assert variable.startswith("TENURE_")
            meanings[variable].add(option.name)
    assert {variable for variable, names in meanings.items() if len(names) > 1} == set()


def test_no_variable_of_a_command_hides_a_setting_of_another_meaning() -> None:
    settings = {f"TENURE_{name.upper()}" for name in Settings.model_fields}
    explicit = {
        variable
        for name, command in COMMANDS.items()
        for option, variable in options_of(name, command)
        if not option.envvar
    }
    assert explicit & settings == set()


@pytest.mark.parametrize("name", ["", *sorted(NAMES)])
def test_help_is_shown_with_the_environment_variables(name: str, tenure: Tenure) -> None:
    result = tenure(*name.split(), "--help", env={"COLUMNS": "200", "TERMINAL_WIDTH": "200"})
    assert result.exit_code == 0
    assert "Usage" in result.output
    for option, variable in _options(name):
        assert option.opts[0] in result.output
        assert variable in result.output


def _options(name: str) -> list[tuple[Any, str]]:
    full = f"tenure {name}"
    return list(options_of(full, COMMANDS[full])) if full in COMMANDS else []


def test_without_a_command_the_help_is_shown(tenure: Tenure) -> None:
    assert "tenure demo" in tenure().output


def test_the_page_of_commands_is_what_the_program_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m operate.reference"


def test_the_readme_draws_the_moves_that_there_are() -> None:
    text = README.read_text(encoding="utf-8")
    assert text == readme(text), "run: python -m operate.reference"
    assert diagram() in text


def test_the_page_holds_every_command_option_and_setting() -> None:
    text = page()
    for name, command in COMMANDS.items():
        section = text.partition(f"## {name}\n")[2].partition("\n## ")[0]
        for option, variable in options_of(name, command):
            assert f"`{option.opts[0]}`" in section
            assert f"`{variable}`" in section
    for name in Settings.model_fields:
        assert f"| `TENURE_{name.upper()}` |" in text


def test_every_setting_says_what_it_is() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_a_stale_page_is_noticed_and_written_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "README.md"
    copy.write_text(README.read_text(encoding="utf-8").replace("won_back", "come_back"))
    monkeypatch.setattr(reference, "README", copy)
    monkeypatch.setattr(reference, "PAGE", tmp_path / "docs" / "commands.md")
    assert reference.main(["--check"]) == 1
    assert capsys.readouterr().err.count("not fresh") == 2
    assert reference.main([]) == 0
    assert reference.main(["--check"]) == 0
    with pytest.raises(ValueError, match="no place for the diagram"):
        readme("no place")
