"""What people do: the command line, and servers of its own for a laptop."""
