"""The public face is what it says it is, and costs nothing until a name is used."""

import ast
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest

import riskmodel

PACKAGE = Path(riskmodel.__file__).parent
HEAVY = {
    "pandas", "pyarrow", "sklearn", "scipy", "lightgbm", "numba", "pandera", "shap", "mlflow",
    "fairlearn", "matplotlib", "jinja2", "sqlalchemy", "fastapi", "uvicorn", "typer", "rich",
}  # fmt: skip
NAMES = [name for name in riskmodel.__all__ if name != "__version__"]


def fresh(code: str) -> object:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent
    )
    return json.loads(done.stdout)


def test_names_are_listed_once_in_alphabetical_order():
    assert riskmodel.__all__ == sorted(set(riskmodel.__all__), key=str.casefold)


def test_every_listed_name_is_there_and_is_at_home_in_the_package():
    for name in NAMES:
        thing = getattr(riskmodel, name)
        assert thing.__name__ == name
        assert thing.__module__.startswith("riskmodel."), name


def test_nothing_public_is_missing_from_the_list():
    loaded = {
        name
        for name, value in vars(riskmodel).items()
        if (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__.startswith("riskmodel.")
    }
    assert loaded <= set(riskmodel.__all__)


def test_dir_shows_the_face_and_nothing_else():
    assert sorted(dir(riskmodel)) == sorted(riskmodel.__all__)


def test_an_unknown_name_is_an_attribute_error_that_names_it():
    with pytest.raises(AttributeError, match="no_such_name"):
        riskmodel.no_such_name  # noqa: B018


def test_a_star_import_brings_the_whole_face():
    names = fresh(
        "import json; space = {}; exec('from riskmodel import *', space); "
        "print(json.dumps(sorted(space)))"
    )
    assert set(NAMES) <= set(names)


def test_import_loads_numpy_at_most():
    loaded = fresh("import json, sys, riskmodel; print(json.dumps(sorted(sys.modules)))")
    assert not HEAVY & {name.partition(".")[0] for name in loaded}


def test_help_of_the_command_line_loads_nothing_heavy():
    loaded = fresh(
        "import json, sys\n"
        "from riskmodel.cli.app import app\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    assert not (HEAVY - {"typer", "rich"}) & {name.partition(".")[0] for name in loaded}


def test_scoring_loads_neither_registry_nor_plots():
    loaded = fresh(
        "import json, sys, riskmodel\n"
        "riskmodel.score, riskmodel.rank, riskmodel.score_person, riskmodel.reasons\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    assert not {"mlflow", "shap", "fairlearn", "matplotlib"} & set(loaded)


def test_no_public_name_is_a_folder_or_module_beside_the_face():
    beside = {path.stem for path in PACKAGE.iterdir() if path.suffix in {"", ".py"}}
    assert not beside & set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_public_name_says_what_it_does(name):
    thing = getattr(riskmodel, name)
    assert inspect.getdoc(thing), name
    is_error = inspect.isclass(thing) and issubclass(thing, (Exception, Warning))
    if not is_error:
        assert "Examples\n--------" in inspect.getdoc(thing), f"{name} shows no example"


def test_type_checkers_see_each_name_from_where_it_is_loaded():
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    seen = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("riskmodel.")
        for alias in node.names
    }
    assert seen == {name: f"riskmodel.{home}" for name, home in riskmodel._HOMES.items()}
    assert set(seen) == set(NAMES)


def test_nobody_inside_imports_the_face():
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                assert "riskmodel" not in [alias.name for alias in node.names], path.name
            if isinstance(node, ast.ImportFrom) and node.module == "riskmodel":
                assert not {alias.name for alias in node.names} & set(NAMES), path.name
