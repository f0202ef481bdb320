"""The one exception that the doors turn into a sentence instead of a traceback."""


class DigitlibError(ValueError):
    """Something the user gave us cannot be used; the message names it and the way out.

    Attributes:
        status: the exit status of a command that ends with it; 2: nothing was done.
    """

    status = 2


class PartFailed(DigitlibError):
    """Some of the work is done and left where the message says; the rest failed."""

    status = 1
