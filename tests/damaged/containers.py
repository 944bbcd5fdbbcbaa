"""Damages what lies within .qfx and .safetensors files: members, headers, sizes that lie."""

import functools
import io
import json
import random
import struct
import zipfile
import zlib

import numpy as np
from damage import BYTES, Damage, change, changed_json, flip

EPOCH = (1980, 1, 1, 0, 0, 0)


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(contents: list[tuple[str, bytes]]) -> bytes:
    """A zip file of these; names may repeat."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in contents:
            info = zipfile.ZipInfo(name, EPOCH)
            if name in archive.NameToInfo:
                del archive.NameToInfo[name]  # else a warning
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def document(generator: random.Random, data: bytes) -> bytes:
    held = members(data)
    held["graph.json"] = changed_json(generator, held["graph.json"])
    return packed(list(held.items()))


def chain(generator: random.Random, data: bytes) -> bytes:
    """A graph of very many nodes, each right."""
    held = members(data)
    graph = json.loads(held["graph.json"])
    last = graph["outputs"][0]
    count = generator.choice((100, 4_200, 30_000))
    for n in range(count):
        graph["nodes"].append(
            {"output": f"r{n}", "inputs": [last], "op": {"name": "relu"}, "source": ""}
        )
        last = f"r{n}"
    graph["outputs"] = [last]
    held["graph.json"] = json.dumps(graph).encode()
    return packed(list(held.items()))


def rename(generator: random.Random, data: bytes) -> bytes:
    """Members under other names, twice, missing, or beside others."""
    held = list(members(data).items())
    at = generator.randrange(len(held))
    name, content = held[at]
    other = generator.choice(held)
    match generator.randrange(5):
        case 0:
            held[at] = (generator.choice(("x", f"../{name}", f"{name}é", name.upper())), content)
        case 1:
            held.append(other)
        case 2:
            del held[at]
        case 3:
            held[at] = (name, other[1])
        case _:
            held.append((generator.choice(("extra", "constants/c99.npy")), content))
    return packed(held)


def array(generator: random.Random, data: bytes) -> bytes:
    """A constant whose header or data are wrong."""
    held = members(data)
    names = [name for name in held if name.endswith(".npy")]
    if not names:
        return flip(generator, data)
    name = generator.choice(names)
    held[name] = _array(generator, held[name])
    return packed(list(held.items()))


def _array(generator: random.Random, content: bytes) -> bytes:
    given = np.lib.format.read_array(io.BytesIO(content))
    old = str(given.shape)
    shapes = ("()", "(0,)", "(-1,)", "(999999999999,)", "(1, 2, 3, 4)", f"({given.size},)", "(1,)")
    match generator.randrange(8):
        case 0:
            return content.replace(old.encode(), generator.choice(shapes).encode(), 1)
        case 1:
            kinds = (b"<f8", b"|O", b"<U4", b"<i16", b"|V8", b">i2", b"|u1", b"<c8", b"|b1")
            start = content.index(b"'descr': '") + 10
            return content[:start] + generator.choice(kinds) + content[start + 3 :]
        case 2:
            return content.replace(b"False", generator.choice((b"True ", b"None ", b"xxxxx")), 1)
        case 3:
            return content[:8] + struct.pack("<H", generator.randrange(65536)) + content[10:]
        case 4:
            return content[:6] + generator.randbytes(2) + content[8:]
        case 5:
            other = generator.choice(
                (
                    given.astype(np.float64), given[..., None], given.reshape(-1), given[:0],
                    np.concatenate([given, given]), np.full_like(given, 127, np.int8),
                )
            )  # fmt: skip
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, other)
            return buffer.getvalue()
        case 6:
            return content[: generator.randrange(len(content))]
        case _:
            return generator.choice(BYTES)(generator, content)


@functools.lru_cache(4)
def _deflated(count: int) -> tuple[bytes, int]:
    """So many zeros, deflated, and their checksum."""
    packer, crc, zeros = zlib.compressobj(9, zlib.DEFLATED, -15), 0, bytes(1 << 20)
    parts = []
    for _ in range(count >> 20):
        parts.append(packer.compress(zeros))
        crc = zlib.crc32(zeros, crc)
    return b"".join([*parts, packer.flush()]), crc


def lie(generator: random.Random, data: bytes) -> bytes:
    """The zip's own fields say what is not so: sizes, checksum, method, flags, offset, count."""
    lied = bytearray(data)
    entries = [n for n in range(len(data) - 4) if data[n : n + 4] == b"PK\x01\x02"]
    entry = generator.choice(entries)
    (local,) = struct.unpack_from("<I", data, entry + 42)
    field, width = generator.choice(((24, 4), (20, 4), (16, 4), (10, 2), (8, 2), (42, 4), (6, 2)))
    value = generator.choice((0, 1, 8, 12, 14, 99, 4096, 1 << 20, (1 << 29) + 5))
    value &= (1 << 8 * width) - 1
    lied[entry + field : entry + field + width] = value.to_bytes(width, "little")
    if field != 42 and generator.randrange(2):  # in both places
        at = local + field - 2
        lied[at : at + width] = value.to_bytes(width, "little")
    if generator.randrange(8) == 0:
        end = data.rfind(b"PK\x05\x06")
        lied[end + 8 : end + 12] = generator.randbytes(4)
    return bytes(lied)


def bomb(generator: random.Random, data: bytes) -> bytes:
    """A small file whose member unpacks to hundreds of megabytes, whatever its entry says."""
    held = members(data)
    name = generator.choice(list(held))
    content, crc = _deflated(generator.choice((32, 300)) << 20)
    size = generator.choice((100, len(held[name]), 32 << 20, 300 << 20))
    lied = bytearray(packed([(name, b"")] + [(n, c) for n, c in held.items() if n != name]))
    (length,) = struct.unpack_from("<H", lied, 26)
    (old,) = struct.unpack_from("<I", lied, 18)
    start = 30 + length
    lied[start : start + old] = content
    struct.pack_into("<III", lied, 14, crc, len(content), size)
    moved = len(content) - old
    for n in [n for n in range(len(lied) - 4) if lied[n : n + 4] == b"PK\x01\x02"]:
        (local,) = struct.unpack_from("<I", lied, n + 42)
        if local:
            struct.pack_into("<I", lied, n + 42, local + moved)
        else:
            struct.pack_into("<III", lied, n + 16, crc, len(content), size)
    end = lied.rfind(b"PK\x05\x06")
    (directory,) = struct.unpack_from("<I", lied, end + 16)
    struct.pack_into("<I", lied, end + 16, directory + moved)
    return bytes(lied)


QFX: tuple[Damage, ...] = (
    *BYTES, document, document, document, document, document, document, document, document, rename,
    array, array, array, array, lie, lie, lie, bomb, chain,
)  # fmt: skip


def tensors(generator: random.Random, data: bytes) -> bytes:
    """A header of .safetensors with other values; its length right, or not."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    text = changed_json(generator, json.dumps(header).encode())
    told = len(text) if generator.randrange(6) else generator.choice((0, 1, 1 << 20, 1 << 62))
    return told.to_bytes(8, "little") + text + data[8 + length :]


def config(generator: random.Random, data: bytes) -> bytes:
    """The layers' own arguments changed, within the header."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    model = header["__metadata__"]["model"].encode()
    if generator.randrange(3):
        told = json.dumps(change(generator, json.loads(model)))
    else:
        told = changed_json(generator, model).decode("utf-8", "replace")
    header["__metadata__"]["model"] = told
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data[8 + length :]


def values(generator: random.Random, data: bytes) -> bytes:
    """Some of the tensors' own bytes changed."""
    start = 8 + int.from_bytes(data[:8], "little")
    changed = bytearray(data)
    for _ in range(generator.choice((1, 4, 32))):
        at = generator.randrange(start, len(data))
        changed[at] = generator.choice((0, 1, 127, 128, 255, generator.randrange(256)))
    return bytes(changed)


TENSORS: tuple[Damage, ...] = (*BYTES, tensors, tensors, config, config, config, config, values)
