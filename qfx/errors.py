"""The base of every error that tells someone what to change; all else that is raised is a fault of
qfx, or the machine's (OSError).
"""

from __future__ import annotations

import os
from numbers import Integral
from pathlib import Path
from typing import Any


class QfxError(ValueError):
    """What was asked for cannot be had; the sentence says what was met, where, and what to do.

    Every error that qfx raises of what it was given is of a kind derived from this one. Kinds that
    programs expect under another name (a missing module, a failed tool) are of that kind, too.
    """


class ArgumentError(QfxError):
    """An argument, or several together, that a call does not take."""


class ArgumentTypeError(ArgumentError, TypeError):
    """An argument that is another kind of thing than the call takes."""


def require_whole(name: str, value: Any) -> None:
    """Raises ArgumentTypeError for what is no whole number."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise ArgumentTypeError(f"{name} must be a whole number, not {_told(value)}")


def path_of(name: str, value: Any) -> Path:
    """The path that was given; raises ArgumentError for what is none."""
    if not isinstance(value, (str, os.PathLike)) or not isinstance(os.fspath(value), str):
        raise ArgumentTypeError(f"{name} must be a path, as a text, not {_told(value)}")
    if "\0" in os.fspath(value):
        raise ArgumentError(f"{name} must be a path, not {_told(value)}")
    return Path(value)


def require_names(name: str, values: Any) -> None:
    """Raises ArgumentTypeError for what are no texts in a tuple, list or set."""
    given = isinstance(values, (tuple, list, set, frozenset))
    if not given or not all(isinstance(each, str) for each in values):
        raise ArgumentTypeError(f"{name} must be names in a tuple, not {_told(values)}")


def _told(value: Any) -> str:
    """A value in a sentence: on one line, and not long."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else f"{text[:57]}..."
