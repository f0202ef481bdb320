"""The one exception that the doors turn into a sentence instead of a traceback, and that sentence."""

FINE, SOME_FAILED, REFUSED, INTERRUPTED = 0, 1, 2, 130  # exit statuses


class DigitlibError(ValueError):
    """Something the user gave us cannot be used; the message names it and the way out.

    Attributes:
        status: the exit status of a command that ends with it; 2: nothing was done.
    """

    status = 2

    def __init__(self, message: str) -> None:
        """Keep the message in one line, whatever a library or the name of a file brings along."""
        super().__init__(" ".join(message.splitlines()).strip())


class PartFailed(DigitlibError):
    """Some of the work is done and left where the message says; the rest failed."""

    status = 1


def in_words(error: BaseException) -> tuple[int, str]:
    """Return the exit status and the sentence for an error."""
    match error:
        case DigitlibError():
            return error.status, str(error)
        case KeyboardInterrupt():
            return INTERRUPTED, "stopped"
        case ModuleNotFoundError():
            return REFUSED, f"{error.name} is missing: make install, or pip install -e '.[all]'"
        case ImportError():
            return REFUSED, f"{error}; on Debian: sudo apt-get install -y libgl1 libglib2.0-0"
        case OSError():
            return REFUSED, f"{error}: free or name another place"
    return SOME_FAILED, f"{type(error).__name__}: {error} (a bug: --debug shows where)"
