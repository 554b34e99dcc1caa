"""Policies on their compacted topic: published by digest before first use, never changed."""

from __future__ import annotations

from kafka import KafkaProducer

from consumer.kafka.failures import translated
from consumer.kafka.history import KafkaHistory
from consumer.settings import Settings
from statemachine.policy import Policy


def publish_policy(settings: Settings, policy: Policy) -> bool:
    """Make sure that the policy can be found by its digest; whether it had to be published."""
    history = KafkaHistory(settings)
    try:
        if history.policy(policy.digest) is not None:
            return False
    finally:
        history.close()
    with translated("publishing the policy"):
        producer = KafkaProducer(
            **settings.kafka(), acks="all", metrics_enabled=False, allow_auto_create_topics=False
        )
        try:
            producer.send(
                settings.policies_topic,
                key=policy.digest.encode(),
                value=policy.canonical().encode(),
                partition=0,
            ).get(timeout=30)
        finally:
            producer.close(timeout=5)
    return True
