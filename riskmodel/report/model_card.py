"""model_card: a model in two pages of Markdown, for whoever has to decide about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from riskmodel.audit.over_time import OverTime
from riskmodel.audit.policies.criteria import CANNOT_ALL_HOLD
from riskmodel.audit.policies.waivers import Waiver
from riskmodel.audit.result import FairnessAudit
from riskmodel.audit.summary import model_identity
from riskmodel.model.risk_model import RiskModel
from riskmodel.report.accuracy_tables import accuracy_tables
from riskmodel.report.blocks import TO_COMPLETE
from riskmodel.report.contents import Contents, disclosed
from riskmodel.report.page_one import VERDICT_SENTENCES, standing
from riskmodel.report.sentences import gap_sentences, summary_sentences
from riskmodel.report.tables import Table, evidence_name
from riskmodel.report.verdict_table import verdict_table
from riskmodel.report.words import VERDICT_NAMES

_SPECIAL = str.maketrans({character: f"\\{character}" for character in "\\`*_{}[]<>|#"})


def model_card(
    model: RiskModel,
    audit: FairnessAudit | None = None,
    *,
    waivers: Sequence[Waiver] = (),
    over_time: OverTime | None = None,
    today: date | None = None,
) -> str:
    """Return the model card as Markdown, fit to be published.

    Parameters
    ----------
    model : RiskModel
    audit : FairnessAudit, optional
        Of this very model; without one the card says that none was made.
    waivers : sequence of Waiver
        Those for this model that are in force on the day stand in the card.
    over_time : OverTime, optional
        Its alerts stand in the card.
    today : date, optional
        The day of the call by default.

    Returns
    -------
    str
        Markdown; text that comes from data is escaped. Counts are rounded as in the report.

    Examples
    --------
    >>> import pandas as pd
    >>> from riskmodel.model.estimator import RepeatHarmEstimator
    >>> from riskmodel.model.training import train
    >>> from riskmodel.snapshots.table import Snapshots
    >>> priors = pd.Series(range(420)) % 7
    >>> rows = Snapshots.from_table(pd.DataFrame({"priors": priors}), priors > 4)
    >>> few_trees = RepeatHarmEstimator(n_estimators=5)
    >>> model = train(rows, estimator=few_trees, n_replicates=10)
    >>> print(model_card(model).splitlines()[0])
    # Model card: repeat-harm
    """
    facts = model_identity(model)
    sections = [
        f"# Model card: {markdown(model.name)}",
        "A score is an estimate for putting limited attention in order. It is not a finding about "
        "a person, and never a decision.",
        _section("Identity", _list(_identity(facts))),
        _section("What it estimates", _list(_question(facts))),
        _section("What it may be used for", _list(_uses(facts))),
        _section("Training data", _list(_training(facts["provenance"]))),
    ]
    if audit is None:
        sections.append(_NOT_AUDITED)
    else:
        found = Contents(
            audit=audit,
            internal=False,
            over_time=over_time,
            waivers=tuple(waivers),
            today=today or date.today(),
        )
        sections += _audited(disclosed(found))
    sections += [_section("Limits", _list(_LIMITS)), _section("Annex: features", _features(facts))]
    return "\n\n".join(sections) + "\n"


def markdown(text: Any) -> str:
    r"""Return text on one line with Markdown and HTML escaped.

    Examples
    --------
    >>> print(markdown("a <b> | c"))
    a \<b\> \| c
    """
    return " ".join(str(text).split()).translate(_SPECIAL)


def _section(title: str, body: str) -> str:
    return f"## {title}\n\n{body}"


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _identity(facts: dict[str, Any]) -> list[str]:
    created = facts["provenance"].get("created", "not recorded")
    return [
        f"Version: {markdown(facts['version'])}",
        f"Digest: `{facts['digest']}`",
        f"Trained: {markdown(created)}",
        f"Expires: {markdown(facts['expires'] or 'no date')}",
        f"Owner and contact: {TO_COMPLETE.lower()}",
    ]


def _question(facts: dict[str, Any]) -> list[str]:
    if "outcome" not in facts:
        return ["The outcome of a ready-made table: the owner has to say what it is."]
    levels = ", ".join(evidence_name(level).lower() for level in facts["outcome_evidence"])
    return [
        f"Probability of {markdown(facts['outcome'])}, and the harm to expect, in days",
        f"For: {markdown(facts['cohort'])}",
        f"Records that count as outcome: {levels}",
        f"Harm index: {markdown(facts['edition'])} ({markdown(facts['edition_source'])})",
    ]


def _uses(facts: dict[str, Any]) -> list[str]:
    uses = ", ".join(markdown(use) for use in facts["permitted_uses"])
    return [
        f"Permitted: {uses}. Scoring refuses any other use, and any use after the expiry.",
        "Not for decisions about a person without meaningful human involvement.",
        "Not for anyone outside the cohort that it was trained on.",
    ]


def _training(provenance: dict[str, Any]) -> list[str]:
    data = provenance.get("data") or {}
    dates = [str(date)[:10] for date in data.get("as_of", [])]
    digests = data.get("digest") or {}
    span = f"{dates[0]} to {dates[-1]}, {len(dates)} dates" if dates else "not recorded"
    lines = [f"Dates: {span}"]
    lines += [f"Digest of {markdown(name)}: `{markdown(text)}`" for name, text in digests.items()]
    return lines


def _features(facts: dict[str, Any]) -> str:
    features = facts.get("features")
    if not features:
        return "Those of a ready-made table; no protected characteristic is among them."
    named = [f"{markdown(entry['sentence'])} (`{entry['name']}`)" for entry in features]
    return _list(named)


_NOT_AUDITED = _section(
    "Fairness", "No audit was given. The model must not be registered without one."
)
_LIMITS = (
    "Outcomes are records, not deeds: where police look more, more is recorded.",
    "Of harm that nobody reported, the model can say nothing.",
    "Where no suspect is named, no list of named suspects protects anyone.",
    "An estimate describes records like these; it may be wrong about any one person.",
)


def _audited(contents: Contents) -> list[str]:
    audit = contents.audit
    found = [_section("Fairness", "\n\n".join(_fairness(contents)))]
    if audit.accuracy is not None:
        tables = accuracy_tables(audit.accuracy.table, audit.summary["k"])
        shown = [f"{table.caption}\n\n{_table(table)}" for table in tables]
        found.insert(0, _section("Accuracy", "\n\n".join(shown)))
    return found


def _fairness(contents: Contents) -> list[str]:
    audit = contents.audit
    sentences = [*summary_sentences(audit.summary, internal=False), *gap_sentences(audit)]
    noted = [f"{one.kind}: {one.text}" for one in standing(contents)]
    why = audit.policy.why
    return [
        f"**{VERDICT_NAMES[audit.verdict]}** on the policy “{markdown(audit.policy.name)}”. "
        f"{VERDICT_SENTENCES[audit.verdict]}",
        _list([markdown(text) for text in (*sentences, *noted)]),
        _table(verdict_table(audit.tables()["verdicts"])),
        markdown(why if CANNOT_ALL_HOLD in why else f"{why} {CANNOT_ALL_HOLD}"),
    ]


def _table(table: Table) -> str:
    lines = [
        "| " + " | ".join(markdown(heading) for heading in table.headings) + " |",
        "|" + " --- |" * len(table.headings),
    ]
    for row in table.rows:
        cells = [f"{cell.text} ({cell.under})" if cell.under else cell.text for cell in row]
        lines.append("| " + " | ".join(markdown(cell) for cell in cells) + " |")
    return "\n".join(lines)
