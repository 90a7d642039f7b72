import inspect

from riskmodel import errors


def test_every_error_can_be_caught_as_one_and_as_a_value_error():
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    raised = [
        kind for kind in kinds if issubclass(kind, Exception) and kind.__name__.endswith("Error")
    ]
    assert len(raised) >= 8
    assert all(issubclass(kind, errors.RiskModelError) for kind in raised)
    assert issubclass(errors.RiskModelError, ValueError)


def test_the_tree_at_the_top_of_the_file_names_every_error_and_warning():
    for name, kind in inspect.getmembers(errors, inspect.isclass):
        if issubclass(kind, (errors.RiskModelError, errors.RiskModelWarning)):
            assert name in errors.__doc__


def test_all_mistakes_stand_in_one_message():
    error = errors.SchemaError(["a.b: one", "a.c: two"], advice="Mend them.")
    assert error.problems == ["a.b: one", "a.c: two"]
    assert str(error).splitlines() == [
        "2 problems:",
        "  - a.b: one",
        "  - a.c: two",
        "Mend them.",
    ]
