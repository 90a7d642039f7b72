"""Progress of a search: a bar on a terminal, silence elsewhere, or a caller's own words."""

import io
import re
import sys

import pytest

from riskmodel.model.search.progress import shown_progress


class Terminal(io.StringIO):
    """A screen that keeps what was written."""

    def isatty(self):
        return True


def terminal(monkeypatch):
    """Put a terminal in the place of stderr; not in a fixture, after which pytest puts its own."""
    made = Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    return made


def counts(screen):
    """Each "made/total" that was drawn."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue())
    return [(int(made), total) for made, total in re.findall(r"(\d+)/ *(\d+|\?)", plain)]


def test_a_terminal_sees_a_bar_that_counts_up_and_never_passes_its_end(monkeypatch):
    screen = terminal(monkeypatch)
    with shown_progress(True, 3) as tell:
        for made in range(1, 4):
            tell(made, f"Searching settings: best +0.000{made}")
    assert "Searching settings: best +0.0003" in screen.getvalue()
    drawn = counts(screen)
    assert drawn[-1] == (3, "3")
    assert [made for made, _ in drawn] == sorted(made for made, _ in drawn)
    assert all(made <= int(total) for made, total in drawn)


def test_without_a_number_of_trials_the_end_is_open(monkeypatch):
    screen = terminal(monkeypatch)
    with shown_progress(True, None) as tell:
        tell(7, "Searching settings")
    assert counts(screen)[-1] == (7, "?")


def test_the_bar_is_gone_when_a_trial_fails(monkeypatch):
    screen = terminal(monkeypatch)

    def fail():
        with shown_progress(True, 2) as tell:
            tell(1, "Searching settings")
            raise ValueError("trial 1")

    with pytest.raises(ValueError, match="trial 1"):
        fail()
    ended = screen.getvalue()
    assert "\x1b[?25h" in ended, "the cursor is shown again"
    assert ended.rindex("\x1b[2K") > ended.rindex("Searching settings")


@pytest.mark.parametrize("progress", [True, False])
def test_elsewhere_nothing_is_written(progress, capfd):
    with shown_progress(progress, 2) as tell:
        tell(1, "Searching settings")
        tell(2, "Searching settings")
    assert capfd.readouterr() == ("", "")


def test_who_wants_no_bar_sees_none_on_a_terminal_either(monkeypatch):
    screen = terminal(monkeypatch)
    with shown_progress(False, 2) as tell:
        tell(1, "Searching settings")
    assert screen.getvalue().strip() == ""


def test_a_caller_is_told_the_number_and_the_words_and_sees_no_bar(monkeypatch):
    screen = terminal(monkeypatch)
    told = []
    with shown_progress(lambda *words: told.append(words), 2) as tell:
        tell(1, "best +0.1")
        tell(2, "best +0.2")
    assert told == [(1, "best +0.1"), (2, "best +0.2")]
    assert screen.getvalue() == ""
