"""Bundles damaged, forged and hostile by the thousand: no death, no wrong score, nothing executed.

    hostile_bundles.py [rounds [kind ...]]

Every folder is loaded by a child process. Prints one line of JSON, by kind of harm; exit code 1
where a promise was broken. What each kind is: tests/soak/hostile.
"""

import json
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).with_name("hostile")))

import hostile_runs as runs
from kill_while_saving import small_models

from riskmodel.model.bundle import save_bundle
from riskmodel.model.manifest import read_verified

CHANGING = "changing while read"


def change_for_ever(folder: Path, contents: list[dict[str, bytes]], stop: threading.Event) -> None:
    """Write files in place from one bundle or the other, and now and then all of the first."""
    rng = random.Random(0)
    names = sorted(contents[0].keys() & contents[1].keys())
    while not stop.is_set():
        for _ in range(rng.randrange(1, 20)):
            name = rng.choice(names)
            content = rng.choice(contents)[name]
            (folder / name).write_bytes(content[: rng.choice([len(content), len(content) // 2])])
        for name, content in contents[0].items():
            (folder / name).write_bytes(content)
        time.sleep(rng.uniform(0, 0.1))


def while_it_changes(child: runs.Child, whole: Path, other: Path, rounds: int) -> Counter[str]:
    """Load a folder that another thread writes to, against the digest that is meant."""
    digest, stop = read_verified(whole)[0].digest, threading.Event()
    contents = [
        {path.name: path.read_bytes() for path in folder.iterdir()} for folder in (whole, other)
    ]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "bundle"
        shutil.copytree(whole, folder)
        writer = threading.Thread(target=change_for_ever, args=(folder, contents, stop))
        writer.start()
        try:
            return Counter(child.ask(folder, digest=digest) for _ in range(rounds))
        finally:
            stop.set()
            writer.join()


def counts(found: Counter[str], seconds: float) -> dict[str, object]:
    """Return the outcomes as they are printed; `errors` are those that are no refusal."""
    known = ("refused", "same score", "wrong", "another model", "death", "executed")
    return {
        "rounds": found.total() - found["executed"],
        "refused": found["refused"],
        "same_score": found["same score"],
        "another_model": found["another model"],
        "wrong": found["wrong"],
        "deaths": found["death"],
        "executed": found["executed"],
        "errors": {name: number for name, number in found.items() if name not in known},
        "seconds": round(seconds, 1),
    }


def main(rounds: int, kinds: list[str]) -> int:
    one, other = small_models()
    said: dict[str, dict[str, object]] = {}
    with tempfile.TemporaryDirectory() as place:
        whole = Path(place) / "whole"
        digest = save_bundle(one, whole)
        save_bundle(other, Path(place) / "other")
        keys = runs.make_signed(whole)
        key = {"public_key": str(keys / runs.PUBLIC)}
        tasks: dict[str, tuple[runs.Harm, dict[str, str]]] = {
            name: (harm, key if name in runs.SIGNED else {}) for name, harm in runs.HARMS.items()
        }
        edited = runs.HARMS["one byte, digests right"]
        tasks["one byte, digests right, digest expected"] = edited, {"digest": digest}
        tasks["signatures"] = runs.resigned(keys), key
        tasks["forged"] = runs.forged, {"forged": "yes"}
        tasks["forged, digest expected"] = runs.forged, {"forged": "yes", "digest": digest}
        with runs.Child(whole) as child:
            for name in kinds or [*tasks, CHANGING]:
                began = time.monotonic()
                if name == CHANGING:
                    found = while_it_changes(child, whole, Path(place) / "other", rounds)
                else:
                    harm, options = tasks[name]
                    found = runs.run(child, whole, harm, rounds, **options)
                said[name] = counts(found, time.monotonic() - began)
                sys.stderr.write(f"{name}: {said[name]}\n")
    sys.stdout.write(json.dumps(said) + "\n")
    broken = ("wrong", "deaths", "executed", "errors")
    return int(any(found[name] for found in said.values() for name in broken))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000, sys.argv[2:]))
