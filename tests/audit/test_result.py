"""The result of an audit: tables by name, nothing under another name, and a dict that is JSON."""

import copy
import json
import pickle

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.audit.policies.policy import Policy
from riskmodel.audit.policies.verdicts import FAIL, PASS, Verdict
from riskmodel.audit.result import TABLES, FairnessAudit, json_ready
from riskmodel.errors import SchemaError

LISTED = pd.DataFrame({"group": ["a"], "value": [np.nan], "as_of": [pd.Timestamp("2015-01-01")]})


def audit_of(*verdicts, **tables):
    return FairnessAudit(
        model_digest="0123456789abcdef", model={}, policy=Policy.default(), measured=tables,
        summary={"k": 5, "as_of": ["2015-01-01"], "entries_listed": np.int64(5)},
        verdicts=tuple(
            Verdict(
                criterion="c", metric="precision", characteristic="sex", scale="difference",
                verdict=verdict, reason="",
            )
            for verdict in verdicts
        ),
    )  # fmt: skip


def test_every_table_is_an_attribute_and_empty_where_it_was_not_measured():
    audit = audit_of(listed=LISTED)
    assert audit.listed is LISTED
    assert all(getattr(audit, name).empty for name in TABLES if name != "listed")
    assert set(audit.tables()) == {"listed", "verdicts"}
    with pytest.raises(AttributeError, match="'luck'"):
        _ = audit.luck


def test_a_table_of_another_name_is_refused():
    with pytest.raises(SchemaError, match="no table is called 'luck'"):
        audit_of(luck=LISTED)
    with pytest.raises(SchemaError, match="'luck'"):
        audit_of().with_tables(luck=LISTED)


def test_other_tables_make_another_audit_and_leave_the_first_as_it_was():
    first = audit_of(PASS, listed=LISTED)
    second = first.with_tables(gaps=LISTED)
    assert first.gaps.empty and second.gaps is second.listed is LISTED
    assert (second.verdicts, second.created) == (first.verdicts, first.created)


def test_a_copy_and_a_pickle_are_the_audit():
    audit = audit_of(FAIL, listed=LISTED)
    for again in (copy.deepcopy(audit), pickle.loads(pickle.dumps(audit))):
        assert again.to_dict() == audit.to_dict()


def test_one_fail_is_the_verdict_and_is_said_with_the_list_and_the_model():
    audit = audit_of(PASS, FAIL)
    assert audit.verdict == FAIL
    assert repr(audit) == (
        f"FairnessAudit({FAIL}, 2 promises, list of 5 on 1 dates, model 0123456789ab)"
    )


def test_the_dict_is_json_and_names_the_policy_it_was_judged_by():
    audit = audit_of(PASS, listed=LISTED)
    content = json.loads(json.dumps(audit.to_dict(), allow_nan=False))
    assert content["tables"]["listed"] == [{"group": "a", "value": None, "as_of": "2015-01-01"}]
    assert content["tables"]["verdicts"][0]["verdict"] == content["verdict"] == PASS
    assert content["policy_digest"] == Policy.from_dict(content["policy"]).digest()


NUMPY = st.one_of(st.floats().map(np.float64), st.booleans().map(np.bool_), st.just(np.int64(-7)))
PLAIN = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())
TIMES = st.one_of(st.just(pd.NaT), st.just(pd.NA), st.datetimes().map(pd.Timestamp), st.dates())
CONTENT = st.recursive(
    st.one_of(PLAIN, NUMPY, TIMES),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(st.one_of(st.text(), st.integers()), inner, max_size=4),
    ),
)


@given(CONTENT)
def test_whatever_is_made_ready_is_json_and_stays_as_it_is(content):
    ready = json_ready(content)
    assert json.loads(json.dumps(ready, allow_nan=False)) == ready
    assert json_ready(ready) == ready


def test_only_a_midnight_loses_its_time():
    assert json_ready(pd.Timestamp("2015-01-01")) == "2015-01-01"
    assert json_ready(pd.Timestamp("2015-01-01 00:00:01")) == "2015-01-01T00:00:01"
    assert json_ready([np.nan, np.inf, -0.5]) == [None, None, -0.5]
