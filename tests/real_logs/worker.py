"""A worker as a process of its own: `python -m tests.real_logs.worker`, told by TENURE_..."""

from consumer.service import serve
from consumer.settings import load_settings
from statemachine.policy_file import read_policy


def main() -> None:
    """Run the service until SIGTERM."""
    settings = load_settings()
    if settings.policy_file is None:
        raise SystemExit("set TENURE_POLICY_FILE")
    text = settings.policy_file.read_text(encoding="utf-8")
    serve(settings, read_policy(text, settings.policy_file.name))


if __name__ == "__main__":
    main()
