"""One page to look at, for everybody without Power BI.

A single HTML file that needs no server and no network: the aggregates of `cube`, the
answers of `exploration`, the last `arcana compare`, and Vega-Lite to draw them. The
readable parts are `template.html`, `page.css`, `page.js` and `texts.json` beside this file.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path

from arcana.engine import database
from arcana.errors import ArcanaError
from arcana.page import cube, exploration

# Vega's bundle, as the page calls it.
_BUNDLE = "window.vegaEmbed = vegaEmbed;"


class PageError(ArcanaError):
    """The page cannot be made; the message says what is missing."""


def write(build_file: Path, comparison: Path, target: Path) -> int:
    """Write the page of a build.

    Parameters
    ----------
    build_file : the DuckDB file of the build, all layers
    comparison : result of the last `arcana compare`; need not be there
    target : the HTML file; replaced in one step

    Returns
    -------
    int
        Its size in bytes.
    """
    if not build_file.is_file():
        raise PageError(f"There is no build in {build_file}: run `arcana build` first.")
    with database.connect(build_file, read_only=True) as connection:
        if not _is_counted(connection):
            raise PageError(f"{build_file} holds no tables of the page: run `arcana build` first.")
        data = cube.aggregates(connection)
        answers = exploration.answers(connection, data["smallest_cell"])
        data["exploration"] = [answer.plain() for answer in answers]
    data["models"] = _comparison(comparison)
    html = assembled(data).encode("utf-8")
    beside = target.with_suffix(".tmp")
    beside.write_bytes(html)
    beside.replace(target)
    return len(html)


def load() -> None:
    """Load what writing a page needs and takes seconds to load; `write` does it otherwise."""
    _vega()
    exploration.load()


def day_of(build_file: Path) -> str:
    """The day that a build looks back from."""
    with database.connect(build_file, read_only=True) as connection:
        sql = "select cast(as_of_date as varchar) from silver.int_build__context"
        return database.only_row(connection.execute(sql))[0]


def assembled(data: dict) -> str:
    """Put data, texts, style and scripts into the template."""
    room = files(__package__)
    parts = {
        "style": room.joinpath("page.css").read_text("utf-8"),
        "script": room.joinpath("page.js").read_text("utf-8"),
        "vega": _vega(),
        "texts": _embedded(json.loads(room.joinpath("texts.json").read_text("utf-8"))),
        "data": _embedded(data),
    }
    html = room.joinpath("template.html").read_text("utf-8")
    for name, part in parts.items():
        html = html.replace(f"/*{name}*/", part, 1)
    return html


def _is_counted(connection) -> bool:
    """Whether the build has the tables of `models/page`; one of an older Arcana has not."""
    sql = "select count(*) from information_schema.tables where table_schema = 'page'"
    return connection.execute(sql).fetchone()[0] > 0


def _embedded(value) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return text.replace("<", "\\u003c")


def _plain(value):
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} cannot be put on the page")


@cache
def _vega() -> str:
    # It takes a second to import and to bundle, which no other command needs.
    import vl_convert  # noqa: PLC0415

    return vl_convert.javascript_bundle(_BUNDLE).replace("</script", "<\\/script")


def _comparison(file: Path) -> dict | None:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
