"""Tables of offences as they are stored: the editions in this package, CSV files, workbooks."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.histories.frames import text_dtype

HEADER_ROWS = 40  # titles and notes stand above the headers of a published workbook
_SYNONYMS = {"category": "offence", "description": "label", "title": "label"}
_CSV_OPTIONS: dict[str, Any] = {
    "dtype": text_dtype(),
    "keep_default_na": False,
    "na_values": [""],
    "encoding": "utf-8-sig",
}
# what a header must hold to be taken for a column, the most telling first
_HEADERS: dict[str, tuple[str, ...]] = {
    "offence": (r"\bcjs\b.*code", r"home office", r"\bho\b.*(code|class)", r"\bho code", "class"),
    "label": (r"offence.*(title|description|name)", "title", "description", r"^offences?$"),
    "harm": (r"cchi", r"\bdays\b", r"\bscore\b", r"harm"),
    "group": (r"sub-?group", r"\bgroup\b"),
}


def _folder() -> Any:
    return resources.files("riskmodel.histories") / "editions"


def _citations() -> dict[str, dict[str, str]]:
    content: dict[str, dict[str, str]] = json.loads(
        (_folder() / "citations.json").read_text(encoding="utf-8")
    )
    return content


def list_editions() -> pd.DataFrame:
    """Return the editions of this package: citation, unit, number of offences with a value."""
    rows = [
        {"edition": name, **facts, "offences": int(_edition_frame(name)["harm"].notna().sum())}
        for name, facts in _citations().items()
    ]
    return pd.DataFrame(rows).set_index("edition")


def _edition_frame(edition: str) -> pd.DataFrame:
    with (_folder() / f"{edition}.csv").open("rb") as handle:
        frame: pd.DataFrame = pd.read_csv(handle, **_CSV_OPTIONS)
    return frame


def read_edition(edition: str) -> tuple[pd.DataFrame, str]:
    """Return offence, harm, group and label of an edition of this package, and its citation."""
    citations = _citations()
    if edition not in citations:
        raise SchemaError(f"edition: {edition!r} is not one of {', '.join(citations)}")
    facts = citations[edition]
    return _edition_frame(edition), f"{facts['citation']}; {facts['unit']}"


def read_csv(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read a CSV file, every column as text, so that the code 4.10 does not become 4.1."""
    try:
        frame: pd.DataFrame = pd.read_csv(path, **_CSV_OPTIONS)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, OSError) as error:
        raise SchemaError(
            f"offences: {Path(path).name} is no readable CSV file in UTF-8 ({type(error).__name__})"
        ) from None
    return frame


def rename_columns(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Give the columns our names and leave out the others."""
    ours = ("offence", "harm", "group", "serious", "label")
    _check_our_names(columns, ours)
    absent = [theirs for theirs in columns.values() if theirs not in frame.columns]
    if absent:
        raise SchemaError(
            f"offences: no columns {', '.join(absent)}; there are {_listed(frame.columns)}"
        )
    renaming = {theirs: name for name, theirs in columns.items()}
    for theirs, name in _SYNONYMS.items():
        if theirs in frame.columns and name not in frame.columns and name not in columns:
            renaming.setdefault(theirs, name)
    taken = [name for name in frame.columns if name in renaming.values() and name not in renaming]
    renamed = frame.drop(columns=taken).rename(columns=renaming)
    return renamed[[name for name in renamed.columns if name in ours]]


def _check_our_names(columns: Mapping[str, str], ours: Sequence[str]) -> None:
    unknown = [name for name in columns if name not in ours]
    if unknown:
        raise SchemaError(f"columns: {', '.join(unknown)} unknown; allowed are {', '.join(ours)}")


def read_workbook(
    path: str | os.PathLike[str], sheet: str | None, columns: Mapping[str, str], repeats: str
) -> pd.DataFrame:
    """Read offence, harm, label and group from a published workbook.

    The row of headers is the first that names a code or a title and a harm. The code of an
    offence is its CJS or Home Office code, or its title where there is no code.
    """
    if repeats not in ("refuse", "median", "max"):
        raise SchemaError('repeats: give "refuse", "median" or "max"')
    _check_our_names(columns, tuple(_HEADERS))
    headers_seen: list[str] = []
    for cells in _sheets(path, sheet):
        for row, values in enumerate(cells[:HEADER_ROWS]):
            headers = ["" if value is None else str(value).strip() for value in values]
            found = _find_columns(headers, columns)
            if "harm" in found and "offence" in found:
                return _workbook_frame(cells[row + 1 :], found, repeats)
            if sum(map(bool, headers)) > 1:
                headers_seen.append(_listed([header for header in headers if header]))
    seen = " | ".join(headers_seen[:5]) or "nothing"
    raise SchemaError(
        "offences: no row of the workbook names an offence and its harm",
        advice=f"Give columns={{'offence': ..., 'harm': ...}} and sheet=; rows seen: {seen}",
    )


def _sheets(path: str | os.PathLike[str], sheet: str | None) -> list[list[tuple[Any, ...]]]:
    from zipfile import BadZipFile  # noqa: PLC0415

    from openpyxl import load_workbook  # noqa: PLC0415 - only where a workbook is read
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        workbook = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, OSError, KeyError) as error:
        raise SchemaError(
            f"offences: {Path(path).name} is no readable .xlsx workbook ({type(error).__name__})"
        ) from None
    names = workbook.sheetnames
    if sheet is not None and sheet not in names:
        raise SchemaError(f"sheet: {sheet!r} is not one of {_listed(names)}")
    wanted = names if sheet is None else [sheet]
    content = [list(workbook[name].iter_rows(values_only=True)) for name in wanted]
    workbook.close()
    return content


def _find_columns(headers: list[str], columns: Mapping[str, str]) -> dict[str, int]:
    found = {name: headers.index(theirs) for name, theirs in columns.items() if theirs in headers}
    for name, patterns in _HEADERS.items():
        if name in columns:
            continue
        free = [place for place in range(len(headers)) if place not in found.values()]
        hits = [
            place
            for pattern in patterns
            for place in free
            if re.search(pattern, headers[place].lower())
        ]
        if hits:
            found[name] = hits[0]
    if "offence" not in found and "label" in found and "offence" not in columns:
        found["offence"] = found["label"]
    return found


def _workbook_frame(
    rows: list[tuple[Any, ...]], found: Mapping[str, int], repeats: str
) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            name: [row[place] if place < len(row) else None for row in rows]
            for name, place in found.items()
        },
        dtype=object,
    )
    frame = frame[frame["offence"].notna() & frame["harm"].notna()].reset_index(drop=True)
    frame["offence"] = [_code_text(code) for code in frame["offence"]]
    if repeats == "refuse":
        return frame.drop_duplicates()
    harm = pd.to_numeric(frame["harm"], errors="coerce")
    merged = frame.assign(harm=harm).groupby("offence", sort=False)
    others = {name: "first" for name in frame.columns if name not in ("offence", "harm")}
    return merged.agg({"harm": repeats, **others}).reset_index()


def _code_text(code: object) -> str:
    """Write a code as the sheet shows it: a number without its decimal point if it is whole."""
    if isinstance(code, float) and code.is_integer():
        return str(int(code))
    return str(code).strip()


def _listed(names: Any) -> str:
    return ", ".join(str(name) for name in names)


def with_serious(frame: pd.DataFrame, serious_at: float) -> pd.DataFrame:
    """Add the flag `serious` where it is not given: a harm of `serious_at` or more."""
    if "harm" not in frame.columns:
        return frame
    harm = pd.to_numeric(frame["harm"], errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    flag = pd.Series(harm >= serious_at, index=frame.index, dtype=object)
    if "serious" in frame.columns:
        flag = flag.mask(frame["serious"].notna(), frame["serious"])
    return frame.assign(serious=flag)


def with_serious_said(source: str, serious_at: float, frame: pd.DataFrame | None = None) -> str:
    """Add to the source where the flag `serious` comes from, unless the table gives all of it."""
    if frame is not None and "serious" in frame.columns and frame["serious"].notna().all():
        return source
    return f"{source}. Serious: harm of {serious_at:g} or more"
