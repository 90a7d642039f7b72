"""Every error and warning that riskmodel raises.

::

    RiskModelError(ValueError)
      SchemaError           a table breaks its rules; all mistakes at once, without personal data
      LeakageError          used what was recorded at or after as_of, or a protected column
      NotScorableError      one person asked for, no usable history
      ModelMismatchError    histories do not fit what the model was trained on
      ModelIntegrityError   a bundle's file is missing, altered or not what the manifest says
      ModelExpiredError     past its expiry, or asked for a use that it does not permit
      NotAuditedError       register without an audit of this digest; promote without a pass
    RiskModelWarning(UserWarning)
      SmallGroupWarning     a cell under the minimum: its rates are withheld
      LateReportsWarning    serious events come in later than the allowance made for them
      FallbackWarning       something other than what was asked for answered, and says so
      UncachedWarning       no private folder for compiled code: every process compiles anew

Each message says what was given, what is allowed and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable


class RiskModelError(ValueError):
    """Base of all errors of this library.

    Examples
    --------
    >>> issubclass(SchemaError, RiskModelError)
    True
    """


class SchemaError(RiskModelError):
    """One or more tables break their rules.

    Parameters
    ----------
    problems : iterable of str
        One sentence a mistake: table, column, rule, number of rows. Never a value from a row.
    advice : str, optional
        What to do about it.

    Examples
    --------
    >>> print(SchemaError(["events.event_time: missing in 2 rows"], advice="Fill it."))
    1 problem:
      - events.event_time: missing in 2 rows
    Fill it.
    """

    def __init__(self, problems: Iterable[str] | str, *, advice: str = "") -> None:
        self.problems = [problems] if isinstance(problems, str) else list(problems)
        count = len(self.problems)
        lines = [f"{count} problem{'s' if count != 1 else ''}:"]
        lines += [f"  - {problem}" for problem in self.problems]
        super().__init__("\n".join([*lines, advice] if advice else lines))


class LeakageError(RiskModelError):
    """Something used what was recorded at or after ``as_of``, or a protected column."""


class NotScorableError(RiskModelError):
    """One person was asked for who has no usable history.

    Parameters
    ----------
    message : str
    status : str
        What a table of scores says of this person in its column ``status``.
    """

    def __init__(self, message: str, *, status: str = "unknown person") -> None:
        super().__init__(message)
        self.status = status


class ModelMismatchError(RiskModelError):
    """The histories do not fit what the model was trained on."""


class ModelIntegrityError(RiskModelError):
    """A bundle's file is missing, altered or not what the manifest says; nothing was parsed."""


class ModelExpiredError(RiskModelError):
    """The model is past its expiry, or was asked for a use that it does not permit."""


class NotAuditedError(RiskModelError):
    """Registering without an audit of this digest, or promoting without a pass."""


class RiskModelWarning(UserWarning):
    """Base of all warnings of this library."""


class SmallGroupWarning(RiskModelWarning):
    """A cell is under the minimum: its rates are withheld."""


class LateReportsWarning(RiskModelWarning):
    """Serious events are reported later than the allowance made for them."""


class FallbackWarning(RiskModelWarning):
    """Something other than what was asked for answered; the message says what."""


class UncachedWarning(RiskModelWarning):
    """No private folder for compiled code could be written: every process compiles anew."""
