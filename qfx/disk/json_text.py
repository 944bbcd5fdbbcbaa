"""JSON from a file: UTF-8, of a bounded size, without repeated keys and endless numbers."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from qfx.disk.damaged import Damaged, shown

_MOST_BYTES, _MOST_LISTS = 16 << 20, 100_000  # a list of nothing takes 30 times its bytes
_DIGITS = 40  # of an integer: more than any format of ours has


def read(
    data: bytes,
    *,
    most_bytes: int = _MOST_BYTES,
    most_lists: int = _MOST_LISTS,
    finite: bool = True,
) -> Any:
    """Return what a JSON text holds.

    Args:
        data: the text.
        most_bytes, most_lists: it may have, objects counted with the lists.
        finite: whether NaN and infinities are refused.

    Raises:
        Damaged: it is none, or holds what JSON leaves undefined.
    """
    if len(data) > most_bytes:
        raise Damaged(f"{len(data):,} bytes of JSON, more than {most_bytes:,}")
    if data.count(b"[") + data.count(b"{") > most_lists:
        raise Damaged(f"more than {most_lists:,} lists and objects of JSON")
    try:
        return json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_finite if finite else float,
            parse_constant=_constant if finite else float,
        )
    except RecursionError:
        raise Damaged("JSON that is nested too deeply") from None
    except UnicodeDecodeError as error:
        raise Damaged(f"JSON that is not UTF-8 at byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise Damaged(f"no JSON: {error}") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Damaged(f"JSON with the key {shown(twice)} twice in one object")
    return found


def _integer(text: str) -> int:
    if len(text) > _DIGITS:
        raise Damaged(f"JSON with an integer of {len(text):,} digits")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Damaged(f"JSON with the number {shown(text)}")
    return number


def _constant(text: str) -> NoReturn:
    raise Damaged(f"JSON with the number {text}")
