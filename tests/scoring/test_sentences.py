"""What is said before a number is used, and when."""

from dataclasses import replace

import pandas as pd

from riskmodel.histories.moments import to_microseconds
from riskmodel.scoring.sentences import about_the_date, about_the_fallback, day_of


def said(model, as_of, data_start):
    return list(about_the_date(model, to_microseconds(as_of), to_microseconds(data_start)))


def test_a_date_that_was_learnt_from_is_told(trained):
    start = trained.model.provenance["data_start"]
    until = trained.model.learnt_until
    assert said(trained.model, until, start) == []
    (sentence,) = said(trained.model, until - pd.Timedelta(days=1), start)
    assert "has learnt outcomes" in sentence


def test_records_that_reach_back_less_far_are_told_with_both_lengths(trained):
    (sentence,) = said(trained.model, trained.model.learnt_until, "2022-01-01")
    assert "reach back 181 days" in sentence
    assert "the model learnt from dates with at least" in sentence


def test_a_model_of_a_ready_made_table_says_nothing_of_dates(trained):
    bare = trained.model.provenance | {"label": None, "data_start": None}
    assert said(replace(trained.model, provenance=bare), "2001-01-01", "2001-01-01") == []


def test_a_day_is_written_as_people_write_it():
    assert day_of(to_microseconds("2012-03-04T05:06")) == "2012-03-04"
    assert about_the_fallback("x").endswith("the full one: x")
