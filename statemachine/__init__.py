"""What is decided: stages, rules and due times, as data and pure functions."""
