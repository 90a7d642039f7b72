"""Why there are gaps: what drives scores, what stands in for a group, what labels change."""

from __future__ import annotations

import pandas as pd

from riskmodel.audit.question import Question
from riskmodel.audit.why.label_groups import label_group_table
from riskmodel.audit.why.matched_gaps import NOT_MATCHED, matched_gap_table, record_strata
from riskmodel.audit.why.proxies import proxy_table
from riskmodel.audit.why.proxy_models import proxy_model_table
from riskmodel.audit.why.score_gaps import score_gap_table

OTHER_TRAINING = (
    "The estimates audited were given, made out of time by the recipe of this model: what drives "
    "the gap in mean score is shown for the model itself."
)


def explained(question: Question) -> dict[str, pd.DataFrame]:
    """Return the tables of why the figures are as they are, by name."""
    snapshots, columns = question.snapshots, question.columns
    person, settings = snapshots.person_id, question.settings
    return {
        "score_gaps": score_gap_table(
            question.model.scorer, snapshots.X, columns, person=person, settings=settings
        ),
        "matched_gaps": matched_gap_table(
            record_strata(snapshots),
            columns,
            listed=question.listed,
            probability=question.rows.probability,
            y=snapshots.y,
            person=person,
            settings=settings,
        ),
        "proxies": proxy_table(snapshots.X, columns),
        "proxy_models": proxy_model_table(snapshots.X, columns, person=person, settings=settings),
        **_labels(question),
    }


def caveats(question: Question) -> tuple[str, ...]:
    """Return what the reader of these tables has to know."""
    notes = () if record_strata(question.snapshots) is not None else (NOT_MATCHED,)
    return (*notes, OTHER_TRAINING) if question.estimates_given else notes


def _labels(question: Question) -> dict[str, pd.DataFrame]:
    if question.histories is None:
        return {}
    table = label_group_table(
        question.snapshots,
        question.histories,
        question.listed,
        question.columns,
        question.settings,
    )
    return {"label_groups": table}
