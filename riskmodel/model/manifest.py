"""A bundle's files and their digests, checked before a byte of them is parsed.

What is read is read once: the bytes that were verified are the bytes that are parsed. The digest
of the manifest is the identity of the model. A folder that is consistent in itself may still be
another model than was meant: give `expected_digest`, from the registry or the audit, to know.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from riskmodel.errors import ModelIntegrityError
from riskmodel.files import atomic_folder, check_replaceable

# The rule: a change that an older reader would misread raises the number by one and keeps the
# reader of every number before it (READERS in bundle.py). A file added or changed is such a change.
FORMAT_NUMBER = 2
FORMAT_NAME = "riskmodel bundle"
MANIFEST_NAME = "manifest.json"
MAXIMUM_BYTES = 64 * 2**20
"""Largest size of one file."""

_MAXIMUM_MANIFEST_BYTES = 2**20
_MAXIMUM_FILES = 1_000
_FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\.(json|txt)")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FOREIGN = re.compile(
    r"MLmodel|.*\.(pkl|pickle|joblib|skops|cloudpickle|py|pyc|so|dll)", re.IGNORECASE
)
_ADVICE = "Nothing was parsed. Restore the bundle from the registry, or train again."


@dataclass(frozen=True)
class FileRecord:
    """Size in bytes and SHA-256 of one file."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What a bundle's folder holds, and nothing besides.

    Examples
    --------
    >>> manifest = Manifest.of({"task.json": b"{}"})
    >>> Manifest.parse(manifest.to_bytes()) == manifest
    True
    """

    files: dict[str, FileRecord]
    format_number: int = FORMAT_NUMBER

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Manifest:
        """Return the manifest of these files."""
        return cls(
            {
                name: FileRecord(hashlib.sha256(content).hexdigest(), len(content))
                for name, content in sorted(files.items())
            }
        )

    def to_bytes(self) -> bytes:
        """Return the one way to write this manifest."""
        files = {
            name: {"sha256": record.sha256, "size": record.size}
            for name, record in self.files.items()
        }
        content = {"files": files, "format": FORMAT_NAME, "format_number": self.format_number}
        return json_bytes(content)

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest's bytes: the identity of the model."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @classmethod
    def parse(cls, content: bytes) -> Manifest:
        """Read `to_bytes`, and only what it writes.

        Raises
        ------
        ModelIntegrityError
            Not JSON, another format, names or digests that can't be, or written another way.
        """
        try:
            values = json.loads(content)
            number = values["format_number"]
            if values["format"] != FORMAT_NAME or type(number) is not int or number < 1:
                raise ValueError("format")
            files = {
                name: FileRecord(str(record["sha256"]), int(record["size"]))
                for name, record in sorted(values["files"].items())
            }
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise _refusal(f"{MANIFEST_NAME} is not a manifest of a riskmodel bundle") from error
        if number > FORMAT_NUMBER:
            raise ModelIntegrityError(
                f"The bundle has format {number}; this version reads up to {FORMAT_NUMBER}. "
                "Nothing was parsed. Use a newer riskmodel."
            )
        manifest = cls(files, number)
        manifest._check_records()
        if manifest.to_bytes() != content:
            raise _refusal(f"{MANIFEST_NAME} was altered: it is not written as riskmodel writes it")
        return manifest

    def _check_records(self) -> None:
        if not 0 < len(self.files) <= _MAXIMUM_FILES:
            raise _refusal(f"{MANIFEST_NAME} lists {len(self.files)} files")
        for name, record in self.files.items():
            if name == MANIFEST_NAME or not _FILE_NAME.fullmatch(name):
                raise _refusal(f"{MANIFEST_NAME} lists a file whose name is not allowed")
            if not _SHA256.fullmatch(record.sha256) or not 0 <= record.size <= MAXIMUM_BYTES:
                raise _refusal(f"{MANIFEST_NAME} has no possible digest and size for {name}")


def json_bytes(content: Any) -> bytes:
    """Return JSON with sorted keys, one way to write each value, and no NaN."""
    text = json.dumps(content, sort_keys=True, indent=1, allow_nan=False, default=_plain)
    return f"{text}\n".encode("ascii")


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):  # a setting computed by numpy
        return value.item()
    raise TypeError(f"{type(value).__name__} is not JSON")


def write_files(folder: str | os.PathLike[str], files: Mapping[str, bytes]) -> str:
    """Write a bundle whole or not at all, and return its digest."""
    manifest = Manifest.of(files)
    Manifest.parse(manifest.to_bytes())  # what could not be read is not written
    check_replaceable(folder, MANIFEST_NAME)
    with atomic_folder(folder) as temporary:
        for name, content in files.items():
            (temporary / name).write_bytes(content)
        (temporary / MANIFEST_NAME).write_bytes(manifest.to_bytes())
    return manifest.digest


def read_verified(
    folder: str | os.PathLike[str], expected_digest: str | None = None
) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest and the verified bytes of every file it lists.

    Raises
    ------
    ModelIntegrityError
        Says which file differs and how. Nothing was parsed but the manifest.
    """
    path = Path(folder)
    names = _names_in(path)
    if MANIFEST_NAME not in names:
        raise _refusal(f"{MANIFEST_NAME} is missing")
    written = _read(path / MANIFEST_NAME, _MAXIMUM_MANIFEST_BYTES)
    manifest = Manifest.parse(written)
    if expected_digest is not None and manifest.digest != expected_digest:
        raise _refusal(
            f"the bundle's digest is {manifest.digest}, and {expected_digest} was expected"
        )
    _check_listing(names, manifest)
    return manifest, {
        name: _verified(path / name, record) for name, record in manifest.files.items()
    }


def _names_in(path: Path) -> set[str]:
    if path.is_file():
        raise ModelIntegrityError(
            f"{path.name} is a single file; a riskmodel bundle is a folder with {MANIFEST_NAME}. "
            "Pickle, joblib and skops files are never opened, since opening one can run code. "
            "Give the folder that model.save wrote."
        )
    if not path.is_dir():
        raise ModelIntegrityError(
            f"There is no folder {path.name}. Give one that model.save wrote."
        )
    with os.scandir(path) as entries:
        listed = [(entry.name, entry.is_file(follow_symlinks=False)) for entry in entries]
    for name, _ in listed:
        if _FOREIGN.fullmatch(name):
            raise _refusal(
                f"the folder holds {name!r}: bundles hold text only, and neither pickles nor code "
                "nor other libraries' models are opened"
            )
    irregular = sorted(name for name, regular in listed if not regular)
    if irregular:
        raise _refusal(f"the folder holds what is not a plain file: {_shown(irregular)}")
    return {name for name, _ in listed}


def _check_listing(names: set[str], manifest: Manifest) -> None:
    extra = sorted(names - manifest.files.keys() - {MANIFEST_NAME})
    missing = sorted(manifest.files.keys() - names)
    if extra:
        raise _refusal(
            f"the folder holds files that {MANIFEST_NAME} does not list: {_shown(extra)}"
        )
    if missing:
        raise _refusal(f"files are missing: {_shown(missing)}")


def _verified(path: Path, record: FileRecord) -> bytes:
    content = _read(path, record.size)
    if len(content) != record.size:
        raise _refusal(f"{path.name} has another size than {MANIFEST_NAME} says")
    if hashlib.sha256(content).hexdigest() != record.sha256:
        raise _refusal(f"{path.name} was altered: its SHA-256 is not what {MANIFEST_NAME} says")
    return content


def _read(path: Path, maximum: int) -> bytes:
    """Read a plain file once, no more than `maximum` bytes and one."""
    try:
        # neither a link that was put there since, nor a pipe that never ends, is followed
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with os.fdopen(os.open(path, flags), "rb") as handle:
            if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
                raise _refusal(f"{path.name} is not a plain file")
            content = handle.read(maximum + 1)
    except OSError as error:
        raise _refusal(f"{path.name} can't be read ({error.strerror})") from error
    if len(content) > maximum:
        raise _refusal(f"{path.name} is larger than it may be ({maximum} bytes)")
    return content


def _shown(names: list[str]) -> str:
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(repr(name) for name in names[:5]) + more


def _refusal(what: str) -> ModelIntegrityError:
    return ModelIntegrityError(f"The bundle can't be trusted: {what}. {_ADVICE}")
