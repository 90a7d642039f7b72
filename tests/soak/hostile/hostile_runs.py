"""Every kind of hostile folder by name, and what becomes of one: a child process loads it.

A child that dies is counted as a death, and the next folder gets a new child.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Self

import hostile_content as content
import hostile_folders as folders
from hostile_folders import BESIDE, EXECUTED, Harm, any_file, fit, listed

import riskmodel
from riskmodel.model.manifest import MANIFEST_NAME, SIGNATURE_NAME, content_digest
from riskmodel.model.signatures import SigningKey
from riskmodel.model.signing import sign_bundle
from riskmodel.model.strict_json import json_bytes

WORKER = Path(__file__).with_name("hostile_worker.py")
PRIVATE, PUBLIC = "signer.pem", "signer.pub.pem"
SIGNED = ("truncated", "one byte")
"""Kinds that also harm the signature: loaded with the key that checks it."""
ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(riskmodel.__file__).parents[1])}
"""The child tests what its parent does, and no older install of it."""


def fitted(harm: Callable[[Path, random.Random], None]) -> Harm:
    """Return the harm to one listed file, after which the manifest is made to fit."""

    def harm_and_fit(folder: Path, rng: random.Random) -> None:
        harm(listed(folder, rng), rng)
        fit(folder)

    return harm_and_fit


HARMS: dict[str, Harm] = {
    "truncated": lambda folder, rng: content.cut(any_file(folder, rng), rng),
    "one byte": lambda folder, rng: content.edit(any_file(folder, rng), rng),
    "truncated, digests right": fitted(content.cut),
    "one byte, digests right": fitted(content.edit),
    "files swapped": folders.swap,
    "a file missing": folders.lose,
    "pickle": folders.pickled,
    "MLmodel and code": folders.mlmodel,
    "links, pipes, sockets": folders.linked,
    "names that lead elsewhere": folders.named,
    "names that are no text": folders.strange_names,
    "strange numbers": content.strange_number,
    "other numbers": content.other_number,
    "deep JSON": content.deep,
    "gigantic arrays": content.gigantic,
    "repeated keys": content.repeated_key,
    "other encodings": content.other_encoding,
    "archives that unpack": folders.bomb,
    "sizes": folders.sized,
    "another manifest": folders.retold,
    "malformed trees": content.malformed_trees,
}


def resigned(keys: Path) -> Harm:
    """Return the harm that leaves a signature which does not belong there, or no longer does."""

    def harm(folder: Path, rng: random.Random) -> None:
        path, key = folder / SIGNATURE_NAME, SigningKey(keys / PRIVATE)
        signature = path.read_bytes()
        match rng.randrange(7):
            case 0:
                other = SigningKey.make(folder.parent / "other.pem", folder.parent / "other.pub")
                sign_bundle(folder, other.path)
            case 1:  # of another manifest, by the right key
                path.write_bytes(key.sign(rng.randbytes(100), MANIFEST_NAME))
            case 2:
                path.unlink()
            case 3:
                os.truncate(path, rng.randrange(len(signature)))
            case 4:
                content.edit(listed(folder, rng), rng)
                fit(folder)
            case 5:
                path.write_bytes(rng.randbytes(rng.choice([10, 1_000, 2**17])))
            case 6:
                content.edit(path, rng)

    return harm


def make_signed(whole: Path) -> Path:
    """Sign the whole bundle with a new key beside it; return where the key's halves lie."""
    SigningKey.make(whole.parent / PRIVATE, whole.parent / PUBLIC)
    sign_bundle(whole, whole.parent / PRIVATE)
    return whole.parent


def forged(folder: Path, rng: random.Random) -> None:
    """Do harm to a content, and make every digest right, that of the self-test too.

    What comes of it is another bundle, whole in itself: only its own digest can tell, or the
    signature that it lacks. It must not kill, run code, or end in an error of another class.
    """
    harm = rng.choice(["strange numbers", "other numbers", "malformed trees", "repeated keys"])
    harm = rng.choice([harm, "one byte, digests right", "truncated, digests right"])
    HARMS[harm](folder, rng)
    path = folder / "self_test.json"
    with suppress(ValueError, TypeError):  # it may be what was harmed
        tested = json.loads(path.read_bytes())
        files = {each.name: each.read_bytes() for each in folder.iterdir()}
        others = {name: files[name] for name in files if name not in {*BESIDE, path.name}}
        path.write_bytes(json_bytes(tested | {"of": content_digest(others)}))
        fit(folder)


class Child:
    """A process that loads the folders it is given, beside the whole bundle."""

    def __init__(self, whole: Path) -> None:
        self.whole = whole
        self.process: subprocess.Popen[str] | None = None

    def ask(self, folder: Path, **options: str) -> str:
        """Return "refused", "same score", "wrong", "another model", "death", or an error's name."""
        if self.process is None:
            command = [sys.executable, str(WORKER), str(self.whole)]
            pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
            self.process = subprocess.Popen(
                command, stdin=pipe, stdout=pipe, stderr=nowhere, text=True, env=ENVIRONMENT
            )
        assert self.process.stdin
        assert self.process.stdout
        try:
            self.process.stdin.write(json.dumps({"folder": str(folder), **options}) + "\n")
            self.process.stdin.flush()
            answer = self.process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self.close()
            return "death"
        return str(json.loads(answer))

    def close(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.communicate()
            self.process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def run(
    child: Child, whole: Path, harm: Harm, rounds: int, *, seed: int = 0, **options: str
) -> Counter[str]:
    """Do harm to copies of the whole bundle, and count what becomes of them."""
    rng, found = random.Random(seed), Counter[str]()
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place) / "bundle"
            shutil.copytree(whole, folder)
            harm(folder, rng)
            found[child.ask(folder, **options)] += 1
            found["executed"] += (Path(place) / EXECUTED).exists()
    return +found
