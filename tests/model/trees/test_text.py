"""What LightGBM writes is read; anything else is refused before LightGBM sees it."""

import re

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from riskmodel.errors import ModelIntegrityError
from riskmodel.model.trees.text import read_trees


def refused(text, n_features=6):
    try:
        read_trees(text, n_features=n_features)
    except ModelIntegrityError as error:
        assert "can't be read" in str(error)
        return True
    return False


def with_sizes(text):
    """Return a text whose list of sizes fits again, so that only the mistake is left."""
    begin, end = text.index("\nTree=") + 1, text.index("end of trees")
    trees = re.split(r"(?<=\n)(?=Tree=)", text[begin:end])
    sizes = " ".join(str(len(tree)) for tree in trees)
    return re.sub("tree_sizes=.*", f"tree_sizes={sizes}", text[:begin]) + text[begin:]


def test_what_it_reads_is_what_lightgbm_dumps(booster, text):
    forest = read_trees(text, n_features=6).forest
    assert len(forest.leaves) == 5
    nodes = leaves = 0
    for tree in booster.dump_model()["tree_info"]:
        found = {}
        stack = [tree["tree_structure"]]
        while stack:
            node = stack.pop()
            if "leaf_value" in node:
                found["leaf", node["leaf_index"]] = node
                continue
            found["node", node["split_index"]] = node
            stack += [node["left_child"], node["right_child"]]
        for (kind, number), node in found.items():
            if kind == "leaf":
                assert forest.leaf_value[leaves + number] == node["leaf_value"]
                assert forest.leaf_count[leaves + number] == node["leaf_count"]
            else:
                place = nodes + number
                assert forest.feature[place] == node["split_feature"]
                assert forest.threshold[place] == node["threshold"]
                assert forest.node_count[place] == node["internal_count"]
                assert (forest.decision[place] & 2 > 0) == node["default_left"]
        leaves += tree["num_leaves"]
        nodes += tree["num_leaves"] - 1
    assert (nodes, leaves) == (len(forest.feature), len(forest.leaf_value))


@pytest.mark.parametrize(
    "settings",
    [
        {"bagging_fraction": 0.5, "bagging_freq": 1},
        {"feature_fraction": 0.5, "max_depth": 3},
        {"monotone_constraints": [1, 0, -1, 0, 0, 0]},
        {"monotone_constraints": [1, 0, 0, 0, 0, 0], "monotone_constraints_method": "advanced"},
        {"objective": "poisson"},
        {"objective": "tweedie", "tweedie_variance_power": 1.3},
        {"zero_as_missing": True},
        {"use_missing": False},
        {"extra_trees": True, "path_smooth": 2.0},
        {"boosting": "dart"},
        {"use_quantized_grad": True},
        {"min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0, "num_leaves": 255},
        {"min_gain_to_split": 1e9},
    ],
    ids=str,
)
def test_all_ways_of_growing_are_read(grow, table, settings):
    grown = grow(*table(), **settings)
    needed = read_trees(grown.model_to_string(), n_features=6).needed
    X, _ = table()
    again = lgb.Booster(model_str=needed.decode())
    assert (again.predict(X, raw_score=True) == grown.predict(X, raw_score=True)).all()


def test_trees_that_rank_are_read(grow, table):
    X, y = table()
    ranked = lgb.train(
        {"objective": "rank_xendcg", "verbosity": -1, "num_threads": 1},
        lgb.Dataset(X, y, group=[100] * 4),
        num_boost_round=3,
    )
    assert len(read_trees(ranked.model_to_string(), n_features=6).forest.leaves) == 3


@pytest.mark.parametrize(
    "settings",
    [
        {"linear_tree": True},
        {"boosting": "rf", "bagging_fraction": 0.5, "bagging_freq": 1},
        {"objective": "regression"},
        {"sigmoid": 2.0},
    ],
    ids=str,
)
def test_other_models_are_refused(grow, table, settings):
    assert refused(grow(*table(), **settings).model_to_string())


def test_categories_are_refused(table):
    X, y = table(missing=0.0)
    data = lgb.Dataset(np.floor(X), y, categorical_feature=[0])
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1}
    assert refused(lgb.train(settings, data, num_boost_round=2).model_to_string())


def test_other_features_are_refused(text):
    assert refused(text, n_features=5)
    assert refused(text, n_features=7)


def test_each_truncation_is_refused(text):
    whole = len(text) - len("\npandas_categorical:null\n")
    for end in range(0, len(text), 3):
        assert refused(text[:end]) or end == whole


MISTAKES = {
    "no leaf there": (r"(left_child=.*)-\d+", r"\g<1>-99"),
    "no node there": (r"(left_child=)\d+", r"\g<1>99"),
    "a circle": (r"(left_child=)\d+", r"\g<1>0"),
    "a leaf twice": (r"(right_child=.*)-\d+\n", r"\g<1>-1\n"),
    "no such feature": (r"(split_feature=)\d+", r"\g<1>6"),
    "a feature below 0": (r"(split_feature=)\d+", r"\g<1>-1"),
    "a categorical split": (r"(decision_type=)\d+", r"\g<1>1"),
    "an unknown decision": (r"(decision_type=)\d+", r"\g<1>12"),
    "a list too short": (r"(threshold=)\S+ ", r"\g<1>"),
    "a list too long": (r"(leaf_value=)", r"\g<1>1 "),
    "two spaces": (r"(leaf_value=\S+ )", r"\g<1> "),
    "no number": (r"(leaf_value=)\S+", r"\g<1>nan"),
    "no finite number": (r"(leaf_value=)\S+", r"\g<1>1e999"),
    "half a number": (r"(leaf_value=)\S+", r"\g<1>1e"),
    "an infinite threshold below": (r"(threshold=)\S+", r"\g<1>-inf"),
    "a fraction of a leaf": (r"(leaf_count=)\d+", r"\g<1>1.5"),
    "no rows": (r"(leaf_count=)\d+", r"\g<1>0"),
    "rows that do not add up": (r"(internal_count=)\d+", r"\g<1>399"),
    "a whole number too large": (r"(leaf_count=)\d+", r"\g<1>4294967297"),
    "leaves without end": (r"(num_leaves=)\d+", r"\g<1>999999999"),
    "no leaves": (r"(num_leaves=)\d+", r"\g<1>0"),
    "another number of leaves": (r"(num_leaves=)\d+", r"\g<1>8"),
    "categories": (r"(num_cat=)0", r"\g<1>1"),
    "linear leaves": (r"(is_linear=)0", r"\g<1>1"),
    "an unknown key": (r"shrinkage=", "shrinking="),
    "keys in another order": (r"(num_leaves=.*\n)(num_cat=.*\n)", r"\g<2>\g<1>"),
    "a key twice": (r"(num_cat=.*\n)", r"\g<1>\g<1>"),
    "another number of a tree": (r"Tree=0", "Tree=1"),
    "a line end of Windows": (r"(shrinkage=.*)\n", "\\g<1>\r\n"),
    "an unused list without numbers": (r"(split_gain=)\S+", r"\g<1>1_0"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_in_a_tree_is_refused(text, mistake):
    pattern, instead = MISTAKES[mistake]
    changed, times = re.subn(pattern, instead, text, count=1)
    assert times == 1
    assert changed != text
    assert refused(with_sizes(changed))


HEADERS = {
    "version": ("version=v4", "version=v3"),
    "classes": ("num_class=1", "num_class=2"),
    "trees a round": ("num_tree_per_iteration=1", "num_tree_per_iteration=2"),
    "averaging": ("feature_names=", "average_output\nfeature_names="),
    "an unknown objective": ("objective=binary", "objective=custom"),
    "a name too few": ("Column_0 ", ""),
    "no bounds": ("feature_infos=[", "feature_infos=("),
    "sizes that do not fit": ("tree_sizes=", "tree_sizes=1"),
    "no sizes": ("tree_sizes=", "sizes="),
    "an unknown key": ("num_class=1\n", "num_class=1\nsecret=1\n"),
    "another parser": ("end of trees", "parser=x\nend of trees"),
}


@pytest.mark.parametrize("mistake", HEADERS)
def test_each_mistake_around_the_trees_is_refused(text, mistake):
    before, after = HEADERS[mistake]
    assert before in text
    assert refused(text.replace(before, after, 1))


def test_letters_beyond_ascii_are_refused(text):
    assert refused(text.replace("leaf_count=", "leaf_count=\u0661", 1))  # an Arabic 1


def test_its_sizes_repaired_the_text_is_as_it_was(text):
    assert with_sizes(text) == text


@given(st.data())
def test_any_change_is_refused_or_read(text, data):
    """Never another error, whatever a number, a word or a line is changed into."""
    spans = [match.span() for match in re.finditer(r"[^\s=]+", text[: text.index("end of")])]
    begin, end = data.draw(st.sampled_from(spans))
    strange = st.sampled_from(
        ["", "-", "0", "-1", "1e400", "inf", "nan", "1 1", "\n", "=", "9" * 5000]
    )
    other = data.draw(
        strange | st.integers().map(str) | st.floats().map(repr) | st.text(max_size=5)
    )
    changed = with_sizes_if_any(text[:begin] + other + text[end:])
    assert refused(changed) in (True, False)


def with_sizes_if_any(text):
    return with_sizes(text) if "\nTree=" in text else text
