"""What a desk keeps, and for how long."""

import gc
import threading
import weakref
from dataclasses import replace

from riskmodel.scoring.person.desk import desk_of


def test_one_desk_a_model_a_start_and_a_thread(trained):
    model = replace(trained.model)
    mine = desk_of(model, None)
    assert desk_of(model, None) is mine
    assert desk_of(model, "2020-01-01") is not mine
    found = []
    thread = threading.Thread(target=lambda: found.append(desk_of(model, None)))
    thread.start()
    thread.join()
    assert found[0] is not mine


def test_starts_that_callers_name_do_not_pile_up(trained):
    model = replace(trained.model)
    first = weakref.ref(desk_of(model, "2017-01-01"))
    for day in range(1, 6):
        desk_of(model, f"2018-01-0{day}")
    gc.collect()
    assert first() is None


def test_a_model_that_nobody_has_any_more_is_let_go(trained):
    model = replace(trained.model)
    desk_of(model, None)
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
