"""A sample of every kind of hostile folder; .ci/soak does a thousand of each.

The folders are made, and loaded by a child process, by the modules in tests/soak/hostile.
"""

import importlib
from pathlib import Path

import pytest

from riskmodel.model.bundle import load_bundle, save_bundle, verify_bundle

HOSTILE = Path(__file__).parent.parent / "soak" / "hostile"
ROUNDS = 6

REFUSED, OR_THE_SAME = {"refused"}, {"refused", "same score"}
KINDS = {
    "truncated": REFUSED,
    "one byte": OR_THE_SAME,  # a signature has bytes that mean nothing
    "truncated, digests right": REFUSED,
    "one byte, digests right": OR_THE_SAME,  # a space in the self-test
    "files swapped": REFUSED,
    "a file missing": REFUSED,
    "pickle": REFUSED,
    "MLmodel and code": REFUSED,
    "links, pipes, sockets": REFUSED,
    "names that lead elsewhere": REFUSED,
    "names that are no text": REFUSED,
    "strange numbers": OR_THE_SAME,  # 0 may stand where 0 stood
    "other numbers": OR_THE_SAME,  # in the self-test, by less than rounding
    "deep JSON": REFUSED,
    "gigantic arrays": REFUSED,
    "repeated keys": REFUSED,
    "other encodings": OR_THE_SAME,  # that of a file in which they change nothing
    "archives that unpack": REFUSED,
    "sizes": REFUSED,
    "another manifest": REFUSED,
    "malformed trees": OR_THE_SAME,  # lines may be shuffled into the order that they had
}


@pytest.fixture(scope="module")
def runs():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(HOSTILE)
        yield importlib.import_module("hostile_runs")


@pytest.fixture(scope="module")
def whole(table_model, runs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed") / "whole"
    save_bundle(table_model, folder)
    runs.make_signed(folder)
    return folder


@pytest.fixture(scope="module")
def child(runs, whole):
    with runs.Child(whole) as child:
        yield child


def test_the_child_tells_what_is_whole_from_what_answers_otherwise(runs, child, whole, tmp_path):
    """Without which no test below could fail."""
    assert child.ask(whole) == "same score"
    assert child.ask(whole, public_key=str(whole.parent / runs.PUBLIC)) == "same score"
    assert child.ask(tmp_path / "nowhere") == "refused"


def test_every_kind_is_tried(runs):
    assert runs.HARMS.keys() == KINDS.keys()


@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_folder_is_refused_or_answers_as_the_whole_one(runs, child, whole, kind):
    key = {"public_key": str(whole.parent / runs.PUBLIC)} if kind in runs.SIGNED else {}
    found = runs.run(child, whole, runs.HARMS[kind], ROUNDS, **key)
    assert found.keys() <= KINDS[kind]
    load_bundle(whole)


def test_signatures_that_do_not_belong_there_are_refused(runs, child, whole):
    key = str(whole.parent / runs.PUBLIC)
    found = runs.run(child, whole, runs.resigned(whole.parent), 3 * ROUNDS, public_key=key)
    assert found.keys() <= OR_THE_SAME
    assert found["refused"] >= 2 * ROUNDS


def test_what_is_forged_whole_is_refused_or_another_model_by_its_digest(runs, child, whole):
    found = runs.run(child, whole, runs.forged, 4 * ROUNDS, forged="yes")
    assert found.keys() <= {"refused", "same score", "another model"}
    digest = verify_bundle(whole).digest
    found = runs.run(child, whole, runs.forged, ROUNDS, forged="yes", digest=digest)
    assert found.keys() <= OR_THE_SAME  # lines may be shuffled into the order that they had


def test_a_death_is_counted_as_one_and_the_next_folder_gets_a_new_child(runs, whole, tmp_path):
    with runs.Child(whole) as child:
        assert child.ask(whole) == "same score"
        child.process.kill()
        assert child.ask(whole) == "death"
        assert child.ask(whole) == "same score"
