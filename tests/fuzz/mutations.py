"""Ways to damage a file that get past its checksums, which a blind search never would."""

import struct
import zlib
from collections.abc import Callable
from random import Random

from pictures import SIGNATURE, chunk

Damage = Callable[[bytes, int], bytes]
_PACKED = {b"IDAT": 0, b"zTXt": 2, b"iCCP": 2}  # how many bytes after the keyword a deflate stream begins


def mutate(data: bytes, longest: int, seed: int, damage: Damage) -> bytes:
    """`data` after one more damage: of a PNG mostly within a chunk, or within what a chunk packs.

    `damage` takes bytes and the most that may become of them.
    """
    dice = Random(seed)
    if not data.startswith(SIGNATURE) or dice.random() < 0.1:
        return damage(data, longest)
    chunks = _chunks(data)
    if not chunks:
        return damage(data, longest)
    place = dice.randrange(len(chunks))
    match dice.randrange(8):
        case 0:
            del chunks[place]
        case 1:
            chunks.insert(dice.randrange(len(chunks)), chunks[place])
        case 2:
            other = dice.randrange(len(chunks))
            chunks[place], chunks[other] = chunks[other], chunks[place]
        case _:
            kind, body = chunks[place]
            chunks[place] = kind, _damaged(kind, body, longest, dice, damage)
    return (SIGNATURE + b"".join(chunk(kind, body) for kind, body in chunks))[:longest]


def _damaged(kind: bytes, body: bytes, longest: int, dice: Random, damage: Damage) -> bytes:
    if kind in _PACKED and dice.random() < 0.7:
        start = body.find(b"\0") + _PACKED[kind] if _PACKED[kind] else 0
        try:
            plain = zlib.decompressobj().decompress(body[start:], longest)
        except zlib.error:
            plain = b""
        if plain:
            return body[:start] + zlib.compress(damage(plain, longest), 1)
    return damage(body, longest) if body else bytes([dice.randrange(256)])


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    found = []
    place = len(SIGNATURE)
    while place + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, place)
        found.append((kind, data[place + 8 : place + 8 + length]))
        place += 12 + length
    return found
