"""Run every notebook script and keep its outputs in the .ipynb beside it.

Usage: python notebooks/refresh.py [name ...], from anywhere, with the test extra installed.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import jupytext
import nbformat
from nbclient import NotebookClient

os.environ["PYTHONWARNINGS"] = "ignore:IProgress not found"  # shap's bars; no widgets are needed
HERE = Path(__file__).parent
NOISE = ("execution", "collapsed", "scrolled", "jupyter")


def refreshed(script: Path) -> nbformat.NotebookNode:
    """Run a script as a notebook and return it, without what differs between machines."""
    notebook = jupytext.read(script)
    notebook.metadata = {}
    with TemporaryDirectory() as folder:
        where = {"metadata": {"path": folder}}
        NotebookClient(notebook, timeout=120, kernel_name="python3", resources=where).execute()
    notebook.metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
    }
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02}"
        cell.metadata = {key: value for key, value in cell.metadata.items() if key not in NOISE}
    return notebook


def main(names: list[str]) -> None:
    """Refresh the notebooks of these names; all, when none is given."""
    for script in sorted(HERE.glob("[0-9]*.py")):
        if names and script.stem not in names:
            continue
        nbformat.write(refreshed(script), script.with_suffix(".ipynb"))
        print(script.stem)


if __name__ == "__main__":
    main(sys.argv[1:])
