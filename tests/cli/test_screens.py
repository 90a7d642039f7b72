"""The terminal shows numbers for reading, notes without paths, and markup only of its own."""

import warnings

import pandas as pd

from riskmodel.cli.screens import (
    Steps,
    fail,
    note,
    number,
    remark,
    rows_of,
    say,
    show_table,
    warnings_as_notes,
    with_interval,
)
from riskmodel.errors import LateReportsWarning


def test_what_is_undefined_is_a_dash_and_never_nought():
    assert number(float("nan")) == number(None) == number(pd.NA) == number("") == "-"
    assert number(0.0) == "0.000"
    assert with_interval(float("nan"), float("nan"), float("nan")) == "-"
    assert with_interval(0.5, float("nan"), float("nan"), 1) == "0.5"


def test_text_from_data_is_shown_as_it_stands(capsys):
    say("[red]name[/red]")
    note("[bold]x[/bold]")
    fail("[link]y[/link]")
    show_table("[b]title[/b]", ["[i]a[/i]"], [["[u]cell[/u]"]])
    shown = capsys.readouterr()
    assert "[red]name[/red]" in shown.out
    assert "[b]title[/b]" in shown.out
    assert "[u]cell[/u]" in shown.out
    assert "note: [bold]x[/bold]" in shown.err
    assert "error: [link]y[/link]" in shown.err


def test_warnings_are_one_line_each_and_told_once(capsys):
    with warnings_as_notes():
        for _ in range(3):
            warnings.warn("3 % come in\n late", LateReportsWarning, stacklevel=1)
    assert capsys.readouterr().err == "note: 3 % come in late\n"


def test_python_s_own_way_of_warning_is_put_back():
    before = warnings.showwarning
    with warnings_as_notes():
        assert warnings.showwarning is not before
    assert warnings.showwarning is before


def test_steps_leave_a_line_with_seconds_on_standard_error(capsys):
    with Steps(2) as steps:
        with steps.step("One"):
            pass
        with steps.step("Two [x]"):
            pass
    shown = capsys.readouterr()
    assert shown.out == ""
    assert [line.split(":")[0].strip() for line in shown.err.splitlines()] == ["One", "Two [x]"]
    assert steps.done == 2


def test_parts_of_a_step_move_the_bar_but_are_no_steps():
    with Steps(2) as steps, steps.step("One"):
        steps.part(3, 4, "the last quarter [x]")
        (bar,) = steps._bar.tasks
        assert bar.completed == 0.75
        assert bar.description == r"the last quarter \[x]"
        assert bar.fields["done"] == steps.done == 0
    assert bar.completed == bar.fields["done"] == steps.done == 1


def test_rows_of_a_frame_are_texts():
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    assert rows_of(frame) == [["1", "x"], ["2", "-"]]


def test_no_figure_is_cut_however_narrow_the_terminal(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    sentence = "5,025 days of harm summed over the reported offences ever recorded"
    show_table("list", ["rank", "probability", "reason"], [["1", "0.69 [0.32, 0.91]", sentence]])
    shown = capsys.readouterr().out
    assert "0.69 [0.32, 0.91]" in shown
    assert "…" not in shown
    assert all(word in shown for word in sentence.split())


def test_numbers_stand_to_the_right_and_words_to_the_left(capsys):
    show_table("t", ["name", "figure", "more"], [["a", "1", "x"], ["bbb", "-1,000.5 [2, 3]", "y"]])
    first, second = capsys.readouterr().out.splitlines()[2:4]
    assert first.index("a") == second.index("bbb")
    assert first.index("1") == second.index("]")


def test_a_table_without_rows_is_its_header(capsys):
    show_table("nothing found", ["a", "b"], [])
    assert capsys.readouterr().out.split() == ["nothing", "found", "a", "b"]


def test_a_remark_breaks_between_words_where_the_terminal_ends(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    text = "Captured: the share of serious\noffences [0.1] that the people listed account for."
    remark(text)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 40
    assert shown.split() == text.split()
