"""A reader who subtracts: bounds on every count from the published tables and nothing else.

What is known of how counts add up is written here from the meaning of the tables, apart from the
code under test: everybody scored is listed or not, and went on, did not, or was not followed; each
person is in one group of each characteristic and in one band; each offence has one standing.
"""

import itertools

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, vstack

LATER = ("later 0", "later 1", "later 2")
"""Went on by the first reading of the records alone, by the second too, by the third too."""
ATOMS = [(listed, what) for listed in (1, 0) for what in (*LATER, "clear", "unknown")]
QUANTITIES = {
    "people": lambda listed, what: True,
    "listed": lambda listed, what: listed,
    "observed": lambda listed, what: what != "unknown",
    "outcome": lambda listed, what: what in LATER,
    "clear": lambda listed, what: what == "clear",
    "listed_observed": lambda listed, what: listed and what != "unknown",
    "listed_outcome": lambda listed, what: listed and what in LATER,
    "listed_clear": lambda listed, what: listed and what == "clear",
    "missed": lambda listed, what: not listed and what in LATER,
}
QUANTITIES |= {
    f"{name} {i}": lambda listed, what, i=i, who=who: (listed or not who) and what in LATER[i:]
    for i in range(3)
    for name, who in (("outcome", 0), ("listed_outcome", 1))
}
LABEL_ROWS = {
    "outcome_rate": ("outcome", "observed"),
    "precision": ("listed_outcome", "listed_observed"),
    "recall": ("listed_outcome", "outcome"),
}
LIST_ROWS = {
    "share_of_pool": ("people", None),
    "share_of_list": ("listed", None),
    "share_of_later_harm": ("outcome", None),
    "outcome_rate": ("outcome", "observed"),
    "selection_rate": ("listed", "people"),
    "precision": ("listed_outcome", "listed_observed"),
    "recall": ("listed_outcome", "outcome"),
    "false_positive_rate": ("listed_clear", "clear"),
    "false_negative_rate": ("missed", "outcome"),
}
DIFFERENCES = ("clear", "listed_clear", "missed")
"""Counts of people listed that are printed as the difference of two printed ones."""
BAND_ROWS = {"share_of_group": ("people", None), "outcome_rate": ("outcome", "observed")}
SUMMARY = {
    "entries_scored": "people", "entries_listed": "listed", "listed_observed": "listed_observed",
    "listed_no_later_serious": "listed_clear", "listed_later_serious": "listed_outcome",
    "observed": "observed", "later_serious": "outcome", "later_serious_not_listed": "missed",
}  # fmt: skip
STANDINGS = {
    "coverage": "listed", "scored_not_listed": "scored", "outside_cohort": "outside",
    "no_suspect_named": "unnamed",
}  # fmt: skip
OFFENCES = {
    "offences_listed": "listed", "offences_scored_not_listed": "scored",
    "offences_outside_cohort": "outside", "offences_no_suspect": "unnamed",
}  # fmt: skip


class Attacker:
    """Linear facts about whole numbers, from published figures alone."""

    def __init__(self, published):
        self.names, self.facts = {}, []
        self.low, self.high = [], []
        self.bands = tuple(dict.fromkeys(published.bands.get("band", ()))) or ("",)
        self.read_summary(published.summary)
        self.read_list(published.listed, LIST_ROWS, lambda row: self.bands)
        self.read_list(published.bands, BAND_ROWS, lambda row: (row["band"],))
        self.read_calibration(published.calibration)
        self.read_bins(published.group_calibration)
        self.read_missing(published.data_quality)
        self.read_label(published.label, published.label_groups)
        self.read_victims(published.victims, published.summary)
        self.read_coverage(published.coverage)
        self.matrix = self.as_matrix()

    def place(self, *name):
        if name not in self.names:
            self.names[name] = len(self.names)
            self.low.append(0.0)
            self.high.append(np.inf)
        return self.names[name]

    def cells(self, characteristic, group, quantity, bands):
        """The atoms of a count."""
        return [
            self.place("list", characteristic, group, band, *atom)
            for band in bands
            for atom in ATOMS
            if QUANTITIES[quantity](*atom)
        ]

    def equal(self, one, other):
        self.facts.append((dict.fromkeys(one, 1.0) | dict.fromkeys(other, -1.0), 0.0, 0.0))

    def saw(self, cells, printed, quantity=""):
        """A count was printed: exact if nobody, within 2 otherwise, and never 1 to 7."""
        if printed is None or pd.isna(printed):
            return
        if quantity in DIFFERENCES and printed:
            self.facts.append((dict.fromkeys(cells, 1.0), 8.0, np.inf))
            return
        exact = printed == 0
        ends = (0.0, 0.0) if exact else (max(8.0, printed - 2), printed + 2.0)
        self.facts.append((dict.fromkeys(cells, 1.0), *ends))

    def read_list(self, table, rows, bands_of):
        for row in table.to_dict("records"):
            if row["metric"] not in rows:
                continue
            top, bottom = rows[row["metric"]]
            whose = row["characteristic"], row["group"]
            bands = bands_of(row)
            self.saw(self.cells(*whose, top, bands), row["numerator"], top)
            if bottom:
                self.saw(self.cells(*whose, bottom, bands), row["denominator"], bottom)
            elif row["metric"] == "share_of_group":
                self.saw(self.cells(*whose, top, self.bands), row["denominator"])
            else:
                self.saw(self.cells("", "", top, self.bands), row["denominator"])
        groups = table[["characteristic", "group"]].drop_duplicates() if len(table) else table
        for (band, atom), name in itertools.product(
            itertools.product(self.bands, ATOMS), dict.fromkeys(groups.get("characteristic", ()))
        ):
            mine = groups.loc[groups["characteristic"] == name, "group"]
            parts = [self.place("list", name, group, band, *atom) for group in mine]
            self.equal([self.place("list", "", "", band, *atom)], parts)
            if " x " in name:
                self.add_margins(name, list(mine), band, atom)

    def add_margins(self, name, groups, band, atom):
        for place, parent in enumerate(name.split(" x ")):
            for level in {group.split(" x ")[place] for group in groups}:
                inside = [g for g in groups if g.split(" x ")[place] == level]
                self.equal(
                    [self.place("list", parent, level, band, *atom)],
                    [self.place("list", name, group, band, *atom) for group in inside],
                )

    def read_summary(self, summary):
        for name, quantity in SUMMARY.items():
            self.saw(self.cells("", "", quantity, self.bands), summary.get(name), quantity)
        if summary["entries_listed"] == round(summary["k"] * summary["n_dates"] / 5) * 5:
            asked = float(summary["k"] * summary["n_dates"])
            cells = self.cells("", "", "listed", self.bands)
            self.facts.append((dict.fromkeys(cells, 1.0), asked, asked))

    def read_calibration(self, table):
        if table.empty:
            return
        for column, quantity in (("n", "observed"), ("positives", "outcome")):
            tenths = []
            for i, printed in enumerate(table[column]):
                tenths.append(self.place("tenth", i, column))
                self.saw(tenths[-1:], printed)
            self.equal(self.cells("", "", quantity, self.bands), tenths)

    def read_bins(self, table):
        if table.empty:
            return
        for row in table.to_dict("records"):
            for column in ("n", "positives"):
                self.saw([self.bin_of(row, column)], row[column])
            rest = self.place("rest", row["characteristic"], row["group"], row["bin"])
            self.equal([self.bin_of(row, "n")], [self.bin_of(row, "positives"), rest])
        for column, quantity in (("n", "observed"), ("positives", "outcome")):
            for (name, group), rows in table.groupby(["characteristic", "group"]):
                parts = [self.bin_of(row, column) for row in rows.to_dict("records")]
                self.equal(self.cells(name, group, quantity, self.bands), parts)
            for (_, place), rows in table.groupby(["characteristic", "bin"]):
                parts = [self.bin_of(row, column) for row in rows.to_dict("records")]
                self.equal([self.place("bin", "", "", place, column)], parts)

    def bin_of(self, row, column):
        return self.place("bin", row["characteristic"], row["group"], row["bin"], column)

    def read_missing(self, table):
        of = {"people scored": "people", "people listed": "listed"}
        for row in table.to_dict("records"):
            if row["table"] in of:
                cells = self.cells(
                    row["characteristic"], "Not recorded", of[row["table"]], self.bands
                )
                self.saw(cells, row["missing"])
                self.saw(self.cells("", "", of[row["table"]], self.bands), row["n"])

    def read_label(self, table, by_group):
        readings = list(dict.fromkeys(table.get("label", by_group.get("reading", ()))))
        for row in by_group.to_dict("records"):
            place, whose = readings.index(row["reading"]), (row["characteristic"], row["group"])
            for column, name in zip(
                ("numerator", "denominator"), LABEL_ROWS[row["metric"]], strict=True
            ):
                quantity = f"{name} {place}" if name.endswith("outcome") else name
                self.saw(self.cells(*whose, quantity, self.bands), row[column])
        for place, row in enumerate(table.to_dict("records")):
            for column, quantity in {
                "listed_later": f"listed_outcome {place}", "scored_later": f"outcome {place}",
                "listed_observed": "listed_observed", "scored_observed": "observed",
            }.items():  # fmt: skip
                self.saw(self.cells("", "", quantity, self.bands), row[column])

    def standings(self, characteristic, group):
        return [self.place("offences", characteristic, group, one) for one in STANDINGS.values()]

    def read_victims(self, table, summary):
        for row in table.to_dict("records"):
            whose = row["characteristic"], row["group"]
            if row["metric"] in STANDINGS:
                one = self.place("offences", *whose, STANDINGS[row["metric"]])
                self.saw([one], row["numerator"])
                self.saw(self.standings(*whose), row["denominator"])
            elif row["metric"] == "share_of_offences":
                self.saw(self.standings(*whose), row["numerator"])
                self.saw(self.standings("", ""), row["denominator"])
        groups = table[["characteristic", "group"]].drop_duplicates() if len(table) else table
        for name in dict.fromkeys(groups.get("characteristic", ())):
            mine = list(groups.loc[groups["characteristic"] == name, "group"])
            for one in STANDINGS.values():
                parts = [self.place("offences", name, group, one) for group in mine]
                self.equal([self.place("offences", "", "", one)], parts)
                if " x " in name:
                    self.add_offence_margins(name, mine, one)
        for name, one in OFFENCES.items():
            self.saw([self.place("offences", "", "", one)], summary.get(name))
        self.saw(self.standings("", ""), summary.get("offences_later"))

    def add_offence_margins(self, name, groups, one):
        for place, parent in enumerate(name.split(" x ")):
            for level in {group.split(" x ")[place] for group in groups}:
                inside = [g for g in groups if g.split(" x ")[place] == level]
                self.equal(
                    [self.place("offences", parent, level, one)],
                    [self.place("offences", name, group, one) for group in inside],
                )

    def read_coverage(self, table):
        if table.empty:
            return
        order = list(dict.fromkeys(table["standing"]))
        for standing, one in zip(order, STANDINGS.values(), strict=True):
            dated = []
            for row in table[table["standing"] == standing].to_dict("records"):
                dated.append(self.place("coverage", row["as_of"], one))
                self.saw(dated[-1:], row["offences"])
            self.equal([self.place("offences", "", "", one)], dated)

    def as_matrix(self):
        rows = [(r, c, v) for r, (terms, _, _) in enumerate(self.facts) for c, v in terms.items()]
        r, c, v = (np.array(each) for each in zip(*rows, strict=True))
        return csr_array((v, (r, c)), shape=(len(self.facts), len(self.names)))

    def range_of(self, cells, *, whole=False):
        """The least and the most that a sum of counts can be; in whole numbers if asked."""
        aim = np.zeros(len(self.names))
        aim[list(cells)] = 1.0
        low, high = (np.array([fact[end] for fact in self.facts]) for end in (1, 2))
        ends = []
        for sign in (1.0, -1.0):
            if whole:
                found = milp(
                    sign * aim, constraints=LinearConstraint(self.matrix, low, high),
                    bounds=Bounds(0, np.inf), integrality=np.ones(len(aim)),
                    options={"time_limit": 20},
                )  # fmt: skip
            else:
                same = low == high
                upper = ~same & np.isfinite(high)
                found = linprog(
                    sign * aim,
                    A_ub=vstack([self.matrix[upper], -self.matrix[~same]], format="csr"),
                    b_ub=np.r_[high[upper], -low[~same]],
                    A_eq=self.matrix[same], b_eq=low[same], bounds=(0, None), method="highs",
                )  # fmt: skip
            if found.status in {3, 4} and found.x is None:  # no end to it
                ends.append(np.inf)
            else:
                assert found.x is not None, f"what was published contradicts itself: {found}"
                ends.append(sign * found.fun)
        return ends[0], ends[1]
