"""What is moved: bytes to events, the batch and its commit, dead letters, feeds."""
