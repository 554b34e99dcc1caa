"""`tenure replay`: files, standard input, gzip, dead letters, the summary."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from operate.exits import Exit
from operate.simulate import Plan, simulate, write_file
from statemachine.policy_file import default_policy_text
from tests.operate.conftest import Tenure
from tests.operate.logs import TOPICS, active, closing, opened, paid, watermark

LINES = [*active(), *closing(96)]
SAID = ["new", "active", "at_risk"]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    file = tmp_path / "log.jsonl"
    file.write_bytes(b"\n".join(LINES) + b"\n")
    return file


def said(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def stages(text: str) -> list[str]:
    return [one["data"]["to"] for one in said(text) if one["type"] == "customer.stage-changed"]


def test_what_is_said_is_written_as_cloudevents_one_a_line(
    tenure: Tenure, log: Path, tmp_path: Path
) -> None:
    output = tmp_path / "changes.jsonl"
    result = tenure("replay", log, "--output", output, "--deployment", "trial")
    assert result.exit_code == 0
    assert result.stdout == ""
    first, *_ = said(output.read_text())
    assert first["specversion"] == "1.0"
    assert first["type"] == "customer.stage-changed"
    assert first["source"] == "tenure/trial"
    assert first["subject"] == first["data"]["customer_id"] == "C1"
    assert first["id"] == first["data"]["id"]
    assert stages(output.read_text()) == SAID


def test_without_a_file_it_is_written_to_standard_output(tenure: Tenure, log: Path) -> None:
    assert stages(tenure("replay", log).stdout) == SAID


def test_gzipped_files_are_known_by_their_content(tenure: Tenure, tmp_path: Path) -> None:
    zipped = tmp_path / "log-without-a-telling-name"
    zipped.write_bytes(gzip.compress(b"\n".join(LINES)))
    assert stages(tenure("replay", zipped).stdout) == SAID


@pytest.mark.parametrize("zipped", [False, True])
def test_standard_input_is_read_plain_or_gzipped(zipped: bool, tenure: Tenure) -> None:
    text = b"\n".join(LINES)
    assert stages(tenure("replay", "-", input=gzip.compress(text) if zipped else text).stdout) == (
        SAID
    )


def test_an_output_named_gz_is_gzipped_and_equal_for_equal_contents(
    tenure: Tenure, log: Path, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.jsonl.gz", tmp_path / "two.jsonl.gz"
    tenure("replay", log, "-o", one)
    tenure("replay", log, "-o", two)
    assert one.read_bytes() == two.read_bytes()
    assert stages(gzip.decompress(one.read_bytes()).decode()) == SAID


def test_several_files_are_put_in_one_order(tenure: Tenure, tmp_path: Path) -> None:
    accounts, postings = tmp_path / "accounts.jsonl", tmp_path / "postings.jsonl"
    accounts.write_bytes(b"\n".join([LINES[0], watermark(96, TOPICS[0])]))
    postings.write_bytes(b"\n".join([*LINES[1:4], watermark(96, TOPICS[1])]))
    assert stages(tenure("replay", postings, accounts).stdout) == SAID


def test_what_is_read_is_never_written_over(tenure: Tenure, log: Path, tmp_path: Path) -> None:
    before = log.read_bytes()
    link, hard = tmp_path / "link", tmp_path / "hard"
    link.symlink_to(log)
    hard.hardlink_to(log)
    policy = tmp_path / "policy.yaml"
    policy.write_text(default_policy_text())
    (tmp_path / "below").mkdir()
    roundabout = tmp_path / "below" / ".." / log.name
    for option in ("--output", "--dead-letters"):
        for same in (log, link, hard, roundabout, policy):
            result = tenure("replay", log, "--policy", policy, option, same)
            assert result.exit_code == Exit.USAGE
            assert result.stderr.splitlines() == [
                f"tenure: {option}: {same} is also what is read: name another file"
            ]
    assert log.read_bytes() == before
    assert policy.read_text() == default_policy_text()


def test_two_outputs_are_two_files(tenure: Tenure, log: Path, tmp_path: Path) -> None:
    new, link = tmp_path / "new", tmp_path / "link"
    link.symlink_to(new)
    for one, other in ((new, new), (new, link), ("-", "-")):
        result = tenure("replay", log, "--output", one, "--dead-letters", other)
        assert result.exit_code == Exit.USAGE
        what = "standard output" if other == "-" else other
        assert result.stderr.splitlines() == [
            f"tenure: --dead-letters: {what} is also where --output goes: name another file"
        ]
    assert not new.exists()
    result = tenure("replay", log, "--output", "/dev/null", "--dead-letters", "/dev/null")
    assert result.exit_code == 0


def test_a_file_that_is_not_there_costs_nothing(tenure: Tenure, tmp_path: Path) -> None:
    output = tmp_path / "kept"
    output.write_text("of yesterday\n")
    result = tenure("replay", tmp_path / "no-such-file", "--output", output)
    assert result.exit_code == Exit.GIVEN
    assert "no-such-file: No such file or directory" in result.stderr
    assert output.read_text() == "of yesterday\n"


def _damaged(zipped: bytes) -> bytes:
    middle = len(zipped) // 2
    return zipped[:middle] + bytes(byte ^ 0xFF for byte in zipped[middle:])


@pytest.mark.parametrize(
    "damage",
    [
        lambda zipped: zipped[:-20],
        lambda zipped: zipped[:-8] + bytes(8),
        lambda zipped: zipped + b"more of it",
        _damaged,
    ],
    ids=["cut off", "checksum", "rubbish after it", "altered"],
)
def test_a_damaged_gzip_file_is_told_with_the_line_and_the_remedy(
    damage: Callable[[bytes], bytes], tenure: Tenure, tmp_path: Path
) -> None:
    zipped = tmp_path / "log.jsonl.gz"
    zipped.write_bytes(damage(gzip.compress(b"\n".join(LINES * 50) + b"\n")))
    for result, name in (
        (tenure("replay", zipped), str(zipped)),
        (tenure("replay", "-", input=zipped.read_bytes()), "standard input"),
    ):
        assert result.exit_code == Exit.GIVEN
        (line,) = result.stderr.splitlines()
        assert re.match(rf"tenure: {name}, after line \d+: the gzip file is cut off or dam", line)
        assert line.endswith("get the file again, and begin anew")


def test_refused_lines_go_to_the_dead_letters_with_the_reason(
    tenure: Tenure, log: Path, tmp_path: Path
) -> None:
    dead = tmp_path / "dead.jsonl"
    bad = [b"\xff\xfe", opened(3, "C2", currency="RMB")]
    log.write_bytes(b"\n".join([*LINES[:2], *bad, *LINES[2:]]))
    result = tenure("replay", log, "--dead-letters", dead)
    assert stages(result.stdout) == SAID
    first, second = said(dead.read_text())
    assert (first["file"], first["line"], first["reason"]) == (str(log), 3, "not_utf8")
    assert first["value"] == "\\xff\\xfe"
    assert (second["line"], second["reason"]) == (4, "unknown_currency")
    assert "RMB" in second["detail"]
    assert second["remedy"]
    assert json.loads(second["value"])["customer_id"] == "C2"
    assert "refused lines" in result.stderr


def test_refused_lines_are_counted_and_the_way_to_see_them_is_told(
    tenure: Tenure, log: Path
) -> None:
    log.write_bytes(b"nonsense\n" + b"\n".join(LINES))
    result = tenure("replay", log)
    assert "1 lines were refused: --dead-letters FILE tells why" in result.stderr


def test_the_summary_counts_events_outputs_and_stages(tenure: Tenure, log: Path) -> None:
    rows = [line.split() for line in tenure("replay", log).stderr.splitlines()]
    assert ["events", "6"] in rows
    assert ["outputs", "3"] in rows
    assert ["at_risk", "1"] in rows
    assert ["lost", "0"] in rows


def test_a_missing_watermark_is_told(tenure: Tenure, log: Path) -> None:
    log.write_bytes(b"\n".join(LINES[:-1]))
    result = tenure("replay", log)
    assert stages(result.stdout) == SAID[:2]
    assert f"no watermark of {TOPICS[1]}" in result.stderr
    alone = tenure("replay", log, env={"TENURE_INPUT_TOPICS": TOPICS[0]})
    assert stages(alone.stdout) == SAID


def test_a_log_is_closed_by_hand(tenure: Tenure, log: Path) -> None:
    log.write_bytes(b"\n".join(LINES[:-2]))
    result = tenure("replay", log, "--complete-through", "2025-04-06T12:00:00+08:00")
    assert stages(result.stdout) == SAID


def test_another_policy_decides_otherwise(tenure: Tenure, log: Path, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text(default_policy_text().replace("own_activity_days: 3", "own_activity_days: 9"))
    for given in ({"env": {"TENURE_POLICY_FILE": str(policy)}}, {}):
        arguments = () if given else ("--policy", policy)
        result = tenure("replay", log, *arguments, **given)
        assert stages(result.stdout) == ["new", "at_risk"]


def test_what_was_simulated_is_replayed(tenure: Tenure, tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl.gz"
    written = write_file(feed, simulate(Plan(customers=30, days=200)))
    result = tenure("replay", feed)
    assert result.exit_code == 0
    assert f"{written.records:,}" in result.stderr
    assert len(said(result.stdout)) > 20


def mostly_known(source: str, unknown: int, of: int) -> list[bytes]:
    """Postings of a source, of which some do not say who caused them."""
    known = [paid(2, source=source) for _ in range(of - unknown)]
    return [*known, *(paid(2, source=source, initiator="unknown") for _ in range(unknown))]


def test_the_share_of_unknown_initiators_is_shown_for_each_source(
    tenure: Tenure, log: Path
) -> None:
    told = mostly_known("core:[main]", 6, of=100) + mostly_known("cards", 1, of=20)
    log.write_bytes(b"\n".join([opened(1), *told]))
    rows = [line.split() for line in tenure("replay", log).stderr.splitlines()]
    assert ["cards", "20", "5.0%"] in rows
    assert ["core:[main]", "100", "6.0%"] in rows


def test_a_source_above_five_percent_is_warned_about_with_the_remedy(
    tenure: Tenure, log: Path
) -> None:
    told = mostly_known("core:[main]", 6, of=100) + mostly_known("cards", 1, of=20)
    log.write_bytes(b"\n".join([opened(1), *told]))
    lines = tenure("replay", log).stderr.splitlines()
    (warning,) = [line for line in lines if "of its postings have an unknown initiator" in line]
    assert warning.startswith("core:[main]: 6.0% of its postings")
    assert "above 5%; let the feed say who caused each posting" in warning


def test_a_log_without_postings_has_no_table_of_sources(tenure: Tenure, log: Path) -> None:
    log.write_bytes(opened(1))
    assert "unknown initiators" not in tenure("replay", log).stderr
