"""The one exception that the doors turn into a sentence instead of a traceback."""


class DigitlibError(ValueError):
    """Something the user gave us cannot be used; the message names it and the way out."""
