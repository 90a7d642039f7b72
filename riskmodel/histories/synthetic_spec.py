"""The declared parameters of a synthetic world: every rate has a name, and checks itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from math import prod
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from riskmodel.errors import RiskModelError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

DAY = 86_400.0
YEAR = 365.25 * DAY
NEVER = 2.0**40  # seconds; later than any date in a world, and exact in float64
TRAITS = ("sex", "ethnicity", "disability", "sexual_orientation", "religion")


class OffenceProfile(NamedTuple):
    """How one offence occurs and what becomes of it.

    ``mild``, ``grave`` and ``serious`` are weights: among the minor offences of people of low
    seriousness, among those of people of high seriousness, and among the serious offences.
    ``reported``, ``charged`` and ``stranger`` are probabilities, ``served`` is the median time in
    custody in days.
    """

    code: str
    mild: float
    grave: float
    serious: float
    reported: float
    charged: float
    stranger: float
    served: float
    sexual: bool = False
    victimless: bool = False


# Codes are Home Office classes of the edition "ashby-2017"; the serious ones stand at >= 365 days.
# No killing is planted: victims are met again, and the dead are not.
PROFILES = (
    OffenceProfile("105A", 56, 32, 0, 0.55, 0.10, 0.10, 20),
    OffenceProfile("8L", 14, 18, 0, 0.60, 0.09, 0.12, 25),
    OffenceProfile("8N", 9, 20, 0, 0.70, 0.18, 0.10, 60),
    OffenceProfile("8Q", 1, 8, 0, 0.60, 0.14, 0.10, 90),
    OffenceProfile("3B", 3, 8, 0, 0.65, 0.12, 0.10, 90),
    OffenceProfile("20A", 2, 5, 0, 0.40, 0.10, 0.40, 120, sexual=True),
    OffenceProfile("88E", 1, 2, 0, 0.45, 0.12, 0.60, 60, sexual=True),
    OffenceProfile("58C", 9, 4, 0, 0.55, 0.07, 0.20, 15),
    OffenceProfile("49", 9, 3, 0, 0.50, 0.06, 0.50, 20),
    OffenceProfile("92D", 6, 6, 0, 0.00, 0.30, 0.00, 20, victimless=True),
    OffenceProfile("19C", 0, 0, 40, 0.50, 0.09, 0.12, 1000, sexual=True),
    OffenceProfile("5D", 0, 0, 29, 0.88, 0.30, 0.15, 800),
    OffenceProfile("34B", 0, 0, 19, 0.65, 0.16, 0.85, 300),
    OffenceProfile("36", 0, 0, 9, 0.75, 0.20, 0.15, 380),
    OffenceProfile("2", 0, 0, 3, 0.97, 0.60, 0.15, 2200),
)
SERIOUS_CODES = frozenset(p.code for p in PROFILES if p.serious)
SEXUAL_CODES = frozenset(p.code for p in PROFILES if p.sexual)

_GROUPS: dict[str, dict[str, float]] = {
    "sex": {"Male": 0.84, "Female": 0.16},
    "ethnicity": {"White": 0.50, "Black": 0.20, "Asian": 0.20, "Mixed": 0.05, "Other": 0.05},
    "disability": {"No": 0.84, "Yes": 0.16},
    "sexual_orientation": {"Heterosexual": 0.93, "Gay or lesbian": 0.04, "Bisexual": 0.03},
    "religion": {
        "No religion": 0.36,
        "Christian": 0.38,
        "Muslim": 0.16,
        "Hindu": 0.05,
        "Other": 0.05,
    },
}
_VICTIM_GROUPS = _GROUPS | {"sex": {"Male": 0.25, "Female": 0.75}}
_MISSING = (0.01, 0.15, 0.35, 0.45, 0.40)
_VICTIM_MISSING = (0.26, 0.61, 0.55, 0.65, 0.60)  # ethnicity and sex: inspectorate, 2021-22
# Factors on the chance that an offence becomes a record. 1 where a group is not named.
_REPORTING = {"Black": 0.75, "Asian": 0.80, "Mixed": 0.85, "Other": 0.85}
_RECORDING = {"Black": 1.40, "Mixed": 1.15}


def _table(rows: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {name: dict(row) for name, row in rows.items()}


@dataclass(frozen=True, kw_only=True)
class WorldSpec:
    """What is planted in a synthetic world.

    Behaviour does not differ by group: frequency, seriousness, age, desistance and escalation are
    drawn without looking at any characteristic. So a difference between groups in the records is
    made by the declared factors, and by nothing else. Rates are probabilities unless the name
    says otherwise; factors multiply them; spans are in years or days as named.

    Examples
    --------
    >>> spec = WorldSpec()
    >>> spec.recording_by_suspect_ethnicity["Black"], spec.reporting_by_victim_disability["Yes"]
    (1.4, 0.8)
    >>> spec.fair().is_fair
    True
    """

    # Who offends, how often, how seriously, for how long
    yearly_rate: float = 8.4  # mean of the gamma-distributed frequency, offences a year at peak age
    rate_shape: float = 0.75  # shape of the gamma: below 1, few people do most of it
    lowest_rate: float = 0.45  # added to everyone's
    serious_share: float = 0.009  # median over people of the share of own offences that are serious
    serious_spread: float = 0.95  # standard deviation of the log of that share
    serious_cap: float = 0.60  # no share goes above it
    grave_pull: float = 6.0  # how fast minor offences turn grave as that share grows
    escalating_share: float = 0.20
    escalation_a_year: float = 0.25  # growth of the log of the serious share, if escalating
    present_at_start: float = 0.40  # the rest begin during the years
    career_years: float = 7.0  # mean time from (or, if begun, left at) the start to desistance
    death_rate: float = 0.006
    leaving_rate: float = 0.012
    # With whom, against whom
    grouped_share: float = 0.40  # people who belong to a group of 2 to 4
    co_offending_share: float = 0.15  # of their incidents in which the chosen partner can join
    extra_partners: float = 1.2  # mean number of known victims beyond the first
    same_ethnicity: float = 0.40  # known victims of the suspect's own ethnicity, before chance
    victim_is_suspect: float = 0.04  # known victims who are also among the people
    victim_not_identified: float = 0.05
    # What becomes known
    recording_minor: float = 0.68  # of the minor offences reported
    recording_serious: float = 0.95
    proactive_rate: float = 0.20  # of victimless offences found by the police
    named_known: float = 0.88
    named_stranger: float = 0.40
    false_allegations_a_year: float = 0.01  # per person at large
    lag_median_days: float = 0.4
    late_share: float = 0.02  # recorded long afterwards ...
    late_share_sexual: float = 0.22
    late_median_days: float = 300.0  # ... with this median lag
    # What becomes of a record
    arrested_first: float = 0.15
    arrested_later: float = 0.20
    convicted: float = 0.66  # of those charged
    acquitted: float = 0.24  # of those charged; the rest stay charged
    no_action: float = 0.46  # of those not charged
    support_withdrawn: float = 0.28
    caution: float = 0.04
    cancelled: float = 0.04  # the rest stay as they were first recorded
    decision_median_days: float = 40.0
    trial_median_days: float = 210.0
    custody_serious: float = 0.90  # of those convicted
    custody_minor: float = 0.12
    # Groups, what is known of them, and the declared biases
    groups: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: _table(_GROUPS))
    victim_groups: Mapping[str, Mapping[str, float]] = field(
        default_factory=lambda: _table(_VICTIM_GROUPS)
    )
    missing: Mapping[str, float] = field(
        default_factory=lambda: dict(zip(TRAITS, _MISSING, strict=True))
    )
    victim_missing: Mapping[str, float] = field(
        default_factory=lambda: dict(zip(TRAITS, _VICTIM_MISSING, strict=True))
    )
    missing_birth_date: float = 0.02
    reporting_by_victim_ethnicity: Mapping[str, float] = field(
        default_factory=lambda: dict(_REPORTING)
    )
    reporting_by_victim_disability: Mapping[str, float] = field(
        default_factory=lambda: {"Yes": 0.8}
    )
    reporting_by_victim_sexual_orientation: Mapping[str, float] = field(
        default_factory=lambda: {"Gay or lesbian": 0.75, "Bisexual": 0.75}
    )
    recording_by_suspect_ethnicity: Mapping[str, float] = field(
        default_factory=lambda: dict(_RECORDING)
    )  # minor offences only
    proactive_by_suspect_ethnicity: Mapping[str, float] = field(
        default_factory=lambda: {"Black": 2.5, "Mixed": 1.5}
    )
    false_allegations_by_suspect_ethnicity: Mapping[str, float] = field(
        default_factory=lambda: {"Black": 2.0, "Mixed": 1.5}
    )

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            lines = "\n".join(f"  - {problem}" for problem in problems)
            raise RiskModelError(f"WorldSpec cannot be built:\n{lines}")

    @property
    def biases(self) -> dict[str, Mapping[str, float]]:
        """Every declared factor by field name; empty mappings in a world without bias."""
        return {f.name: getattr(self, f.name) for f in fields(self) if "_by_" in f.name}

    @property
    def is_fair(self) -> bool:
        """Whether no factor differs from 1: records differ between groups by chance only."""
        return all(factor == 1 for bias in self.biases.values() for factor in bias.values())

    def fair(self) -> WorldSpec:
        """Return the same world with the declared biases off, and all else kept."""
        return replace(self, **{name: {} for name in self.biases})  # type: ignore[arg-type]

    def _problems(self) -> Iterator[str]:
        for name in _POSITIVE:
            if not 0 < getattr(self, name) < np.inf:
                yield f"{name}: must be a positive number"
        for name in _AT_LEAST_0:
            if not 0 <= getattr(self, name) < np.inf:
                yield f"{name}: must be 0 or more"
        numbers = {f.name for f in fields(self) if f.type == "float"}
        for name in sorted(numbers.difference(_POSITIVE, _AT_LEAST_0)):
            if not 0 <= getattr(self, name) <= 1:
                yield f"{name}: must lie in [0, 1]"
        if self.convicted + self.acquitted > 1:
            yield "convicted + acquitted: add up to more than 1"
        if self.no_action + self.support_withdrawn + self.caution + self.cancelled > 1:
            yield "no_action + support_withdrawn + caution + cancelled: add up to more than 1"
        yield from self._group_problems()

    def _group_problems(self) -> Iterator[str]:
        for name in ("groups", "victim_groups", "missing", "victim_missing"):
            if set(getattr(self, name)) != set(TRAITS):
                yield f"{name}: needs exactly {', '.join(TRAITS)}"
                return
        for name in ("groups", "victim_groups"):
            for trait, shares in getattr(self, name).items():
                if min(shares.values()) < 0 or abs(sum(shares.values()) - 1) > 1e-9:
                    yield f"{name}[{trait!r}]: shares must be >= 0 and add up to 1"
                if list(shares) != list(self.groups[trait]):  # one order: one code a group
                    yield f"{name}[{trait!r}]: must name the groups in the order of groups"
        for name in ("missing", "victim_missing"):
            if not all(0 <= share <= 1 for share in getattr(self, name).values()):
                yield f"{name}: shares must lie in [0, 1]"
        yield from self._bias_problems()

    def _bias_problems(self) -> Iterator[str]:
        for name, bias in self.biases.items():
            known = self.groups[name.split("_", 3)[3] if "victim" in name else "ethnicity"]
            if unknown := sorted(set(bias) - set(known)):
                yield f"{name}: unknown groups {unknown}; allowed are {sorted(known)}"
            if not all(0 <= factor < np.inf for factor in bias.values()):
                yield f"{name}: factors must be 0 or more"
        rates = {
            "reporting_by_victim": max(profile.reported for profile in PROFILES),
            "recording_by_suspect": self.recording_minor,
            "proactive_by_suspect": self.proactive_rate,
        }
        for prefix, rate in rates.items():
            biases = [bias for name, bias in self.biases.items() if name.startswith(prefix)]
            if rate * prod(max([1.0, *bias.values()]) for bias in biases) > 1 + 1e-9:
                yield f"{prefix}_*: the largest factors take a rate above 1"


_POSITIVE = (
    "yearly_rate",
    "rate_shape",
    "lowest_rate",
    "serious_share",
    "serious_spread",
    "grave_pull",
    "career_years",
    "lag_median_days",
    "late_median_days",
    "decision_median_days",
    "trial_median_days",
)
_AT_LEAST_0 = (
    "escalation_a_year",
    "extra_partners",
    "death_rate",
    "leaving_rate",
    "false_allegations_a_year",
)
