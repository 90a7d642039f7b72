"""Exit codes say what kind of "no" it was; the message is one clean line."""

import pytest

from riskmodel import errors
from riskmodel.cli.exits import GateClosed, guarded


def raising(error: BaseException):
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.RiskModelError("x"), 1),
        (errors.SchemaError(["events.offence: missing in 2 rows"]), 1),
        (errors.LeakageError("x"), 1),
        (errors.NotScorableError("x"), 1),
        (errors.ModelMismatchError("x"), 1),
        (FileNotFoundError(2, "No such file", "a.csv"), 1),
        (PermissionError(13, "Permission denied", "a.csv"), 1),
        (errors.ModelIntegrityError("x"), 3),
        (errors.ModelExpiredError("x"), 3),
        (errors.NotAuditedError("x"), 3),
        (GateClosed(), 3),
    ],
)
def test_each_error_has_its_code(error, code, capsys):
    assert guarded(raising(error)) == code
    assert "Traceback" not in capsys.readouterr().err


def test_nothing_wrong_is_nought(capsys):
    assert guarded(lambda: None) == 0
    assert capsys.readouterr() == ("", "")


def test_a_missing_file_is_named(capsys):
    guarded(raising(FileNotFoundError(2, "No such file", "tables/events.csv")))
    assert capsys.readouterr().err == "error: No such file: tables/events.csv\n"


def test_a_fault_of_the_library_itself_is_not_dressed_up():
    with pytest.raises(ZeroDivisionError):
        guarded(raising(ZeroDivisionError()))


def test_debugging_shows_the_traceback(monkeypatch):
    monkeypatch.setenv("RISKMODEL_DEBUG", "1")
    with pytest.raises(errors.SchemaError):
        guarded(raising(errors.SchemaError(["x"])))
