"""Recognise handwritten digits, and know when not to.

>>> from digitlib import Recognizer
>>> Recognizer.load().probabilities(__import__("numpy").zeros((1, 28, 28))).shape
(1, 10)
"""

from typing import Any

__all__ = ["DigitlibError", "Reading", "Recognizer", "load_mnist"]

_HOMES = {
    "DigitlibError": ("digitlib.errors", "DigitlibError"),
    "Reading": ("digitlib.reading.result", "Reading"),
    "Recognizer": ("digitlib.reading.recognizer", "Recognizer"),
    "load_mnist": ("digitlib.data.mnist", "load"),
}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for (PEP 562), so that `import digitlib` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'digitlib' has no attribute {name!r}")
    from importlib import import_module

    module, attribute = _HOMES[name]
    return getattr(import_module(module), attribute)
