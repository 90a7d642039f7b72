"""What lies in a bundle's folder, and the bytes of a file of it: links, pipes and code refused.

Nothing of a file is parsed here. What is read is read once and no further than it may be long.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from riskmodel.errors import ModelIntegrityError

MAXIMUM_FILES = 1_000

_FOREIGN = re.compile(
    r"MLmodel|.*\.(pkl|pickle|joblib|skops|cloudpickle|dill|py|pyc|pyd|so|dll|dylib|sh|exe|ipynb"
    r"|npy|npz|zip|gz|bz2|xz|zst|tar|7z|jar|h5|hdf5|keras|pb|onnx|pt|pth|ckpt|safetensors)",
    re.IGNORECASE,
)
_ADVICE = "Nothing was parsed. Restore the bundle from the registry, or train again."


def refusal(what: str) -> ModelIntegrityError:
    """Return the error that says why a bundle can't be trusted."""
    return ModelIntegrityError(f"The bundle can't be trusted: {what}. {_ADVICE}")


def names_in(path: Path, known_by: str) -> set[str]:
    """Return the names in a bundle's folder, all of them of plain files.

    Parameters
    ----------
    path : Path
    known_by : str
        The file that makes a folder a bundle.

    Raises
    ------
    ModelIntegrityError
        No folder, or one that holds links, folders, pipes, code or other libraries' models.
    """
    if path.is_file():
        raise ModelIntegrityError(
            f"{path.name} is a single file; a riskmodel bundle is a folder with {known_by}. "
            "Pickle, joblib and skops files are never opened, since opening one can run code. "
            "Give the folder that model.save wrote."
        )
    if not path.is_dir():
        raise ModelIntegrityError(
            f"There is no folder {path.name}. Give one that model.save wrote."
        )
    with os.scandir(path) as entries:
        some = islice(entries, MAXIMUM_FILES + 10)  # a folder may be made to have millions
        listed = [(entry.name, entry.is_file(follow_symlinks=False)) for entry in some]
    if len(listed) > MAXIMUM_FILES + 3:
        raise refusal(f"the folder holds more than {MAXIMUM_FILES} files")
    for name, _ in listed:
        if _FOREIGN.fullmatch(name):
            raise refusal(
                f"the folder holds {name!r}: bundles hold text only, and neither pickles nor code "
                "nor archives nor other libraries' models are opened"
            )
    irregular = sorted(name for name, regular in listed if not regular)
    if irregular:
        raise refusal(f"the folder holds what is not a plain file: {shown(irregular)}")
    return {name for name, _ in listed}


def read_file(path: Path, maximum: int) -> bytes:
    """Read a plain file once, no more than `maximum` bytes and one."""
    try:
        # neither a link that was put there since, nor a pipe that never ends, is followed
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        with os.fdopen(os.open(path, flags), "rb") as handle:
            status = os.fstat(handle.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise refusal(f"{path.name} is not a plain file")
            content = handle.read(min(status.st_size, maximum) + 1)
    except OSError as error:
        raise refusal(f"{path.name} can't be read ({error.strerror})") from error
    if len(content) > maximum:
        raise refusal(f"{path.name} is larger than it may be ({maximum} bytes)")
    return content


def shown(names: Iterable[str]) -> str:
    """Return up to five names, quoted, and how many more there are."""
    names = list(names)
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(repr(name) for name in names[:5]) + more
