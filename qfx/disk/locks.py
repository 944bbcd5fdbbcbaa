"""Locks that end with the process that has them, however it ends."""

from __future__ import annotations

import errno
import fcntl

# What file systems say that know no locks, as Lustre does unless it is mounted with them.
_UNKNOWN = {errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL}


def lock(file: int, *, wait: bool) -> bool:
    """Take the lock of an open file or folder.

    Args:
        file: its descriptor; closing it gives the lock back.
        wait: for another process that has it.

    Returns:
        Whether it is known that nobody else has it; False where the file system knows no locks, so
        that nothing may be taken for one that was left.

    Raises:
        BlockingIOError: another process has it, and `wait` is False.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _UNKNOWN:
            return False
        raise
    return True
