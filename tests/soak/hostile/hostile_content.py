"""Contents that no model has, under digests that are right: numbers, JSON, encodings, trees."""

import os
import random
import re
from collections.abc import Callable
from pathlib import Path

from hostile_folders import fit, listed

from riskmodel.model.manifest import MANIFEST_NAME


def cut(path: Path, rng: random.Random) -> None:
    os.truncate(path, rng.randrange(path.stat().st_size))


def edit(path: Path, rng: random.Random) -> None:
    """Replace, insert or take out one byte; half of them by one that belongs in such a file."""
    content = bytearray(path.read_bytes())
    position = rng.randrange(len(content))
    new = rng.choice([rng.choice(b'0123456789-+.eE,:[]{}" \n=\\aN'), rng.randrange(256)])
    match rng.randrange(4):
        case 0:
            content[position] ^= 1 << rng.randrange(8)
        case 1:
            content[position] = new if new != content[position] else new ^ 1
        case 2:
            content.insert(position, new)
        case 3:
            del content[position]
    path.write_bytes(bytes(content))


_NUMBER = re.compile(rb"-?\d+(\.\d+)?([eE][-+]?\d+)?(?=[,\n\]}])")


def in_json(folder: Path, rng: random.Random, make: Callable[[bytes], bytes]) -> None:
    """Replace one number of a JSON file and make the manifest fit."""
    paths = sorted(folder.glob("*.json"))
    rng.shuffle(paths)
    for path in paths:
        content = path.read_bytes()
        found = list(_NUMBER.finditer(content))
        if path.name != MANIFEST_NAME and found:
            number = rng.choice(found)
            start, end = number.span()
            path.write_bytes(content[:start] + make(number.group()) + content[end:])
            return fit(folder)
    raise AssertionError("no number in any file")


STRANGE_NUMBERS = (
    *(b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999", b"1e-999", b"-0", b"1e308", b"01"),
    *(b"9" * 30, b"9" * 400, b"9" * 5_000, b"-" + b"9" * 20_000, b"0." + b"3" * 9_000, b"1e99999"),
    *(b"null", b"true", b"{}", b"[]", b'""', b'"NaN"', b'"1"', b"0x1", b"1_000", b"+1", b".5"),
    *(b"18446744073709551616", b"9223372036854775808", b"-1", b"0", b"2147483648", b"4294967295"),
)


def strange_number(folder: Path, rng: random.Random) -> None:
    in_json(folder, rng, lambda number: rng.choice(STRANGE_NUMBERS))


def other_number(folder: Path, rng: random.Random) -> None:
    """Replace a number by one a little or much larger."""
    factor = rng.choice([1 + 1e-12, 1 + 1e-6, 1.01, 2.0, -1.0, 1e6])
    in_json(folder, rng, lambda number: repr(float(number) * factor + 1e-300).encode())


def deep(folder: Path, rng: random.Random) -> None:
    depth = rng.choice([33, 60, 300, 900, 1_100, 5_000, 100_000, 1_000_000])
    opening, closing = rng.choice([(b"[", b"]"), (b'{"a":', b"}")])
    ends = closing * depth if rng.random() < 0.7 else b""
    in_json(folder, rng, lambda number: opening * depth + number + ends)


def gigantic(folder: Path, rng: random.Random) -> None:
    """Put an array of millions there, of what takes most memory once it is parsed."""
    value = rng.choice([b"0", b"[]", b"{}", b'""', b"1.5", b"[[[[]]]]", b'{"a":{}}', b"123456789"])
    most = 60_000_000 if rng.random() < 0.02 else 9_000_000
    number = rng.randrange(2_100_000, most) // (len(value) + 1)
    number = max(number, 2_100_000 // (1 + value.count(b"[") + value.count(b"{")))
    in_json(folder, rng, lambda old: b"[" + (value + b",") * number + old + b"]")


def repeated_key(folder: Path, rng: random.Random) -> None:
    """Give a key of a JSON file a second time, before or after the first, with another value."""
    path = listed(folder, rng, ".json")
    content = path.read_bytes()
    keys = list(re.finditer(rb'"(\w+)": (-?[\d.]+|"[^"]*"|null|\{|\[)', content))
    if not keys:
        return repeated_key(folder, rng)
    key = rng.choice(keys)
    name = key.group(1) if rng.random() < 0.7 else b"\\u%04x" % key.group(1)[0] + key.group(1)[1:]
    value = rng.choice([b"0", b"null", b"[]", b'"x"', key.group(2)])
    if value in (b"{", b"["):
        value = b"0"
    second = b'"' + name + b'": ' + value
    content = content[: key.start()] + second + b", " + content[key.start() :]
    path.write_bytes(content)
    return fit(folder)


def other_encoding(folder: Path, rng: random.Random) -> None:
    path = listed(folder, rng)
    text = path.read_text()
    content = rng.choice(
        [
            lambda: text.encode("utf-16"),
            lambda: text.encode("utf-32-le"),
            lambda: b"\xef\xbb\xbf" + text.encode(),
            lambda: text.replace('"', "\u201c", 1).replace("=", "\uff1d", 1).encode(),
            lambda: text.encode() + b"\x00" * rng.randrange(1, 50),
            lambda: text.replace("0", "\u0660", 1).replace("1", "\u0661", 1).encode(),
            lambda: text.encode() + b"// end",
            lambda: text.replace("\n", "\r\n").encode() + b"\x1a",
            lambda: re.sub(r'"(?=\w)', '"\\\\ud800', text, count=1).encode() + b"\xff",
        ]
    )()
    path.write_bytes(content)
    fit(folder)


def malformed_trees(folder: Path, rng: random.Random) -> None:
    """Change lines of a tree's text as no byte's edit would, and make the manifest fit."""
    path = listed(folder, rng, ".txt")
    lines = path.read_text().split("\n")
    numbers = [number for number, line in enumerate(lines) if re.search(r"=[-\d.]", line)]
    for _ in range(rng.randrange(1, 3)):
        number = rng.choice(numbers)
        name, _, values = lines[number].partition("=")
        parts = values.split(" ")
        place = rng.randrange(len(parts))
        match rng.randrange(7):
            case 0:
                lines[number] = ""
            case 1:
                lines.insert(number, lines[number])
            case 2:
                parts[place] = rng.choice(
                    ["nan", "inf", "-1", "-99", "1000000000", "2147483648", "1e999", "x", "", "0"]
                )
                lines[number] = f"{name}={' '.join(parts)}"
            case 3:
                lines[number] = f"{name}={' '.join(parts[:place])}"
            case 4:
                lines[number] = f"{name}={' '.join(parts + parts[:1] * rng.choice([1, 3, 9_000]))}"
            case 5:
                rng.shuffle(parts)
                lines[number] = f"{name}={' '.join(parts)}"
            case 6:
                other = rng.choice(numbers)
                lines[number], lines[other] = lines[other], lines[number]
    path.write_text("\n".join(lines))
    fit(folder)
