"""A zip file in memory: only what its directory declares is unpacked, and only so much of it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from qfx.disk.damaged import Damaged, shown

_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENTRY = b"PK\x01\x02"  # how each entry of the directory begins


class Archive:
    """The members of a zip file by name; each is read whole, of the size that it declares.

    Args:
        data: the file.
        most_members: it may have.
        most_bytes: its members may unpack to, together.

    Raises:
        Damaged: it is no zip file, or one of other kinds of members.
    """

    def __init__(self, data: bytes, most_members: int, most_bytes: int) -> None:
        if data.count(_ENTRY) > most_members:  # before zipfile makes an object of each
            raise Damaged(f"a zip file of more than {most_members:,} members")
        with _named("a zip file that cannot be read"):
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        infos = self._zip.infolist()
        self._members = {info.filename: info for info in infos}
        if len(self._members) != len(infos):
            raise Damaged("a zip file with two members of one name")
        for info in infos:
            if info.compress_type not in _METHODS or info.flag_bits & 0x61:  # encrypted, patched
                raise Damaged(f"a zip file whose {shown(info.filename)} is not plainly deflated")
        total = sum(info.file_size for info in infos)
        if total > most_bytes:
            raise Damaged(
                f"a zip file of {len(data):,} bytes that unpacks to {total:,}: at most"
                f" {most_bytes:,} are plausible"
            )

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def head(self, name: str, most: int) -> bytes:
        """Return the first bytes of a member."""
        return self._read(name, min(most, self.size(name)))

    def read(self, name: str) -> bytes:
        """Return a whole member; its checksum is right.

        Raises:
            Damaged: there is none of that name, or it is not what the directory declares.
        """
        declared = self.size(name)
        # one more than declared, in one step: never all that a member might unpack to
        content = self._read(name, declared + 1)
        if len(content) != declared:
            raise Damaged(
                f"a zip file whose {shown(name)} has {len(content):,} bytes, not {declared:,}"
            )
        return content

    def size(self, name: str) -> int:
        """Count the bytes of a member, as the directory declares."""
        if name not in self._members:
            raise Damaged(f"a zip file with no member named {shown(name)}")
        return self._members[name].file_size

    def _read(self, name: str, count: int) -> bytes:
        with _named(f"a zip file whose {shown(name)} cannot be read"), self._zip.open(name) as file:
            return file.read(count)


@contextmanager
def _named(what: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # zipfile, zlib and struct raise a dozen kinds
        said = " ".join(str(error).split()) or type(error).__name__
        raise Damaged(f"{what}: {shown(said)[1:-1]}") from error
