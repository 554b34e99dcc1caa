"""docker-compose.yml says what the code and its own files understand; no Docker is needed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from consumer.settings import Settings
from operate.cli import app
from operate.exits import Exit
from statemachine.policy_file import default_policy, read_policy

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if service["image"] == "tenure:local")
WORKERS = sorted(name for name in OURS if SERVICES[name].get("command") == ["run"])
PAGE = (ROOT / "docs/operating/compose.md").read_text(encoding="utf-8")

SETTINGS = {f"TENURE_{name.upper()}" for name in Settings.model_fields}
OF_THE_FILE = {  # what the file itself asks for: images, ports, and what it mounts
    "TENURE_KAFKA_IMAGE",
    "TENURE_REDIS_IMAGE",
    "TENURE_PYTHON_IMAGE",
    "TENURE_KAFKA_HOST_PORT",
    "TENURE_REDIS_HOST_PORT",
    "TENURE_POLICY_FILE",
}


def _environment(service: str) -> dict[str, str | None]:
    return dict(SERVICES[service].get("environment", {}))


def _filled_in(value: object) -> Iterator[str]:
    """Every variable that is filled into a value, its default left out."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _filled_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from _filled_in(each)
    elif isinstance(value, str):
        yield from re.findall(r"\$\{(\w+)", value)


def _without_variables(value: str) -> str:
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value)


def test_there_are_two_workers_topics_and_a_place_for_any_command() -> None:
    assert WORKERS == ["worker-1", "worker-2"]
    assert sorted({*OURS} - {*WORKERS}) == ["tenure", "topics"]
    assert SERVICES["tenure"]["profiles"], "`up` would start it"


@pytest.mark.parametrize("service", OURS)
def test_every_variable_of_our_containers_is_a_setting(service: str) -> None:
    assert {*_environment(service)} <= SETTINGS


@pytest.mark.parametrize("service", OURS)
def test_the_values_given_are_valid_settings(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    for name, value in _environment(service).items():
        if value is not None:
            monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.kafka_bootstrap_servers == "kafka:9092"
    assert settings.redis_url.get_secret_value() == "redis://redis:6379/0"


@pytest.mark.parametrize("service", OURS)
def test_every_command_exists(service: str) -> None:
    command = SERVICES[service].get("command", [])
    assert CliRunner().invoke(app, [*command, "--help"]).exit_code == 0


def test_each_worker_has_an_id_of_its_own() -> None:
    ids = {_environment(worker)["TENURE_WORKER_ID"] for worker in WORKERS}
    assert ids == {*WORKERS}


def test_a_worker_starts_after_the_topics_are_made_and_redis_answers() -> None:
    for worker in WORKERS:
        assert SERVICES[worker]["depends_on"] == {
            "topics": {"condition": "service_completed_successfully"},
            "redis": {"condition": "service_healthy"},
        }
    assert SERVICES["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}
    assert all("healthcheck" in SERVICES[server] for server in ("kafka", "redis"))


def test_a_worker_is_healthy_if_it_says_itself_that_it_is_ready() -> None:
    for worker in WORKERS:
        kind, program, *words = SERVICES[worker]["healthcheck"]["test"]
        assert (kind, program) == ("CMD", "tenure")
        assert CliRunner().invoke(app, [*words, "--help"]).exit_code == 0
        assert int(_environment(worker)["TENURE_HEALTH_PORT"] or 0) > 0
        # It is asked within the container, and nobody else can ask.
        assert "TENURE_HEALTH_HOST" not in _environment(worker)
        assert "ports" not in SERVICES[worker]
    interval = SERVICES[WORKERS[0]]["healthcheck"]["interval"]
    assert f"Every {interval.removesuffix('s')} s Docker runs `tenure health`" in PAGE


def test_our_containers_may_do_as_little_as_possible() -> None:
    for name in OURS:
        service = SERVICES[name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert "USER tenure" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_a_worker_that_ends_itself_is_started_again_and_one_that_was_stopped_is_not() -> None:
    for worker in WORKERS:
        assert SERVICES[worker]["restart"] == "on-failure"
    assert all("restart" not in SERVICES[name] for name in {*SERVICES} - {*WORKERS})
    assert f"code {int(Exit.HUNG)}" in TEXT
    assert f"code {int(Exit.HUNG)}" in PAGE


def test_the_policy_that_is_mounted_is_the_one_that_decides() -> None:
    for name in OURS:
        (mount,) = SERVICES[name]["volumes"]
        source, target, mode = _without_variables(mount).split(":")
        assert _environment(name)["TENURE_POLICY_FILE"] == target
        assert mode == "ro"
        text = (ROOT / source).read_text(encoding="utf-8")
        assert read_policy(text, source).digest == default_policy().digest


def test_every_variable_that_is_filled_in_is_told_at_the_top_and_on_the_page() -> None:
    assert {*_filled_in(COMPOSE)} == OF_THE_FILE
    head = TEXT.partition("\nx-")[0]
    passed_on = {
        name for worker in WORKERS for name, value in _environment(worker).items() if value is None
    }
    assert passed_on
    for name in OF_THE_FILE:
        assert name in head
        assert name in PAGE
    for name in passed_on:
        assert name in PAGE


def test_the_page_names_no_variable_that_is_not_there() -> None:
    assert {*re.findall(r"TENURE_[A-Z_]+[A-Z]", PAGE)} <= SETTINGS | OF_THE_FILE


def test_the_page_names_the_images_that_are_used_by_default() -> None:
    for server in ("kafka", "redis"):
        assert _without_variables(SERVICES[server]["image"]) in PAGE
    build = SERVICES["worker-1"]["build"]["args"]["PYTHON_IMAGE"]
    assert _without_variables(build) in PAGE


def test_what_is_mounted_is_there() -> None:
    for server in ("kafka", "redis"):
        for volume in SERVICES[server]["volumes"]:
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).is_dir()
            else:
                assert source in COMPOSE["volumes"]
    *_, file = SERVICES["redis"]["command"]
    assert (ROOT / "deploy" / "redis" / Path(file).name).is_file()


def test_both_servers_are_published_to_this_machine_only() -> None:
    for server, port in (("kafka", "9092:19092"), ("redis", "6379:6379")):
        assert [_without_variables(each) for each in SERVICES[server]["ports"]] == [
            f"127.0.0.1:{port}"
        ]


def test_kafka_tells_programs_on_this_machine_the_published_port() -> None:
    kafka = _environment("kafka")
    assert "HOST://:19092" in str(kafka["KAFKA_LISTENERS"])
    advertised = _without_variables(str(kafka["KAFKA_ADVERTISED_LISTENERS"]))
    assert advertised == f"PLAINTEXT://kafka:9092,HOST://{_default('kafka_bootstrap_servers')}"


def test_redis_forgets_nobody() -> None:
    config = (ROOT / "deploy/redis/redis.conf").read_text(encoding="utf-8").splitlines()
    assert "appendonly yes" in config
    assert "maxmemory-policy noeviction" in config


def _default(setting: str) -> str:
    return str(Settings.model_fields[setting].default)
