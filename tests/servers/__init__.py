"""The Kafka and the Redis that a test run uses; see `choice.py` for how they are chosen."""

from tests.servers.choice import KafkaUsed, RedisUsed, chosen_kafka, chosen_redis, unique

__all__ = ["KafkaUsed", "RedisUsed", "chosen_kafka", "chosen_redis", "unique"]
