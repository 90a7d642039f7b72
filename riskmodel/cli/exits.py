"""Exit codes, and errors as one clean line.

::

    0   done
    1   what was given cannot be used: tables, files, names, dates
    2   the command was typed wrongly (unknown option, missing argument)
    3   a gate said no: a bundle that is not what its manifest says, a model past its expiry or
        outside its permitted use, an audit that failed, a version that may not be promoted,
        a threshold of monitoring that was crossed
"""

from __future__ import annotations

import os
from collections.abc import Callable

from riskmodel.cli.screens import fail
from riskmodel.errors import (
    ModelExpiredError,
    ModelIntegrityError,
    NotAuditedError,
    RiskModelError,
)

DONE, UNUSABLE, GATE = 0, 1, 3  # 2 is given by the option parser itself
_GATES = (ModelIntegrityError, ModelExpiredError, NotAuditedError)
_FILES = (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError)


class GateClosed(Exception):
    """A gate said no after the command did its work; the reason was printed."""


def guarded(command: Callable[[], None]) -> int:
    """Run `command`; return its exit code, with errors shown as one line.

    With ``RISKMODEL_DEBUG=1`` in the environment, errors come with their traceback.

    Examples
    --------
    >>> guarded(lambda: None)
    0
    """
    try:
        command()
    except GateClosed:
        return GATE
    except (RiskModelError, *_FILES) as error:
        if os.environ.get("RISKMODEL_DEBUG") == "1":
            raise
        fail(_sentence(error))
        return GATE if isinstance(error, _GATES) else UNUSABLE
    return DONE


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.strerror}: {error.filename}"
    return str(error)
