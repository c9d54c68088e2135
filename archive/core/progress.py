"""A line on the screen that says how far a command has come."""

import sys

WIDTH = 30  # characters of a bar


def checking(command, entries, verbosity):
    """Yields `entries`, whose first items name them, and keeps a line up to date that says which one is being checked.

    Nothing is shown where nobody looks: in a pipe, or at verbosity 0.
    """
    show = verbosity and sys.stderr.isatty()
    for number, entry in enumerate(entries, 1):
        if show:
            command.stderr.write(f"\r\x1b[KChecking {number:,} of {len(entries):,}: {entry[0]}", ending="")
        yield entry
    if show:
        command.stderr.write("\r\x1b[K", ending="")


def counting(command, steps, total, verbosity):
    """Yields `steps`, numbers that grow up to `total`, and keeps a bar up to date that says how far they are."""
    show = verbosity and sys.stderr.isatty() and total
    for number in steps:
        if show:
            bar = "█" * (WIDTH * number // total)
            command.stderr.write(f"\r\x1b[K{bar:░<{WIDTH}} {number:,} of {total:,} checked", ending="")
        yield number
    if show:
        command.stderr.write("\r\x1b[K", ending="")
