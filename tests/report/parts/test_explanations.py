"""Part 10: contributions add up on the page, age is said, absence has its reason."""

from dataclasses import replace

import pytest

from riskmodel.report.parts.explanations import contribution_table, explanations


def facts(part):
    return {
        name: text for block in part.blocks if block.kind == "facts" for name, text in block.rows
    }


def said(part):
    return [block.text for block in part.blocks if block.kind in {"note", "absent"}]


def with_model(contents, **more):
    return replace(contents, audit=replace(contents.audit, model=contents.audit.model | more))


def test_the_contributions_shown_add_up_to_the_gap_that_stands_below_them(measured):
    table = contribution_table(measured.score_gaps, "sex", {"count_1y": "offences, one year"})
    *parts, total = [row[-1].value for row in table.rows]
    assert sum(parts) == pytest.approx(total)
    assert table.rows[0][1].text == "offences, one year"


def test_age_is_said_to_be_a_feature_whether_or_not_its_part_was_measured(contents):
    plain = with_model(contents, age_ablation=None)
    assert "Age is not a feature of this model." in said(explanations(plain))
    age = with_model(plain, features=[{"name": "age", "sentence": "age in years"}])
    assert "Age is a feature of this model. What it adds was not recorded." in said(
        explanations(age)
    )


def test_what_age_adds_is_said_in_words_and_without_exact_counts(contents):
    auc = {"with_age": 0.742, "without_age": 0.74, "difference": 0.002, "low": -0.001,
           "high": 0.004, "n": 11324, "n_people": 11324}  # fmt: skip
    ablation = {"kind": "later date", "features": ["age"], "auc": auc}
    found = facts(explanations(with_model(contents, age_ablation=ablation)))
    assert found["AUC"] == (
        "0.742 with age, 0.740 without: a difference of 0.002 (interval −0.001 to 0.004)"
    )
    assert "11324" not in " ".join(found.values())


@pytest.mark.parametrize("name", ["score_gaps", "matched_gaps", "proxy_models", "proxies"])
def test_a_table_that_is_not_there_says_why(contents, name):
    nothing = contents.audit.measured[name][:0]
    noted = replace(
        contents.audit.with_tables(**{name: nothing}), notes=(f"{name}: no histories were given.",)
    )
    lines = said(explanations(replace(contents, audit=noted)))
    assert sum("Not measured in this run: " in line for line in lines) == 1
    assert any(line.endswith("no histories were given.") for line in lines)


def test_what_is_kept_inside_is_not_said_to_be_unmeasured(contents):
    bare = contents.audit.with_tables(score_gaps=contents.audit.score_gaps[:0])
    kept = replace(contents, audit=bare, kept_back=frozenset(["score_gaps"]))
    lines = said(explanations(kept))
    assert any("kept to the internal version" in line for line in lines)
    assert not any("Not measured" in line for line in lines)
