"""simulate, example, policy and config: commands without a server."""

import gzip
import json
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
import yaml

from consumer.decode import decode_line
from consumer.rejection import Rejected
from consumer.settings import Settings, load_settings
from operate.events import make_event
from operate.exits import Exit
from operate.given import misspelt
from operate.simulate import ZONE
from schemas.events import EVENTS, TransactionPosted
from schemas.examples import type_names
from statemachine.policy_file import default_policy, default_policy_text
from tests.operate.conftest import Tenure


def test_a_feed_is_written_with_its_truth_beside_it(tenure: Tenure, tmp_path: Path) -> None:
    feed, truth = tmp_path / "feed.jsonl", tmp_path / "truth.jsonl"
    result = tenure(
        *("simulate", "--customers", 40, "--days", 300, "--seed", 3),
        *("--output", feed, "--truth", truth),
    )
    assert result.exit_code == 0
    assert result.stdout == ""
    lines = feed.read_bytes().splitlines()
    assert not any(isinstance(decode_line(line, 1, "feed"), Rejected) for line in lines)
    assert f"{len(lines):,}" in result.stderr
    assert {"customer_id", "why"} <= json.loads(truth.read_text().splitlines()[0]).keys()


def test_a_feed_and_its_truth_are_two_files(tenure: Tenure, tmp_path: Path) -> None:
    feed, link = tmp_path / "feed.jsonl", tmp_path / "link"
    link.symlink_to(feed)
    for truth in (feed, link):
        result = tenure("simulate", "--customers", 1, "-o", feed, "--truth", truth)
        assert result.exit_code == Exit.USAGE
        assert result.stderr.splitlines() == [
            f"tenure: --truth: {truth} is also where --output goes: name another file"
        ]
    assert not feed.exists()


def test_the_same_seed_gives_the_same_feed_and_another_another(
    tenure: Tenure, tmp_path: Path
) -> None:
    def feed(seed: int, name: str) -> bytes:
        file = tmp_path / name
        tenure("simulate", "--customers", 5, "--days", 60, "--seed", seed, "-o", file)
        return gzip.decompress(file.read_bytes())

    assert feed(1, "one.gz") == feed(1, "two.gz")
    assert feed(1, "one.gz") != feed(2, "three.gz")


def test_a_feed_goes_to_standard_output_from_the_day_that_was_named(tenure: Tenure) -> None:
    result = tenure("simulate", "--customers", 5, "--days", 40, "--start", "2030-05-01", "-o", "-")
    assert {line[:7] for line in _received(result.stdout)} == {"2030-05", "2030-06"}


def _received(text: str) -> list[str]:
    return [json.loads(line)["received_at"] for line in text.splitlines()]


@pytest.mark.parametrize("dirt", [(), ("--dirt-late", 0.2)])
def test_a_feed_until_today_ends_with_yesterday_and_nothing_of_it_is_to_come(
    dirt: tuple[object, ...], tenure: Tenure
) -> None:
    today = datetime.now(ZONE).date()
    asked = ("simulate", "--customers", 20, "--days", 40, "--until-today", "-o", "-", *dirt)
    events = [json.loads(line) for line in tenure(*asked).stdout.splitlines()]
    days = {one["occurred_at"][:10] for one in events if one["type"] != "feed.watermark"}
    assert max(days) == (today - timedelta(days=1)).isoformat()
    assert min(days) >= (today - timedelta(days=40)).isoformat()
    ends = [one for one in events if one["type"] == "feed.watermark"]
    assert len(ends) == 2
    for one in ends:
        assert one["complete_through"] == f"{today}T00:00:00.000+08:00"
    received = max(datetime.fromisoformat(one["received_at"]) for one in events)
    assert received <= datetime.combine(today, time(0, 30), ZONE)


def test_dirt_strikes_at_the_rates_that_were_asked_for(tenure: Tenure) -> None:
    asked = ("simulate", "--customers", 30, "--days", 200, "-o", "-")
    result = tenure(*asked, "--dirt-duplicates", 0.5, "--dirt-malformed", 0.1)
    assert "dirt: duplicate" in result.stderr
    assert "dirt: not_json" in result.stderr
    assert "dirt: late" not in result.stderr
    assert "dirt:" not in tenure(*asked).stderr
    assert "dirt: out_of_order" in tenure(*asked, "--dirty").stderr


def test_watermarks_come_daily_on_request(tenure: Tenure) -> None:
    asked = ("simulate", "--customers", 1, "--days", 10, "-o", "-")
    assert tenure(*asked).stdout.count("feed.watermark") == 2
    assert tenure(*asked, "--daily-watermarks").stdout.count("feed.watermark") == 20


@pytest.mark.parametrize("kind", type_names())
def test_an_example_of_every_type_is_valid_as_a_line(kind: str, tenure: Tenure) -> None:
    pretty, compact = tenure("example", kind), tenure("example", kind, "--compact")
    assert json.loads(pretty.stdout) == json.loads(compact.stdout)
    (line,) = compact.stdout.encode().splitlines()
    assert not isinstance(decode_line(line, 1, "file"), Rejected)


def test_without_a_type_the_types_are_listed(tenure: Tenure) -> None:
    lines = tenure("example").stdout.splitlines()
    assert [line.split()[0] for line in lines] == type_names()
    assert all(line.endswith(".") for line in lines)


NOW = datetime(2031, 3, 1, 10, 30, tzinfo=UTC)


@pytest.mark.parametrize("kind", type_names())
def test_an_event_of_every_type_can_be_made_of_today(kind: str) -> None:
    event, value = make_event(kind, "C9", {}, NOW)
    assert EVENTS.validate_json(value) == event
    assert event.occurred_at == NOW
    assert getattr(event, "customer_id", "C9") == "C9"
    assert not isinstance(decode_line(value, 1, "file"), Rejected)
    again, _ = make_event(kind, "C9", {}, NOW)
    assert again.event_id != event.event_id


def test_an_examples_days_move_with_it() -> None:
    body = json.loads(make_event("account.opened", "C9", {}, NOW)[1])
    assert body["opened_on"] == "2031-03-01"
    body = json.loads(make_event("account.snapshot", "C9", {}, NOW)[1])
    assert body["last_customer_activity"] == "2031-02-10T18:40:02+08:00"


def test_fields_are_text_where_the_contract_asks_for_text_and_json_elsewhere() -> None:
    fields = {"amount": "12.50", "status": "pending", "purpose": ""}
    event, _ = make_event("transaction.posted", "C9", fields, NOW)
    assert isinstance(event, TransactionPosted)
    assert (event.amount, event.status, event.purpose) == ("12.50", "pending", None)
    body = json.loads(make_event("feedback.received", "7", {"kind": "score", "score": "3"}, NOW)[1])
    assert (body["customer_id"], body["score"]) == ("7", 3)
    body = json.loads(make_event("consent.changed", "7", {"granted": "false"}, NOW)[1])
    assert body["granted"] is False


def test_the_shipped_policy_is_shown_with_its_comments(tenure: Tenure, tmp_path: Path) -> None:
    shown = tenure("policy", "show").stdout
    assert shown == default_policy_text()
    digest = tenure("policy", "show", "--digest").stdout.strip()
    assert digest == default_policy().digest
    file = tmp_path / "policy.yaml"
    file.write_text(shown)
    checked = tenure("policy", "check", file)
    assert checked.exit_code == 0
    assert digest in checked.stdout
    assert "silence" in checked.stdout
    assert json.loads(tenure("policy", "check", file, "--json").stdout)["digest"] == digest


@pytest.mark.parametrize("rules", ["rules: {}\n", "", "rules:\n  silence: null\n"])
def test_a_policy_without_any_rule_is_a_policy_and_what_that_means_is_noted(
    rules: str, tenure: Tenure, tmp_path: Path
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(f"version: 1\n{rules}")
    for more in ((), ("--json",)):
        checked = tenure("policy", "check", file, *more)
        assert checked.exit_code == 0
        (note,) = checked.stderr.splitlines()
        assert note.startswith("tenure: note: no rule is switched on: under this policy nobody bec")
    assert json.loads(checked.stdout)["rules"] == []


def test_settings_are_shown_as_a_file_that_gives_them_again(tenure: Tenure, tmp_path: Path) -> None:
    env = {
        "TENURE_KAFKA_BOOTSTRAP_SERVERS": "kafka-1:9092,kafka-2:9092",
        "TENURE_INPUT_TOPICS": "a,b:quiet",
        "TENURE_FEED_SETTLE": "30",
    }
    file = tmp_path / "tenure.yaml"
    file.write_text(tenure("config", "show", env=env).stdout)
    settings = load_settings(file)
    assert settings.kafka_bootstrap_servers == "kafka-1:9092,kafka-2:9092"
    assert [(one.name, one.activity) for one in settings.input_topics] == [
        ("a", True),
        ("b", False),
    ]
    assert settings.feed_settle == 30.0
    assert tenure("config", "show", "--config", file).stdout == file.read_text()


@pytest.mark.parametrize(
    "written",
    [
        "a, b:quiet",
        "[a, 'b:quiet']",
        "\n- a\n- b:quiet",
        "[{name: a}, {name: b, activity: false}]",
        "[a, {name: b, activity: false}]",
    ],
)
def test_input_topics_are_a_list_or_text_with_commas(written: str, tmp_path: Path) -> None:
    file = tmp_path / "tenure.yaml"
    file.write_text(f"input_topics: {written}\n")
    topics = load_settings(file).input_topics
    assert [(one.name, one.activity) for one in topics] == [("a", True), ("b", False)]


def test_every_setting_is_shown_with_its_variable(tenure: Tenure) -> None:
    text = tenure("config", "show").stdout
    values = json.loads(tenure("config", "show", "--json").stdout)
    assert list(values) == list(Settings.model_fields)
    assert all(f"# TENURE_{name.upper()}: " in text for name in values)
    assert yaml.safe_load(text)["batch_records"] == values["batch_records"]


def test_the_environment_goes_before_the_file_and_options_before_both(
    tenure: Tenure, tmp_path: Path
) -> None:
    file = tmp_path / "tenure.yaml"
    file.write_text("deployment: from-file\nworker_id: from-file\n")
    shown = tenure("config", "show", env={"TENURE_CONFIG": str(file)}).stdout
    assert yaml.safe_load(shown)["deployment"] == "from-file"
    env = {"TENURE_CONFIG": str(file), "TENURE_DEPLOYMENT": "from-env"}
    values = yaml.safe_load(tenure("config", "show", env=env).stdout)
    assert (values["deployment"], values["worker_id"]) == ("from-env", "from-file")


def test_sasl_and_tls_reach_the_client_as_they_are_given(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.touch()
    settings = load_settings(
        kafka_security_protocol="SASL_SSL",
        kafka_ssl_cafile=str(file),
        kafka_sasl_mechanism="PLAIN",
        kafka_sasl_username="u",
        kafka_sasl_password="p",
    )
    given = settings.kafka()
    assert given["ssl_cafile"] == str(file)
    assert (given["sasl_plain_username"], given["sasl_plain_password"]) == ("u", "p")


@pytest.mark.parametrize(
    "url, shown",
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("rediss://user:hush@redis.bank.example:6380/0", "rediss://***@redis.bank.example:6380/0"),
        ("redis://localhost/0?password=hush", "(secret, not shown)"),
        ("hush", "(secret, not shown)"),
    ],
)
def test_secrets_are_not_shown(url: str, shown: str, tenure: Tenure) -> None:
    env = {"TENURE_REDIS_URL": url, "TENURE_KAFKA_SASL_PASSWORD": "hush"}
    result = tenure("config", "show", "--json", env=env)
    assert "hush" not in result.output
    values = json.loads(result.stdout)
    assert values["redis_url"] == shown
    assert values["kafka_sasl_password"] == "(secret, not shown)"
    assert "hush" not in tenure("config", "show", env=env).output


def test_variables_of_other_programs_are_left_alone() -> None:
    assert misspelt({"TENURE_KAFKA_IMAGE": "x", "TENURE_TEST_KAFKA": "x", "HOME": "x"}) == []
    assert misspelt({"TENURE_WORKERID": "x"}) == [
        "TENURE_WORKERID is not a setting; did you mean TENURE_WORKER_ID?"
    ]
