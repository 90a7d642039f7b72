"""The routes described: as OpenAPI for programs, and as a page that asks nobody else for anything.

The page is made here, without a script: the usual ones fetch theirs from somewhere on the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import jinja2
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from riskmodel.scoring.reply import NOTICE

PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_SCHEMAS = "#/components/schemas/"


def takes(kind: type[BaseModel]) -> dict[str, Any]:
    """Return what OpenAPI says of a route that reads its body itself."""
    schema = {"$ref": f"{_SCHEMAS}{kind.__name__}"}
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}


def describe(app: FastAPI, bodies: Sequence[type[BaseModel]]) -> dict[str, Any]:
    """Return the OpenAPI document of an application whose routes read their bodies themselves."""
    document = get_openapi(
        title=app.title, version=app.version, description=NOTICE, routes=app.routes
    )
    _, read = models_json_schema(
        [(kind, "validation") for kind in bodies], ref_template=f"{_SCHEMAS}{{model}}"
    )
    schemas = document["components"]["schemas"]
    document["components"]["schemas"] = dict(sorted({**read["$defs"], **schemas}.items()))
    return document


def page(document: Mapping[str, Any]) -> str:
    """Return an OpenAPI document as a page of HTML.

    Examples
    --------
    >>> "<h1>x</h1>" in page({"info": {"title": "x", "version": "1"}, "paths": {},
    ...                       "components": {"schemas": {}}})
    True
    """
    return _template().render(
        document=document, schemas=document["components"]["schemas"], parts=_parts
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("riskmodel.serve"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("api.html.j2")


def _parts(schema: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what a field holds, piece by piece: the words, and the schema to which they lead."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(_SCHEMAS)
        return [{"text": name, "link": name}]
    if "anyOf" in schema:
        pieces = [_parts(choice) for choice in schema["anyOf"]]
        found = [piece for part in pieces for piece in ({"text": " or ", "link": ""}, *part)]
        return found[1:]
    if "enum" in schema:
        return [{"text": "one of " + ", ".join(map(str, schema["enum"])), "link": ""}]
    if schema.get("type") == "array":
        return [{"text": "list of ", "link": ""}, *_parts(schema.get("items", {}))]
    words = schema.get("format") or schema.get("type") or "anything"
    return [{"text": " or ".join(words) if isinstance(words, list) else str(words), "link": ""}]
