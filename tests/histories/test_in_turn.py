import threading

import pytest

from riskmodel.histories.in_turn import in_turn


def test_results_come_in_order_however_long_each_takes():
    gates = [threading.Event() for _ in range(4)]

    def work(number):
        if number < 3:
            assert gates[number + 1].wait(10)  # the later one is done first
        gates[number].set()
        return number

    assert list(in_turn(work, range(4), 4)) == [0, 1, 2, 3]


def test_a_failure_comes_in_its_turn_and_little_more_is_begun():
    begun = []

    def work(number):
        begun.append(number)
        if number == 2:
            raise ValueError("the third")
        return number

    found = in_turn(work, range(1_000), 2)
    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(ValueError, match="the third"):
        next(found)
    assert len(begun) <= 7


def test_items_are_drawn_as_they_are_needed():
    drawn = []

    def items():
        for number in range(1_000):
            drawn.append(number)
            yield number

    found = in_turn(str, items(), 2)
    assert next(found) == "0"
    found.close()
    assert len(drawn) <= 5
