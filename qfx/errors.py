"""The base of every error that tells someone what to change; all else that is raised is a fault of
qfx, or the machine's (OSError).
"""

from __future__ import annotations


class QfxError(ValueError):
    """What was asked for cannot be had; the sentence says what was met, where, and what to do.

    Every error that qfx raises of what it was given is of a kind derived from this one. Kinds that
    programs expect under another name (a missing module, a failed tool) are of that kind, too.
    """


class ArgumentError(QfxError):
    """An argument, or several together, that a call does not take."""


class ArgumentTypeError(ArgumentError, TypeError):
    """An argument that is another kind of thing than the call takes."""
