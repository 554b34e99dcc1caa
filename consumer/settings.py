"""Settings: a file, the environment (TENURE_...), the command line; the later one wins."""

from __future__ import annotations

from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from consumer.partitioner import Partitioner

_USUAL = "live"
_OWN_TOPICS = {
    "stage_changes_topic": "stage-changes",
    "stages_topic": "stages",
    "dead_letters_topic": "dead-letters",
    "journal_topic": "journal",
    "policies_topic": "policies",
}
"""What a deployment publishes; the inputs are the bank's, and may be read by several."""
_WITH_PASSWORD = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
_WITH_PACKAGE = {"GSSAPI": "gssapi", "AWS_MSK_IAM": "botocore"}
"""Mechanisms for which the Kafka client needs a package that Tenure does not bring."""


class InputTopic(BaseModel):
    """One input topic. Any event type is accepted on any of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    activity: bool = True
    """It carries signs of life: while it is stale, nobody is called silent."""


class Settings(BaseSettings):
    """Everything a process of Tenure can be told. Every field is TENURE_<NAME> too."""

    model_config = SettingsConfigDict(
        env_prefix="TENURE_",
        extra="forbid",
        frozen=True,
        validate_default=True,
        use_attribute_docstrings=True,  # `tenure config show` and the docs tell them
    )

    deployment: str = Field(default=_USUAL, pattern=r"^[a-z0-9-]{1,40}$")
    """One tenant: it is part of every Redis key and of the consumer group's name. Another one
    than 'live' also has topics of its own, tenure.<deployment>.stage-changes and so on."""
    worker_id: str = Field(default="", pattern=r"^[A-Za-z0-9._-]{0,80}$")
    """Unique and stable per worker: the group instance id and the transactional id."""

    kafka_bootstrap_servers: str = "localhost:9092"
    """The brokers to begin with, separated by commas."""
    kafka_security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """How the brokers are spoken to."""
    kafka_ssl_cafile: str | None = None
    """PEM: who is trusted to sign the brokers' certificates."""
    kafka_ssl_certfile: str | None = None
    """PEM: this client's certificate, where the brokers ask for one."""
    kafka_ssl_keyfile: str | None = None
    """PEM: the key of that certificate."""
    kafka_ssl_password: SecretStr | None = None
    """The password of that key."""
    kafka_sasl_mechanism: str | None = None
    """PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; GSSAPI or AWS_MSK_IAM where the package gssapi or
    botocore is installed beside Tenure."""
    kafka_sasl_username: str | None = None
    """The user, with SASL."""
    kafka_sasl_password: SecretStr | None = None
    """The user's password."""
    kafka_embedded: bool = False
    """The laptop's broker: it keeps no offset metadata, so K is read from the journal's tail."""

    redis_url: SecretStr = SecretStr("redis://localhost:6379/0")
    """TLS and an ACL user travel in it: rediss://user:password@host:6380/0?ssl_ca_certs=/ca.pem."""

    input_topics: Annotated[tuple[InputTopic, ...], NoDecode] = (
        InputTopic(name="tenure.accounts"),
        InputTopic(name="tenure.transactions"),
    )
    """Names separated by commas, or a list of them; one that ends in ':quiet' is not watched."""
    stage_changes_topic: str = "tenure.stage-changes"
    """Every decision, once."""
    stages_topic: str = "tenure.stages"
    """The current stage of every customer, compacted."""
    dead_letters_topic: str = "tenure.dead-letters"
    """What was refused, as it came, with the reason."""
    journal_topic: str = "tenure.journal"
    """One record for each batch: what recovery executes again."""
    policies_topic: str = "tenure.policies"
    """Every policy that decided, by its digest."""
    partitioner: Partitioner = "murmur2"
    """How the feeds' producers place a key."""

    policy_file: Path | None = None
    """None: the shipped policy."""
    accept_policy: bool = False
    """Put this policy in force where another one decided so far; for one start."""

    accept_store: bool = False
    """Go on with this store although batches of the journal were remembered by another one; for
    one start."""

    batch_records: int = Field(default=40_000, ge=1, le=100_000)
    """At most so many records in one transaction."""
    buffer_records: int = Field(default=80_000, ge=1)
    """At most about so many records wait: a topic partition with more than its part is paused."""
    sweep_customers: int = Field(default=2_000, ge=1, le=50_000)
    """At most so many due customers per partition and batch."""
    cached_customers: int = Field(default=20_000, ge=0)
    """So many customers per partition are kept at hand, and not loaded for every batch."""
    max_value_bytes: int = Field(default=1_000_000, ge=1_000, le=4_000_000)
    """A longer value of an input record is refused."""
    expected_customers_per_partition: int = Field(default=100_000, ge=1)
    """Sizes the store's buckets when a partition is first taken."""

    idle_clock: Literal["wall", "event"] = "wall"
    """wall: an idle partition of a live feed follows the clock on the wall. event: history."""
    feed_stale_after: float = Field(default=600.0, gt=0)
    """Seconds without growth after which a topic is stale."""
    feed_settle: float = Field(default=600.0, ge=0)
    """Seconds that a topic must be alive again before anybody is called silent."""

    session_timeout: float = Field(default=10.0, ge=1)
    """Seconds after which a dead worker's partitions move."""
    poll_interval: float = Field(default=300.0, ge=1)
    """Seconds after which a worker that lives but does not ask for more leaves its group."""
    transaction_timeout: float = Field(default=10.0, ge=1)
    """Seconds after which the broker ends a dead worker's transaction."""
    commit_watchdog: float = Field(default=60.0, ge=1)
    """Seconds after which a worker whose commit hangs kills itself; it recovers at its restart."""
    health_host: str = "127.0.0.1"
    """The address on which health_port is opened; 0.0.0.0 for probes from other machines."""
    health_port: int = Field(default=0, ge=0, le=65_535)
    """A worker answers GET /health and GET /ready here; 0: nowhere."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """One line for each batch is at the level info."""

    @model_validator(mode="before")
    @classmethod
    def _topics_of_its_own(cls, given: Any) -> Any:
        """A deployment beside the usual one says, journals and remembers apart from it."""
        if not isinstance(given, dict) or given.get("deployment", _USUAL) == _USUAL:
            return given
        own = {name: f"tenure.{given['deployment']}.{topic}" for name, topic in _OWN_TOPICS.items()}
        return {**own, **given}

    @field_validator("input_topics", mode="before")
    @classmethod
    def _topics_as_text(cls, value: object) -> object:
        if isinstance(value, str):
            value = [name for part in value.split(",") if (name := part.strip())]
        if isinstance(value, list | tuple):
            return tuple(_input_topic(one) if isinstance(one, str) else one for one in value)
        return value

    @field_validator("kafka_ssl_cafile", "kafka_ssl_certfile", "kafka_ssl_keyfile")
    @classmethod
    def _file_exists(cls, value: str | None) -> str | None:
        if value and not Path(value).is_file():
            raise ValueError("there is no such file: correct the path, or put the file there")
        return value

    @field_validator("kafka_sasl_mechanism")
    @classmethod
    def _mechanism_can_be_used(cls, value: str | None) -> str | None:
        if not value or value in _WITH_PASSWORD:
            return value
        package = _WITH_PACKAGE.get(value)
        if package is not None and find_spec(package) is None:
            raise ValueError(f"it needs the Python package {package}: install it beside Tenure")
        if value == "OAUTHBEARER":
            raise ValueError("its tokens come from a program, for which there is no setting")
        if package is None:
            known = (*_WITH_PASSWORD, *_WITH_PACKAGE)
            close = get_close_matches(value.upper(), known, n=1)
            guess = f"did you mean {close[0]}? There are" if close else "there are"
            raise ValueError(f"{guess} {', '.join(known)}")
        return value

    @model_validator(mode="after")
    def _credentials_are_there(self) -> Self:
        protocol, mechanism = self.kafka_security_protocol, self.kafka_sasl_mechanism
        if not protocol.startswith("SASL_"):
            return self
        if not mechanism:
            raise ValueError(
                f"kafka_security_protocol {protocol} needs a mechanism, such as SCRAM-SHA-512"
                " (TENURE_KAFKA_SASL_MECHANISM)"
            )
        credentials = ("kafka_sasl_username", "kafka_sasl_password")
        missing = [name for name in credentials if not getattr(self, name)]
        if missing and mechanism in _WITH_PASSWORD:
            variables = " and ".join(f"TENURE_{name.upper()}" for name in missing)
            raise ValueError(
                f"kafka_security_protocol {protocol} with {mechanism} needs a user and a password:"
                f" set {variables}"
            )
        return self

    @model_validator(mode="after")
    def _topics_differ(self) -> Self:
        names = [topic.name for topic in self.input_topics]
        if not names or len(set(names)) != len(names):
            raise ValueError("input_topics: name at least one topic, and each only once")
        return self

    @property
    def topics(self) -> tuple[str, ...]:
        """The names of the input topics."""
        return tuple(topic.name for topic in self.input_topics)

    @property
    def group(self) -> str:
        """The consumer group."""
        return f"tenure-{self.deployment}"

    def kafka(self) -> dict[str, Any]:
        """Connection settings, as kafka-python names them."""
        given = {
            "bootstrap_servers": self.kafka_bootstrap_servers.split(","),
            "bootstrap_timeout_ms": 5_000,
            # Of the client's own half a minute a worker would still wait when Kafka is back.
            "reconnect_backoff_max_ms": 1_000,
            "security_protocol": self.kafka_security_protocol,
            "ssl_cafile": self.kafka_ssl_cafile,
            "ssl_certfile": self.kafka_ssl_certfile,
            "ssl_keyfile": self.kafka_ssl_keyfile,
            "ssl_password": _secret(self.kafka_ssl_password),
            "sasl_mechanism": self.kafka_sasl_mechanism,
            "sasl_plain_username": self.kafka_sasl_username,
            "sasl_plain_password": _secret(self.kafka_sasl_password),
        }
        return {name: value for name, value in given.items() if value is not None}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options first, then the environment, then the file; no dotenv, no secrets folder."""
        del dotenv_settings, file_secret_settings
        return (init_settings, env_settings, YamlConfigSettingsSource(settings_cls))


def _input_topic(text: str) -> InputTopic:
    """The topic 'name', or 'name:quiet'."""
    return InputTopic(name=text.removesuffix(":quiet"), activity=not text.endswith(":quiet"))


def load_settings(file: Path | None = None, **options: Any) -> Settings:
    """Settings of `options` (None: not given), the environment and `file`, in that order."""
    given = {name: value for name, value in options.items() if value is not None}

    class FromFile(Settings):
        model_config = SettingsConfigDict(yaml_file=file, yaml_file_encoding="utf-8")

    return FromFile(**given)


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()
