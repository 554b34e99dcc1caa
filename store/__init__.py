"""What is remembered: one port, a Redis keeper and a memory keeper behind it."""
