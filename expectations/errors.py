"""What is raised when the user, not the data, has something to mend."""


class UsageError(Exception):
    """A call, config, contract or suite is wrong. The command line prints the message and exits with 2."""
