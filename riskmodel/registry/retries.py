"""Try again a little later, not in step with others, and not for ever."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")

FIRST_WAIT = 0.05
LONGEST_WAIT = 1.5


def retried(
    action: Callable[[], Result], transient: Callable[[Exception], bool], *, attempts: int = 12
) -> Result:
    """Return what `action` returns; where it raises what is `transient`, wait and try again.

    The wait is drawn anew each time from 0 to a bound that doubles: those who collided once do
    not collide again in step.

    Examples
    --------
    >>> tries = iter([KeyError("busy"), KeyError("busy"), None])
    >>> def action():
    ...     if error := next(tries):
    ...         raise error
    ...     return "done"
    >>> retried(action, lambda error: isinstance(error, KeyError))
    'done'
    """
    for attempt in range(attempts - 1):
        try:
            return action()
        except Exception as error:
            if not transient(error):
                raise
        bound = min(LONGEST_WAIT, FIRST_WAIT * 2**attempt)
        time.sleep(random.uniform(0, bound))  # noqa: S311  (spreads the load; keeps no secret)
    return action()
