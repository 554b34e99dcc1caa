"""Kafka and Redis as child processes, for `tenure demo` and for the tests.

Each server is a class with `start`, `stop`, `kill` and `restart`, and a context manager:

    with EmbeddedKafka() as kafka, EmbeddedRedis() as redis:
        ...  # kafka.address, redis.url

| class         | what it starts                         | what it needs                       |
|---------------|----------------------------------------|-------------------------------------|
| EmbeddedKafka | Tansu, in memory                       | the extra `embedded`                |
| EmbeddedRedis | valkey-server                          | the extra `embedded`                |
| ApacheKafka   | Apache Kafka, one node, KRaft          | Java 17; Maven when first used      |
| LocalRedis    | the redis-server on the path           | redis-server                        |

None of them is for production: they serve on 127.0.0.1, without passwords.
"""

from operate.servers.kafka_apache import ApacheKafka
from operate.servers.kafka_embedded import EmbeddedKafka
from operate.servers.kafka_server import KafkaServer
from operate.servers.process import Server, ServerError
from operate.servers.redis_embedded import EmbeddedRedis
from operate.servers.redis_local import LocalRedis
from operate.servers.redis_server import RedisServer

__all__ = [
    "ApacheKafka",
    "EmbeddedKafka",
    "EmbeddedRedis",
    "KafkaServer",
    "LocalRedis",
    "RedisServer",
    "Server",
    "ServerError",
]
