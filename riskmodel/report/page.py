"""The page: contents put into the template, with a policy that lets nothing in or out."""

from __future__ import annotations

import base64
import hashlib

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from riskmodel.report.blocks import Part
from riskmodel.report.contents import Contents
from riskmodel.report.page_one import (
    VERDICT_SENTENCES,
    caution,
    standing,
    tiles,
)
from riskmodel.report.parts import accuracy, data, opening
from riskmodel.report.parts.change import change
from riskmodel.report.parts.explanations import explanations
from riskmodel.report.parts.limits import limits
from riskmodel.report.parts.listed import listed
from riskmodel.report.parts.stability import stability
from riskmodel.report.parts.use import use
from riskmodel.report.parts.victims import victims
from riskmodel.report.sentences import gap_sentences, summary_sentences
from riskmodel.report.statements import statements
from riskmodel.report.verdict_table import verdict_table
from riskmodel.report.words import VERDICT_NAMES


def render_page(contents: Contents) -> str:
    """Return the page as HTML that needs nothing else, and reads without its script."""
    environment = Environment(
        loader=PackageLoader("riskmodel.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["drawing"] = Markup  # charts.py escapes what it draws
    style, script = (_asset(environment, name) for name in ("report.css", "report.js"))
    if contents.internal:
        style += _asset(environment, "internal.css")
    audit = contents.audit
    return environment.get_template("fairness_report.html.j2").render(
        audit=audit,
        caution=caution(audit.summary),
        css=style,
        details=[*summary_sentences(audit.summary, internal=contents.internal),
                 *gap_sentences(audit)],
        internal=contents.internal,
        parts=all_parts(contents),
        policy=content_policy(style, script),
        script=script,
        standing=standing(contents),
        statements=statements(contents),
        tiles=tiles(audit.summary),
        verdict=audit.verdict,
        verdict_name=VERDICT_NAMES[audit.verdict],
        verdict_sentence=VERDICT_SENTENCES[audit.verdict],
        verdict_table=verdict_table(audit.tables()["verdicts"]),
    )  # fmt: skip


def all_parts(contents: Contents) -> list[Part]:
    """Return the fourteen parts in order."""
    makers = (
        opening.identity,
        opening.purpose,
        opening.population,
        data.data_quality,
        data.label,
        accuracy.accuracy,
        accuracy.calibration,
        listed,
        victims,
        explanations,
        stability,
        change,
        use,
        limits,
    )
    return [make(contents) for make in makers]


def _asset(environment: Environment, name: str) -> Markup:
    """Return a file of the package as it stands; it holds no data."""
    source = environment.loader.get_source(environment, name)[0]  # type: ignore[union-attr]
    return Markup(source)  # noqa: S704


def content_policy(style: str, script: str) -> str:
    """Return the Content-Security-Policy: this style, this script, and nothing from anywhere.

    Colours and places of drawings are attributes of their elements, which the policy lets be.

    Examples
    --------
    >>> content_policy("", "").split("; ")[0]
    "default-src 'none'"
    """
    return "; ".join(
        [
            "default-src 'none'",
            "style-src 'unsafe-inline'",  # for browsers that know neither of the next
            f"style-src-elem {_digest(style)}",
            "style-src-attr 'unsafe-inline'",
            f"script-src {_digest(script)}",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )


def _digest(source: str) -> str:
    digest = hashlib.sha256(source.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
