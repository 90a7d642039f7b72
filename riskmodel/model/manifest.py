"""A bundle's files and their digests, checked before a byte of them is parsed.

What is read is read once: the bytes that were verified are the bytes that are parsed. The digest
of the manifest is the identity of the model. A folder that is consistent in itself may still be
another model than was meant: give `expected_digest`, from the registry or the audit, to know; or
the public half of the key that it was signed with.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from riskmodel.errors import ModelIntegrityError, RiskModelError
from riskmodel.files import atomic_folder, check_replaceable
from riskmodel.model.bundle_folder import MAXIMUM_FILES, names_in, read_file, refusal, shown
from riskmodel.model.signatures import MAXIMUM_SIGNATURE, SigningKey, check_signature
from riskmodel.model.strict_json import MAXIMUM_VALUES, json_bytes, most_values, read_json

PathLike = str | os.PathLike[str]

# The rule: a change that an older reader would misread raises the number by one and keeps the
# reader of every number before it (READERS in bundle.py). A file added or changed is such a change.
# 1: a margin of one part. 2: of named parts. 3: the manifest says what the bundle is about, its
# digest stands beside it in a file, and a signature may.
FORMAT_NUMBER = 3
FORMAT_NAME = "riskmodel bundle"
MANIFEST_NAME = "manifest.json"
DIGEST_NAME = "manifest.sha256"
SIGNATURE_NAME = "model.sig"
MAXIMUM_BYTES = 64 * 2**20
"""Largest size of one file."""
MAXIMUM_TOTAL = 256 * 2**20
"""Largest size of all files of a bundle together."""

_SAYS_WHAT_IT_IS = 3  # the first format with `about`, a digest file and perhaps a signature
_MAXIMUM_MANIFEST = 2**20
_FILE_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\.(json|txt)")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class FileRecord:
    """Size in bytes and SHA-256 of one file."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """What a bundle's folder holds, and nothing besides.

    Parameters
    ----------
    files : dict of FileRecord
        By file name.
    about : dict
        JSON: what the bundle is, readable without loading it; empty before format 3.
    format_number : int

    Examples
    --------
    >>> manifest = Manifest.of({"task.json": b"{}"}, {"name": "repeat-harm"})
    >>> Manifest.parse(manifest.to_bytes()) == manifest
    True
    """

    files: dict[str, FileRecord]
    about: dict[str, Any] = field(default_factory=dict)
    format_number: int = FORMAT_NUMBER

    @classmethod
    def of(cls, files: Mapping[str, bytes], about: Mapping[str, Any] | None = None) -> Manifest:
        """Return the manifest of these files."""
        records = {
            name: FileRecord(_sha256(content), len(content))
            for name, content in sorted(files.items())
        }
        return cls(records, read_json(json_bytes(dict(about or {}))))

    def to_bytes(self) -> bytes:
        """Return the one way to write this manifest."""
        files = {
            name: {"sha256": record.sha256, "size": record.size}
            for name, record in self.files.items()
        }
        content = {"files": files, "format": FORMAT_NAME, "format_number": self.format_number}
        about = {"about": self.about} if self.format_number >= _SAYS_WHAT_IT_IS else {}
        return json_bytes(content | about)

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest's bytes: the identity of the model."""
        return _sha256(self.to_bytes())

    @property
    def names_beside(self) -> set[str]:
        """The files that the manifest can't list: itself, its digest, and a signature of it."""
        if self.format_number < _SAYS_WHAT_IT_IS:
            return {MANIFEST_NAME}
        return {MANIFEST_NAME, DIGEST_NAME, SIGNATURE_NAME}

    @classmethod
    def parse(cls, content: bytes) -> Manifest:
        """Read `to_bytes`, and only what it writes.

        Raises
        ------
        ModelIntegrityError
            Not JSON, another format, names or digests that can't be, or written another way.
        """
        try:
            values = read_json(content)
            number = values["format_number"]
            if values["format"] != FORMAT_NAME or type(number) is not int or number < 1:
                raise ValueError("format")
            _check_known(number)
            manifest = cls(
                {
                    name: FileRecord(str(record["sha256"]), int(record["size"]))
                    for name, record in sorted(values["files"].items())
                },
                dict(values["about"]) if number >= _SAYS_WHAT_IT_IS else {},
                number,
            )
        except ModelIntegrityError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise refusal(f"{MANIFEST_NAME} is not a manifest of a riskmodel bundle") from error
        manifest._check_records()
        if manifest.to_bytes() != content:
            raise refusal(f"{MANIFEST_NAME} was altered: it is not written as riskmodel writes it")
        return manifest

    def _check_records(self) -> None:
        if not 0 < len(self.files) <= MAXIMUM_FILES:
            raise refusal(f"{MANIFEST_NAME} lists {len(self.files)} files")
        for name, record in self.files.items():
            if name == MANIFEST_NAME or not _FILE_NAME.fullmatch(name):
                raise refusal(f"{MANIFEST_NAME} lists a file whose name is not allowed")
            if not _SHA256.fullmatch(record.sha256) or not 0 <= record.size <= MAXIMUM_BYTES:
                raise refusal(f"{MANIFEST_NAME} has no possible digest and size for {name}")
        if sum(record.size for record in self.files.values()) > MAXIMUM_TOTAL:
            raise refusal(f"{MANIFEST_NAME} lists more than {MAXIMUM_TOTAL} bytes")


def content_digest(files: Mapping[str, bytes]) -> str:
    """Return the SHA-256 over the names and contents of files, in any order.

    A self-test is of the very files that gave its answers: its few rows do not reach every leaf, so
    that a number changed under digests that were made to fit could pass it.

    Examples
    --------
    >>> content_digest({"a": b"1", "b": b"2"}) == content_digest({"b": b"2", "a": b"1"})
    True
    """
    return _sha256(json_bytes({name: _sha256(content) for name, content in files.items()}))


def _check_known(number: int) -> None:
    if number > FORMAT_NUMBER:
        raise ModelIntegrityError(
            f"The bundle has format {number}; this version reads up to {FORMAT_NUMBER}. "
            "Nothing was parsed. Use a newer riskmodel."
        )


def write_files(
    folder: PathLike,
    files: Mapping[str, bytes],
    about: Mapping[str, Any] | None = None,
    sign_with: SigningKey | None = None,
) -> str:
    """Write a bundle whole or not at all, and return its digest."""
    manifest = Manifest.of(files, about)
    signature = None if sign_with is None else sign_with.sign(manifest.to_bytes(), MANIFEST_NAME)
    write_whole(folder, manifest, files, signature)
    return manifest.digest


def write_whole(
    folder: PathLike, manifest: Manifest, files: Mapping[str, bytes], signature: bytes | None
) -> None:
    """Write the manifest's files, itself, its digest and its signature as one folder."""
    Manifest.parse(manifest.to_bytes())  # what could not be read is not written
    _check_values(files)
    beside = {MANIFEST_NAME: manifest.to_bytes(), DIGEST_NAME: _digest_line(manifest.digest)}
    if signature is not None:
        beside[SIGNATURE_NAME] = signature
    check_replaceable(folder, MANIFEST_NAME)
    with atomic_folder(folder) as temporary:
        for name, content in {**files, **beside}.items():
            (temporary / name).write_bytes(content)


def read_verified(
    folder: PathLike,
    expected_digest: str | None = None,
    *,
    require_signature: bool = False,
    public_key: PathLike | None = None,
) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest and the verified bytes of every file it lists.

    The order: the manifest's digest, its signature, what it lists, every file's size and digest.

    Parameters
    ----------
    folder : path
    expected_digest : str, optional
        From the registry or the audit.
    require_signature : bool
        Refuse a bundle that nobody signed; needs `public_key`.
    public_key : path, optional
        PEM file of the public half of the key that signed it. Where it is given, the bundle must
        be signed with its other half.

    Raises
    ------
    ModelIntegrityError
        Says which file differs and how. Nothing was parsed but the manifest.
    RiskModelError
        A signature is required and no key given, or the key is none.
    """
    if require_signature and public_key is None:
        raise RiskModelError(
            "A signature is required, and no public key is given to check it with. Give "
            "public_key: the PEM file that belongs to the key that signs your models."
        )
    path = Path(folder)
    names = names_in(path, MANIFEST_NAME)
    if MANIFEST_NAME not in names:
        raise refusal(f"{MANIFEST_NAME} is missing")
    written = read_file(path / MANIFEST_NAME, _MAXIMUM_MANIFEST)
    _check_digest(path, names, _sha256(written), expected_digest)
    _check_signature(path, names, written, public_key)
    manifest = Manifest.parse(written)
    _check_listing(names, manifest)
    files = {name: _verified(path / name, record) for name, record in manifest.files.items()}
    _check_values(files)
    return manifest, files


def _check_digest(path: Path, names: set[str], digest: str, expected: str | None) -> None:
    if expected is not None and digest != expected:
        raise refusal(f"the bundle's digest is {digest}, and {expected} was expected")
    line = _digest_line(digest)
    if DIGEST_NAME in names and read_file(path / DIGEST_NAME, len(line)) != line:
        raise refusal(f"{MANIFEST_NAME} was altered: its SHA-256 is not what {DIGEST_NAME} says")


def _check_signature(
    path: Path, names: set[str], written: bytes, public_key: PathLike | None
) -> None:
    signed = SIGNATURE_NAME in names
    signature = read_file(path / SIGNATURE_NAME, MAXIMUM_SIGNATURE) if signed else b""
    if public_key is None:
        return
    if not signed:
        raise refusal(f"it is not signed: there is no {SIGNATURE_NAME}")
    check_signature(written, MANIFEST_NAME, signature, public_key)


def _check_listing(names: set[str], manifest: Manifest) -> None:
    extra = sorted(names - manifest.files.keys() - manifest.names_beside)
    required = manifest.names_beside - {SIGNATURE_NAME} | manifest.files.keys()
    missing = sorted(required - names)
    if extra:
        raise refusal(f"the folder holds files that {MANIFEST_NAME} does not list: {shown(extra)}")
    if missing:
        raise refusal(f"files are missing: {shown(missing)}")


def _verified(path: Path, record: FileRecord) -> bytes:
    content = read_file(path, record.size)
    if len(content) != record.size:
        raise refusal(f"{path.name} has another size than {MANIFEST_NAME} says")
    if _sha256(content) != record.sha256:
        raise refusal(f"{path.name} was altered: its SHA-256 is not what {MANIFEST_NAME} says")
    return content


def _check_values(files: Mapping[str, bytes]) -> None:
    """Raise before what would take gigabytes once parsed is parsed."""
    values = sum(most_values(files[name]) for name in files if name.endswith(".json"))
    if values > MAXIMUM_VALUES:
        raise refusal(f"its JSON holds more than {MAXIMUM_VALUES} values")


def _digest_line(digest: str) -> bytes:
    return f"{digest}  {MANIFEST_NAME}\n".encode("ascii")  # as sha256sum writes and checks it


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
