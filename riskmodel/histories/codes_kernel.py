"""Numbers distinct things within each owner: the compiled pass behind local codes."""

from __future__ import annotations

from riskmodel.compile_kernel import compiled


@compiled
def number_within(owner, item, seen_by, number_of, local):
    """Fill `local` with 0, 1, ... for the distinct items of each owner, as they first appear.

    Parameters
    ----------
    owner : int64 array, shape (n,)
        Rising.
    item : int64 array, shape (n,)
        -1 where there is none: `local` is left as it is.
    seen_by, number_of : int64 arrays of -1, one place an item
        Who met an item last, and the number it had there.
    """
    current, following = -1, 0
    for row in range(owner.size):
        if owner[row] != current:
            current, following = owner[row], 0
        code = item[row]
        if code < 0:
            continue
        if seen_by[code] != current:
            seen_by[code] = current
            number_of[code] = following
            following += 1
        local[row] = number_of[code]
