"""Tried again while it is busy, a bounded number of times, and never in step."""

import pytest

from riskmodel.registry import retries
from riskmodel.registry.retries import FIRST_WAIT, LONGEST_WAIT, retried


class Busy(Exception):
    pass


@pytest.fixture
def waits(monkeypatch):
    slept = []
    monkeypatch.setattr(retries.time, "sleep", slept.append)
    return slept


def failing(times, error):
    left = [error] * times

    def action():
        if left:
            raise left.pop()
        return "done"

    return action


def busy(error):
    return isinstance(error, Busy)


@pytest.mark.parametrize("times", [0, 1, 5])
def test_it_comes_through_after_a_few_tries(waits, times):
    assert retried(failing(times, Busy()), busy) == "done"
    assert len(waits) == times
    for attempt, wait in enumerate(waits):
        assert 0 <= wait <= min(LONGEST_WAIT, FIRST_WAIT * 2**attempt)


def test_it_gives_up_with_the_error_itself(waits):
    with pytest.raises(Busy):
        retried(failing(99, Busy()), busy, attempts=4)
    assert len(waits) == 3


def test_another_error_is_raised_at_once(waits):
    with pytest.raises(KeyError):
        retried(failing(1, KeyError()), busy)
    assert waits == []


def test_two_that_collided_do_not_wait_alike(waits):
    retried(failing(6, Busy()), busy)
    first = waits.copy()
    waits.clear()
    retried(failing(6, Busy()), busy)
    assert waits != first
