"""The commands of `tenure`, one file each; operate/cli.py puts them together."""
