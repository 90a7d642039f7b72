"""What a feature is called: its column's name and its sentence, distinct for distinct features.

A user's own words (offence groups, places, columns of the people table) stand in both. Where they
could be taken for words of the grammar, or hold signs that a column's name may not, the name
carries a short digest of them, and the sentence has them in quotes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import blake2b
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from riskmodel.schema import EVIDENCE, ORIGINS
from riskmodel.snapshots.windows import YEAR_DAYS, window_name, window_phrase

if TYPE_CHECKING:
    from riskmodel.snapshots.features import Feature

SENTENCES = {
    "count": "{records}{window}",
    "incidents": "separate {incidents}{window}",
    "harm_sum": "summed harm in days of the {records}{window}",
    "harm_max": "harm in days of the gravest {record}{window}",
    "victims": "different victims{of_records}{window}",
    "places": "different places{of_records}{window}",
    "co_accused": "different people named in the {same}incidents{of_records}{window}",
    "neighbours": "different people recorded at the {same}places{of_records}{window}",
    "repeat_victims": "victims named in two or more incidents{of_records}{window}",
    "repeat_places": "places of two or more incidents{of_records}{window}",
    "gap": "mean days between separate {incidents}{window}",
    "trend_count": "{records}{window} less {before}",
    "trend_harm": "harm in days{of_records}{window} less {before}",
    "days_since_first": "days since the first {record}",
    "days_since_last": "days since the latest {record}",
    "decayed": "separate {incidents}, each counting half as much with every two years that pass",
    "age": "age in years",
    "days_since_date": "days since {column}",
    "covariate": "{column}",
}
"""Each measure in plain English, with what `sentence_parts` gives."""

PER_YEAR = ", per year at risk"
_CACHED = 10_000  # features whose words are kept: a task has hundreds
_LONGEST = 40  # letters of a user's own words in a column's name
_PLAIN_NAME = re.compile(r"[A-Za-z0-9]+(_[A-Za-z0-9]+)*")
_PLAIN_WORDS = re.compile(r"[^\W_]+([_-][^\W_]+)*")
_DIGEST = re.compile(r"(^|_)[0-9a-f]{8}(_|$)")
_ORIGINS = {"reported": "reported to the police", "police_generated": "found by the police"}
_FLAGS = {
    "serious": ("serious", "less_serious"),
    "victim": ("with_victim", "without_victim"),
    "place": ("with_place", "without_place"),
}
_IN_NAMES = (*(name for pair in _FLAGS.values() for name in pair), *EVIDENCE, *ORIGINS)
_IN_NAMES += ("at", "per", "less", "each")
_IN_SENTENCES = ("standing as", "or", "with a", "without a", "at", *_ORIGINS.values())
_IN_SENTENCES += ("in the last", "ever recorded", "less", "to", "each")
_BEGINNINGS = (*(text.partition("{")[0].strip() or "reported" for text in SENTENCES.values()),)
_BEGINNINGS += ("recorded", "serious", "less serious", "ratio of", "the first", "the latest")


@lru_cache(_CACHED)
def name_of(feature: Feature) -> str:
    """Return the name of a feature's column: letters, digits and underscores.

    Examples
    --------
    >>> from riskmodel.snapshots.features import Feature
    >>> name_of(Feature("count", 365, group="violence", serious=True))
    'count_violence_serious_1y'
    >>> name_of(Feature("count", 365, place="High Street 7"))
    'count_at_High_Street_7_59fb6cac_1y'
    """
    column = str(feature.column)
    if feature.measure == "covariate":
        return _in_name(column, clear=not _begins(column, (*SENTENCES, "days_since")))
    if feature.measure == "days_since_date":
        return f"days_since_{_in_name(column, clear=not _begins(column, ('first', 'last')))}"
    parts = [feature.measure, *_filter_names(feature)]
    if "{window}" in SENTENCES[feature.measure]:
        parts.append(window_name(feature.window_days))
    return "_".join([*parts, "per_year"] if feature.per_year_at_risk else parts)


@lru_cache(_CACHED)
def sentence_of(feature: Feature) -> str:
    """Return what a feature's column says, in plain English.

    Examples
    --------
    >>> from riskmodel.snapshots.features import Feature
    >>> sentence_of(Feature("victims", 730, group="violence", evidence=("charge", "conviction")))
    'different victims of reported offences of violence standing as charge or conviction in the \
last two years'
    """
    text = SENTENCES[feature.measure].format(**sentence_parts(feature))
    return text + PER_YEAR * feature.per_year_at_risk


@lru_cache(_CACHED)
def sentence_parts(feature: Feature) -> Mapping[str, str]:
    """Return the words that the sentences of a feature are put together from.

    ``record``, ``records``, ``incident``, ``incidents``: what passes the filters, in one and in
    many; ``of_records``: the same after "of", empty where all records pass; ``same``: "same "
    there; ``window``, with its blank; ``before``: what a trend compares with; ``column``.
    """
    grave = "" if feature.serious is None else "serious " if feature.serious else "less serious "
    noun = f"{grave}{'recorded' if feature.origin else 'reported'} offence"
    which = _filter_words(feature)
    filtered = bool(grave or which)
    ever = feature.window_days is None and feature.measure.startswith("repeat")
    words = {
        "record": noun + which,
        "records": f"{noun}s{which}",
        "incident": f"{grave}incident{which}",
        "incidents": f"{grave}incidents{which}",
        "of_records": f" of {noun}s{which}" if filtered else "",
        "same": "" if filtered else "same ",
        "window": "" if ever else f" {window_phrase(feature.window_days)}",
        "before": _spans_before(feature.window_days),
        "column": _column_words(feature.column),
    }
    return MappingProxyType(words)


def as_tuple(value: Any) -> tuple[Any, ...]:
    """Return one value, several or none as a tuple."""
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def _filter_names(feature: Feature) -> list[str]:
    """Return the parts of a column's name that tell which records pass."""
    parts = []
    if feature.group:
        parts.append("each" if feature.group == "each" else _in_name(feature.group))
    parts += as_tuple(feature.evidence)
    for name, (yes, no) in _FLAGS.items():
        value = getattr(feature, name)
        if value is not None and (name != "place" or isinstance(value, bool)):
            parts.append(yes if value else no)
    if feature.place and not isinstance(feature.place, bool):
        parts += ["at", _in_name(*as_tuple(feature.place))]
    return parts + ([feature.origin] if feature.origin else [])


def _filter_words(feature: Feature) -> str:
    """Return which records pass, to follow the noun; empty where seriousness alone decides."""
    parts = []
    if feature.group:
        each = feature.group == "each"
        parts.append(f"of {'each offence group' if each else _in_sentence(feature.group)}")
    if feature.evidence:
        parts.append(f"standing as {' or '.join(as_tuple(feature.evidence))}".replace("_", " "))
    if feature.victim is not None:
        parts.append(f"{'with' if feature.victim else 'without'} a named victim")
    if isinstance(feature.place, bool):
        parts.append(f"{'with' if feature.place else 'without'} a recorded place")
    elif feature.place:
        parts.append(f"at {' or '.join(map(_in_sentence, as_tuple(feature.place)))}")
    if feature.origin:
        parts.append(_ORIGINS[feature.origin])
    return "".join(f" {part}" for part in parts)


def _in_name(*texts: str, clear: bool | None = None) -> str:
    """Return a user's own words as part of a name; with a digest where they are not `clear`."""
    text = texts[0]
    if clear is None:
        clear = not any(f"_{word}_" in f"_{text}_" for word in _IN_NAMES)
    clear = clear and len(texts) == 1 and len(text) <= _LONGEST and not _DIGEST.search(text)
    if clear and _PLAIN_NAME.fullmatch(text):
        return text
    digest = blake2b(json.dumps(texts).encode(), digest_size=4).hexdigest()
    letters = unicodedata.normalize("NFKD", " ".join(texts)).encode("ascii", "ignore").decode()
    slug = "_".join(re.findall("[A-Za-z0-9]+", letters))[:_LONGEST].rstrip("_")
    return f"{slug}_{digest}" if slug else digest


def _in_sentence(text: str) -> str:
    """Return a user's own words as part of a sentence, in quotes where that would be unclear."""
    words = text.replace("_", " ")
    clear = not any(f" {phrase} " in f" {words} " for phrase in _IN_SENTENCES)
    return words if clear and _PLAIN_WORDS.fullmatch(text) else _quoted(text)


def _column_words(column: str | None) -> str:
    text = str(column)
    clear = _PLAIN_WORDS.fullmatch(text) and not _begins(text, _BEGINNINGS)
    return text.replace("_", " ") if clear else _quoted(text)


def _begins(text: str, beginnings: Iterable[str]) -> bool:
    """Say whether `text` begins with the words of one of `beginnings`."""
    return any(f"{text}_".startswith(f"{start.replace(' ', '_')}_") for start in beginnings)


def _quoted(text: str) -> str:
    shown = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)
    return '"' + shown.replace('"', '""') + '"'


def _spans_before(days: int | None) -> str:
    """Return what a trend over `days` is compared with."""
    if days == YEAR_DAYS:
        return "the yearly mean of the four years before"
    span = window_phrase(days).removeprefix("in the last ")
    return f"the mean of the four spans of {span} before"
