"""Folders that pretend to be bundles, each made of a whole one: what lies in them, and its names.

Every harm takes a fresh copy of the folder and a random generator, and changes it in place. Those
that `fit` write the manifest anew, so that all digests are right and only the content is not.
"""

import gzip
import hashlib
import io
import json
import os
import pickle
import random
import shutil
import socket
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from riskmodel.model.manifest import DIGEST_NAME, MANIFEST_NAME, SIGNATURE_NAME
from riskmodel.model.strict_json import json_bytes

Harm = Callable[[Path, random.Random], None]

EXECUTED = "executed"  # appears beside the folder if anything in it is ever run
BESIDE = {MANIFEST_NAME, DIGEST_NAME, SIGNATURE_NAME}


class Payload:
    """A pickle of it runs a command when it is opened."""

    def __init__(self, folder):
        self.command = f"touch '{folder.parent / EXECUTED}'"

    def __reduce__(self):
        return os.system, (self.command,)


def put(folder: Path, content: bytes) -> None:
    """Make `content` the manifest, with the digest file that belongs to it."""
    (folder / MANIFEST_NAME).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    (folder / DIGEST_NAME).write_text(f"{digest}  {MANIFEST_NAME}\n")


def fit(folder: Path, names: dict[str, str] | None = None) -> None:
    """Write the manifest of what lies there now; `names` lists a file under another name."""
    manifest = json.loads((folder / MANIFEST_NAME).read_bytes())
    manifest["files"] = {
        (names or {}).get(path.name, path.name): {
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "size": path.stat().st_size,
        }
        for path in sorted(folder.iterdir())
        if path.name not in BESIDE
    }
    put(folder, json_bytes(manifest))


def any_file(folder: Path, rng: random.Random, ending: str = "") -> Path:
    return rng.choice(sorted(path for path in folder.iterdir() if path.name.endswith(ending)))


def listed(folder: Path, rng: random.Random, ending: str = "") -> Path:
    return rng.choice(
        sorted(
            path
            for path in folder.iterdir()
            if path.name.endswith(ending) and path.name not in BESIDE
        )
    )


def swap(folder: Path, rng: random.Random) -> None:
    one, other = rng.sample(sorted(folder.iterdir()), 2)
    contents = one.read_bytes(), other.read_bytes()
    if contents[0] == contents[1]:
        return swap(folder, rng)
    one.write_bytes(contents[1])
    other.write_bytes(contents[0])
    return None


def lose(folder: Path, rng: random.Random) -> None:
    listed_or_beside = [path for path in folder.iterdir() if path.name != SIGNATURE_NAME]
    rng.choice(sorted(listed_or_beside)).unlink()


def pickled(folder: Path, rng: random.Random) -> None:
    """Put a pickle there: under its own name, or in the place of a file, with digests that fit."""
    content = pickle.dumps(Payload(folder), protocol=rng.randrange(2, 6))
    if rng.random() < 0.5:
        ending = rng.choice(["pkl", "PKL", "pickle", "joblib", "skops", "npy", "pt", "bin", "json"])
        (folder / f"model.{ending}").write_bytes(content)
        if rng.random() < 0.5:
            fit(folder)
    else:
        listed(folder, rng).write_bytes(content)
        fit(folder)


def mlmodel(folder: Path, rng: random.Random) -> None:
    """Make it a model of another library too, whose loader is code that lies beside it."""
    run = f"import os\nos.system({Payload(folder).command!r})\n"
    loader = rng.choice(["mlflow.pyfunc.model", "loader", "os", "mlflow.sklearn"])
    text = f"flavors:\n  python_function:\n    loader_module: {loader}\n    code: code\n"
    files = {"MLmodel": text, "loader.py": run, "__init__.py": run, "sitecustomize.py": run}
    for name in rng.sample(sorted(files), rng.randrange(1, 5)):
        (folder / name).write_text(files[name])
    if rng.random() < 0.5:
        (folder / "code").mkdir()
        (folder / "code" / "loader.py").write_text(run)
        return
    if rng.random() < 0.5:
        fit(folder)


def linked(folder: Path, rng: random.Random) -> None:
    """Put something that is no plain file in the place of a file."""
    path = any_file(folder, rng)
    outside = folder.parent / "outside"
    shutil.rmtree(outside, ignore_errors=True)
    shutil.copytree(folder, outside)
    path.unlink()
    match rng.randrange(9):
        case 0:
            path.symlink_to(outside / path.name)  # with the very bytes that are expected
        case 1:
            path.symlink_to(f"../outside/{path.name}")
        case 2:
            path.symlink_to(outside)
        case 3:
            path.symlink_to(rng.choice(["/dev/zero", "/dev/random", "/etc/passwd"]))
        case 4:
            path.symlink_to(rng.choice(["nowhere", path.name, "."]))
        case 5:
            os.mkfifo(path)
        case 6:
            path.mkdir()
        case 7:
            os.mkfifo(outside / "pipe")
            path.symlink_to(outside / "pipe")
        case 8:
            _socket(path)


def _socket(path: Path) -> None:
    short = Path("/proc/self/fd") / str(folder := os.open(path.parent, os.O_RDONLY))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(short / path.name))
    os.close(folder)


NAMES = (
    *("../{}", "../outside/{}", "../../{}", "/etc/passwd", "/dev/zero", "//{}", "./{}", "a/../{}"),
    *("..", ".", "", "~/{}", "$HOME/{}", "%2e%2e/{}", "..\\{}", "C:\\{}", "file:///{}", "{}."),
    *("{}\x00", "\x00{}", "{}\x00.txt", "{}\n", "\r{}", "\x1b[31m{}", "{} ", " {}", "{}::$DATA"),
    *("task\u202etxt.json", "t\u0430sk.json", "\uff54ask.json", "task\u200b.json"),
    *("Task.json", "TASK.JSON", "task.JSON", "Manifest.json", "MANIFEST.JSON", "manifest.json"),
    *(
        "manifest.sha256",
        "model.sig",
        "MLmodel",
        "x.pkl",
        "x.py",
        "con.json",
        "nul.json",
        "a b.json",
    ),
    *("ta\u0301sk.json", "\u00e1.json", "\ud800.json", "1.json", "-rf.json", "*.json", "x" * 300),
)


def named(folder: Path, rng: random.Random) -> None:
    """List a file under a name that points elsewhere, hides, or collides with another."""
    path = listed(folder, rng)
    name = rng.choice(NAMES).format(path.name)
    (folder.parent / path.name).write_bytes(path.read_bytes())  # where some of the names lead
    before = set(folder.iterdir())
    # nothing outside the folder is ever written: such a name stands in the manifest alone
    stays = "/" not in name and name not in ("", ".", "..")
    if rng.random() < 0.6 and stays and name not in BESIDE:
        with suppress(OSError, ValueError):  # on the disk too, where a disk takes such a name
            path.rename(folder / name) if rng.random() < 0.5 else shutil.copy(path, folder / name)
    if set(folder.iterdir()) == before or rng.random() < 0.6:
        fit(folder, {path.name: name})


def strange_names(folder: Path, rng: random.Random) -> None:
    """Put a file there whose name is no text, or all but that of one that belongs there."""
    path = listed(folder, rng)
    other = path.name.upper() if rng.random() < 0.3 else path.name.replace("a", "\u0430") + " "
    raw = bytes(rng.randrange(1, 256) for _ in range(rng.randrange(1, 200)))
    name = other.encode() if rng.random() < 0.5 else raw.replace(b"/", b"_")
    (folder / os.fsdecode(name + b"_")).write_bytes(path.read_bytes())


def bomb(folder: Path, rng: random.Random) -> None:
    """Put an archive there that unpacks to hundreds of times its size: under a name or in place."""
    zeros = bytes(rng.randrange(10, 40) * 2**20)
    if rng.random() < 0.3:
        content = gzip.compress(zeros, compresslevel=1)
    else:
        memory = io.BytesIO()
        with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr("../../arr_0.npy", zeros)
        content = memory.getvalue()
    if rng.random() < 0.5:
        name = rng.choice(["reference.npz", "a.zip", "a.json.gz", "a.tar", "a.json.zip", "a.NPZ"])
        (folder / name).write_bytes(content)
    else:
        listed(folder, rng).write_bytes(content)
    fit(folder)


def sized(folder: Path, rng: random.Random) -> None:
    """Let a file be far larger than it may be, or the manifest say so, or list thousands."""
    path = any_file(folder, rng)
    manifest = json.loads((folder / MANIFEST_NAME).read_bytes())
    names = sorted(manifest["files"])
    match rng.randrange(5):
        case 0:
            os.truncate(path, rng.choice([2**27, 2**33, 2**40]))  # of holes: no room on the disk
        case 1:
            size = rng.choice([-1, 2**26 + 1, 2**40, 2**63, 10**30, 1.5, "1", None, True])
            manifest["files"][rng.choice(names)]["size"] = size
            put(folder, json_bytes(manifest))
        case 2:
            record = manifest["files"][names[0]]
            numbers = range(rng.choice([1_100, 6_000, 20_000]))
            many = {f"n{number}.json": record for number in numbers}
            put(folder, json_bytes(manifest | {"files": manifest["files"] | many}))
        case 3:
            for number in range(1_100):
                (folder / f"n{number}.json").touch()
        case 4:
            for name in names:
                manifest["files"][name]["size"] = 2**26
            os.truncate(folder / rng.choice(names), 2**26)
            put(folder, json_bytes(manifest))


def retold(folder: Path, rng: random.Random) -> None:
    """Change a word of the manifest and make its digest fit."""
    manifest = json.loads((folder / MANIFEST_NAME).read_bytes())
    name = rng.choice(sorted(manifest["files"]))
    change = rng.choice(
        [
            lambda: manifest.update(format_number=rng.choice([0, 1, 2, 99, -1, 3.0, "3", None])),
            lambda: manifest.update(format=rng.choice(["", "riskmodel", None, 3])),
            lambda: manifest.update(about=rng.choice([None, [], "x", 3, True])),
            lambda: manifest.update({rng.choice(["x", "About", "files ", ""]): 1}),
            lambda: manifest.pop(rng.choice(["about", "files", "format", "format_number"])),
            lambda: manifest["files"].pop(name),
            lambda: manifest["files"][name].update(sha256=rng.choice(["", "0" * 64, None])),
            lambda: manifest["files"][name].pop(rng.choice(["sha256", "size"])),
            lambda: manifest.update(files=rng.choice([{}, [], None, "x", {name: []}])),
        ]
    )
    change()
    content = json_bytes(manifest)
    if rng.random() < 0.2:
        content = json.dumps(manifest).encode()
    put(folder, content)
