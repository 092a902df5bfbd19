"""Messages for users when Arcana cannot go on.

A message names what is wrong, where, and what to do about it. The command line
prints it without a traceback; everything else that is raised is a defect.
"""


class ArcanaError(Exception):
    """Something outside the code is wrong; the run stops and nothing is published."""

    exit_code = 1


class UsageError(ArcanaError):
    """The command was asked for something that cannot be done as asked."""

    exit_code = 2


class AlreadyRunningError(ArcanaError):
    """Another build holds the lock; try again when it is done."""

    exit_code = 75
