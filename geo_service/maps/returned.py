"""The import report as a page to print and send back: no scripts, nothing from outside."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from markupsafe import Markup

from geo_service.maps.sheet import templates

if TYPE_CHECKING:
    from geo_service.services.interchange.returning import Returned

SHOWN = 500
"""Issues on paper; the workbook holds all."""


def returned_page(report: Returned) -> str:
    """The report as an HTML page for A4 paper, in the language it was worded in."""
    folder = files("geo_service.maps") / "static"
    css = "".join(
        (folder / name).read_text(encoding="utf-8") for name in ("report.css", "returned.css")
    )
    return (
        templates()
        .get_template("returned.html")
        .render(
            lang_tag="zh-CN" if report.lang == "zh" else "en",
            css=Markup(css),  # noqa: S704 - our own files
            report=report,
            say=report.say,
            told=report.told[:SHOWN],
        )
    )
