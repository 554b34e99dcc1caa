"""Settings that follow from one another."""

from __future__ import annotations

import pytest

from consumer.kafka.topics import wanted_topics
from consumer.settings import Settings, load_settings


def names(settings: Settings) -> list[str]:
    return [topic.name for topic in wanted_topics(settings, 1, 1)]


def test_the_usual_deployment_has_the_names_that_others_script_against() -> None:
    assert names(Settings()) == [
        "tenure.accounts",
        "tenure.transactions",
        "tenure.stage-changes",
        "tenure.stages",
        "tenure.dead-letters",
        "tenure.journal",
        "tenure.policies",
    ]


def test_a_deployment_beside_it_reads_the_same_inputs_and_says_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TENURE_DEPLOYMENT", "rehearsal")
    settings = load_settings(stages_topic="named")
    assert names(settings) == [
        "tenure.accounts",
        "tenure.transactions",
        "tenure.rehearsal.stage-changes",
        "named",
        "tenure.rehearsal.dead-letters",
        "tenure.rehearsal.journal",
        "tenure.rehearsal.policies",
    ]
    assert settings.group == "tenure-rehearsal"
