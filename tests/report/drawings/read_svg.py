"""A drawing read back as a person reads it: marks and lines against the labels of the axes."""

import re
from xml.etree import ElementTree

import numpy as np


def panels(svg):
    """Return the pairs of axes of a drawing, in order."""
    root = ElementTree.fromstring(svg.replace("xlink:", ""))
    return [Panel(one) for one in root.iter("g") if re.search(r"-axes_\d+$", one.get("id", ""))]


class Panel:
    """One pair of axes; places are in the drawing's own units, down and to the right."""

    def __init__(self, group):
        self.group = group
        both = [one for one in group if "matplotlib.axis" in one.get("id", "")]
        self.axes = dict(zip("xy", both, strict=False))

    def marks(self, paint):
        """Return (x, y) of every mark of a colour, in order."""
        found = [one for one in self.group.iter("use") if paint in one.get("style", "")]
        return np.array([[float(one.get(side)) for side in "xy"] for one in found]).reshape(-1, 2)

    def lines(self, paint):
        """Return the corners of every line or bar of a colour that is no mark, an array each."""
        found = [one for one in self.group.iter("path") if paint in one.get("style", "")]
        return [corners(one) for one in found]

    def labels(self, which):
        """Return what stands beside an axis."""
        return [one.text for one in self.axes[which].iter("text")]

    def values(self, places, which="x"):
        """Return what an axis of per cent or points says of places along it, by its grid."""
        ticks = [one for one in self.axes[which] if f"-{which}tick_" in one.get("id", "")]
        at = [corners(next(one.iter("path")))[0]["xy".index(which)] for one in ticks]
        said = [next(one.iter("text")).text.replace("−", "-").strip("%+") for one in ticks]
        slope, start = np.polyfit(at, np.array(said, dtype=float) / 100, 1)
        return slope * np.asarray(places, dtype=float) + start


def corners(path):
    """Return the corners of a path of straight lines."""
    return np.array(re.findall(r"[ML] (\S+) (\S+)", path.get("d")), dtype=float)
