"""The tables of a history out of CSV files, Parquet files or a database, as they are stored.

Nothing is checked or changed here beyond reading: ids stay text as written. `EventHistories`
checks what these functions return.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from riskmodel.errors import SchemaError
from riskmodel.histories.frames import text_dtype

PathLike: TypeAlias = str | os.PathLike[str]
_WHERE = "Give the folder that holds them, or paths={'events': ..., 'people': ...}."
TABLE_NAMES = ("events", "people", "updates", "spells", "victims", "actions")


def read_csv_tables(folder: PathLike | None, paths: Mapping[str, PathLike]) -> dict[str, Any]:
    """Read the tables from ``<table>.csv`` or ``.csv.gz`` in a folder, or from the paths named.

    Returns
    -------
    dict of str to DataFrame
        Every column as text; empty fields are missing.
    """
    found = _locate(folder, paths, (".csv", ".csv.gz"))
    return {name: _read_csv(name, path) for name, path in found.items()}


def read_parquet_tables(folder: PathLike | None, paths: Mapping[str, PathLike]) -> dict[str, Any]:
    """Read the tables from ``<table>.parquet`` in a folder, or from the paths named."""
    found = _locate(folder, paths, (".parquet",))
    return {name: _read_parquet(name, path) for name, path in found.items()}


def read_sql_tables(url: Any, queries: Mapping[str, str]) -> dict[str, Any]:
    """Read the tables from a database.

    Parameters
    ----------
    url : str, sqlalchemy.URL or sqlalchemy.Engine
    queries : mapping of str to str
        For each table of the history the name of a table or view (``schema.name`` too), or a
        SELECT. None given: the tables of the database that are named like ours.

    Raises
    ------
    SchemaError
        If the database or a table cannot be read; the message holds no password.
    """
    import sqlalchemy  # noqa: PLC0415 - only where a database is read

    _check_names(queries)
    engine = _engine(sqlalchemy, url)
    try:
        with engine.connect() as connection:
            wanted = dict(queries) or _tables_there(sqlalchemy, connection)
            return {
                name: pd.read_sql_query(_select(sqlalchemy, engine, query), connection)
                for name, query in wanted.items()
            }
    except (sqlalchemy.exc.SQLAlchemyError, pd.errors.DatabaseError) as error:
        shown = engine.url.render_as_string(hide_password=True)
        raise SchemaError(
            f"the database {shown} could not be read ({type(error).__name__}): check the address, "
            "the rights and the names of tables and columns"
        ) from None
    finally:
        if engine is not url:
            engine.dispose()


def _locate(
    folder: PathLike | None, paths: Mapping[str, PathLike], endings: tuple[str, ...]
) -> dict[str, Path]:
    _check_names(paths)
    found = {} if folder is None else _in_folder(Path(folder), endings)
    found |= {name: Path(path) for name, path in paths.items()}
    absent = [f"{name}: no file {path.name}" for name, path in found.items() if not path.is_file()]
    if "events" not in found:
        absent.append(_no_events(folder, endings))
    if absent:
        raise SchemaError(absent, advice=_WHERE)
    return found


def _no_events(folder: PathLike | None, endings: tuple[str, ...]) -> str:
    if folder is not None and Path(folder).is_file():
        return f"{Path(folder).name} is a file, and a folder is needed"
    where = f" in the folder {Path(folder).name}" if folder is not None else " was named"
    return f"events: no file events{' or events'.join(endings)}{where}"


def _in_folder(folder: Path, endings: tuple[str, ...]) -> dict[str, Path]:
    found = {}
    for name in TABLE_NAMES:
        there = [folder / f"{name}{ending}" for ending in endings]
        there = [path for path in there if path.is_file()]
        if len(there) > 1:
            raise SchemaError(f"{name}: both {there[0].name} and {there[1].name} are in the folder")
        if there:
            found[name] = there[0]
    return found


def _check_names(tables: Mapping[str, Any]) -> None:
    unknown = [name for name in tables if name not in TABLE_NAMES]
    if unknown:
        allowed = ", ".join(TABLE_NAMES)
        raise SchemaError(f"unknown tables {', '.join(unknown)}; allowed are {allowed}")


def _read_csv(name: str, path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(
            path, dtype=text_dtype(), keep_default_na=False, na_values=[""], encoding="utf-8-sig"
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError, OSError) as error:
        raise SchemaError(
            f"{name}: {path.name} is no readable CSV file in UTF-8 ({type(error).__name__})"
        ) from None


def _read_parquet(name: str, path: Path) -> pd.DataFrame:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        table = pq.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise SchemaError(
            f"{name}: {path.name} is no readable Parquet file ({type(error).__name__})"
        ) from None
    frame: pd.DataFrame = table.to_pandas(date_as_object=False, ignore_metadata=True)
    return frame


def _engine(sqlalchemy: Any, url: Any) -> Any:
    if isinstance(url, sqlalchemy.Engine):
        return url
    try:
        return sqlalchemy.create_engine(url)
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        raise SchemaError(
            f"no database address that SQLAlchemy takes ({type(error).__name__}): give a URL like "
            "sqlite:///histories.db, and install the driver that it names"
        ) from None


def _tables_there(sqlalchemy: Any, connection: Any) -> dict[str, str]:
    inspector = sqlalchemy.inspect(connection)
    names = {*inspector.get_table_names(), *inspector.get_view_names()}
    there = {name: name for name in TABLE_NAMES if name in names}
    if "events" not in there:
        raise SchemaError("events: no such table or view in the database; give events='...'")
    return there


def _select(sqlalchemy: Any, engine: Any, query: str) -> Any:
    words = query.split()
    if len(words) > 1:
        return sqlalchemy.text(query)
    quote = engine.dialect.identifier_preparer.quote
    name = ".".join(quote(part) for part in query.split("."))
    return sqlalchemy.text(f"SELECT * FROM {name}")  # noqa: S608 - each part is quoted
