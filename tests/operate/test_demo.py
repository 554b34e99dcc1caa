"""The demo, as somebody new runs it: a process, its output, and the commands that it prints."""

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from operate.demo.result import collect, interesting
from operate.demo.stage import demo_policy_text
from schemas.outputs import Output
from statemachine.policy_file import default_policy, read_policy
from statemachine.rules import KINDS
from statemachine.stages import MOVES
from tests.live.harness import until
from tests.operate.logs import active, closing
from tests.operate.test_replay import replayed

_TENURE = [sys.executable, "-m", "operate.cli"]


def _demo(*arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*_TENURE, "demo", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _read_until(lines: Iterator[str], end: str) -> list[str]:
    """What is printed up to a line that holds `end`."""
    found = []
    for line in lines:
        found.append(line.rstrip("\n"))
        if end in line:
            return found
    raise AssertionError(f"{end!r} was never said: {found[-20:]}")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_years_are_decided_and_the_printed_commands_work_as_pasted(tmp_path: Path) -> None:
    demo = _demo("--customers", "300")
    try:
        assert demo.stdout is not None
        lines = iter(demo.stdout)
        said = _read_until(lines, "the servers stay up")
        text = "\n".join(said)
        # So few customers do not show everything that a core can take back; 2,000 do
        # (test_rules_in_demo.py).
        missing = [one for one in said if one.startswith("NOT taken: ")]
        taken = f"{len(MOVES) - len(missing)} of the {len(MOVES)} rows of the move table were taken"
        assert taken in text
        assert all(", corrected, when corrected_to_" in one for one in missing)
        begins = next(at for at, one in enumerate(said) if one.startswith("At risk against"))
        assert said[begins + 2].startswith("in all ")
        assert {one.split()[0] for one in said[begins + 3 : begins + 13]} == KINDS.keys()
        assert text.count("The story of ") == 3
        assert "because of" in text
        _stages_add_up(said, 300)
        explain, watch, send = (next(lines).strip() for _ in range(3))
        story = re.search(r"The story of (\S+)", text)
        assert story is not None
        assert f" explain {story[1]} " in explain
        found = _paste(f"{explain} --json")
        assert json.loads(found)["timeline"]
        shown = tmp_path / "watched"
        with shown.open("w") as watched:
            watching = subprocess.Popen(shlex.split(watch), stdout=watched, stderr=watched)
        try:
            until("the watch has begun", lambda: "watching" in shown.read_text())
            assert "landed on" in _paste(send)
            words = shlex.split(send)
            customer = words[words.index("--customer") + 1]
            until("the change is watched", lambda: customer in shown.read_text())
        finally:
            watching.kill()
            watching.wait()
        policy = re.search(r"policy (\S+policy\.yaml)", text)
        assert policy is not None
        assert Path(policy[1]).exists()
        demo.send_signal(signal.SIGINT)
        assert demo.wait(100) == 0
        assert not Path(policy[1]).exists()
    finally:
        demo.kill()
        demo.communicate()


def _stages_add_up(said: Sequence[str], customers: int) -> None:
    begin = next(number for number, line in enumerate(said) if line.startswith("stage "))
    counts = [int(line.split()[1].replace(",", "")) for line in said[begin + 1 : begin + 6]]
    assert sum(counts) == customers


def _paste(command: str) -> str:
    return subprocess.run(command, shell=True, check=True, capture_output=True, text=True).stdout


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_with_exit_it_ends_by_itself_and_says_which_rows_were_not_taken() -> None:
    demo = _demo("--customers", "10", "--days", "100", "--seed", "5", "--exit")
    try:
        said, _ = demo.communicate(timeout=150)
    finally:
        demo.kill()
        demo.wait()
    assert demo.returncode == 0
    taken = re.search(r"(\d+) of the \d+ rows of the move table were taken", said)
    assert taken is not None
    assert said.count("NOT taken: ") == len(MOVES) - int(taken[1])
    assert "NOT taken: at_risk -> lost (silence), left, when lost_limit_passed" in said
    assert "without --exit the servers stay up" in said


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_sigterm_in_the_middle_ends_it_with_its_servers() -> None:
    demo = _demo("--customers", "2000")
    try:
        assert demo.stdout is not None
        first = next(iter(demo.stdout))
        broker = re.search(r"broker (\S+),", first)
        assert broker is not None
        demo.send_signal(signal.SIGTERM)
        assert demo.wait(100) == 130
    finally:
        demo.kill()
        demo.communicate()
    assert not _listens(broker[1])


def _listens(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=2).close()
    except OSError:
        return False
    return True


def test_the_demos_policy_is_the_shipped_one_but_for_prospects() -> None:
    policy = read_policy(demo_policy_text(), "the demo's policy")
    shipped = default_policy()
    assert str(policy.prospects.limit) == "180 days"
    same = {"prospects": shipped.prospects, "name": shipped.name}
    assert policy.model_copy(update=same).model_dump() == shipped.model_dump()


def outputs(*days: int) -> list[Output]:
    lines = [line for number, day in enumerate(days) for line in active(f"C{number}", day)]
    return replayed([*lines, *closing(400)]).outputs


def test_the_flow_counts_every_move_once() -> None:
    result = collect(outputs(1, 1, 1))
    assert result.flow[None, "new"] == Counter(progressed=3)
    assert result.flow["new", "active"] == Counter(activated=3)
    assert result.stages == Counter(lost=3)
    assert result.moves == 12
    assert sum(result.fired().values()) == result.moves


def test_the_stories_told_show_the_most_between_them() -> None:
    stories = {
        name: [one for one in outputs(1) if one.customer_id == "C0"][:length]
        for name, length in (("short", 1), ("long", 4), ("also-short", 2))
    }
    assert interesting(stories)[0] == "long"
    assert sorted(interesting(stories)) == sorted(stories)
    assert interesting({}) == []
