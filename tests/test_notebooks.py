"""Each notebook runs, is what its script says, and keeps outputs that name no machine."""

import re
from pathlib import Path

import jupytext
import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).parent.parent / "notebooks"
SCRIPTS = sorted(FOLDER.glob("[0-9]*.py"))
STAGES = ["histories", "snapshots", "train", "score_and_explain", "audit", "register", "identity"]
MACHINE = re.compile(r"/(home|root|tmp|work|Users|opt|var|usr)/|[A-Z]:\\\\|site-packages")


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


def kept(script: Path) -> nbformat.NotebookNode:
    return nbformat.read(script.with_suffix(".ipynb"), as_version=4)


def test_there_is_one_notebook_for_each_stage():
    assert [path.stem for path in SCRIPTS] == [
        f"{number:02}_{stage}" for number, stage in enumerate(STAGES, start=1)
    ]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_notebook_and_script_say_the_same(script):
    written, notebook = jupytext.read(script), kept(script)
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        (cell.cell_type, cell.source) for cell in written.cells
    ]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_outputs_are_kept_and_name_no_machine(script):
    notebook = kept(script)
    nbformat.validate(notebook)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1)), "not run once, from top to bottom"
    assert outputs(notebook)
    for output in outputs(notebook):
        assert output.output_type != "error"
        assert output.get("name") != "stderr"
        assert not MACHINE.search(str(output))
    assert set(notebook.metadata) <= {"kernelspec"}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_notebook_runs(script, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONWARNINGS", "ignore:IProgress not found")  # shap's progress bars
    notebook = jupytext.read(script)
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    client.execute()
    assert not [output for output in outputs(notebook) if output.get("name") == "stderr"]
