"""Makes folium pages that never reach out: own copies of the assets, linked or inlined.

folium names its scripts and style sheets in lists on its classes, all of them on public CDNs, and
its own way to change them edits lists that every map shares. Here each element of one map gets
its own list instead, made from the assets fetched at set-up (`manifest.json`: asset name → file
and SHA-256), so that other folium maps in the same process are left as they are.
"""

from __future__ import annotations

import base64
import json
import mimetypes
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from branca.element import Element
from folium.elements import JSCSSMixin

from geo_service.errors import ConfigError
from geo_service.resources import vendor_dir

BASE_URL = "/static/vendor"
_CSS_URL = re.compile(r"""url\(\s*(['"]?)([^'")]+)\1\s*\)""")
_OUTSIDE = r"""(?:https?:)?//[^"'\s)>]+"""
_LOADS = (
    re.compile(
        r"""<(?:script|link|img|iframe|source|object|embed)\b[^>]*?"""
        rf"""\b(?:src|href|data)\s*=\s*["']?({_OUTSIDE})"""
    ),
    re.compile(rf"""url\(\s*["']?({_OUTSIDE})"""),
    re.compile(rf"""@import\s+["']({_OUTSIDE})"""),
    re.compile(rf"""\b(?:L\.tileLayer(?:\.wms)?|fetch|import)\(\s*["'`]({_OUTSIDE})"""),
)


@dataclass(frozen=True, slots=True)
class Assets:
    """Our copies of scripts and style sheets: where they lie and where pages find them."""

    folder: Path
    files: Mapping[str, str]
    base_url: str = BASE_URL

    def url(self, name: str) -> str:
        """Address of an asset on our own server. Raises ConfigError for one we do not ship."""
        try:
            return f"{self.base_url}/{self.files[name]}"
        except KeyError as error:
            raise ConfigError("web_asset_missing", asset=name, folder=self.folder) from error


def vendored_assets(folder: Path | None = None, base_url: str = BASE_URL) -> Assets:
    """The assets fetched at set-up. Raises ConfigError when they were never fetched."""
    place = vendor_dir() / "web" if folder is None else folder
    try:
        manifest = json.loads((place / "manifest.json").read_text(encoding="utf-8"))
        files = {name: entry["file"] for name, entry in manifest.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError("web_asset_missing", asset="manifest.json", folder=place) from error
    return Assets(place, files, base_url)


def elements_of(root: Element) -> Iterator[Element]:
    """An element and everything under it, in drawing order."""
    yield root
    for child in root._children.values():
        yield from elements_of(child)


def localise(root: Element, assets: Assets) -> None:
    """Give every element under `root` its own asset lists that name our copies only.

    Raises ConfigError for an asset we do not ship: a page that would load it is never made.
    """
    for element in elements_of(root):
        if isinstance(element, JSCSSMixin):
            element.default_js = [(name, assets.url(name)) for name, _ in element.default_js]
            element.default_css = [(name, assets.url(name)) for name, _ in element.default_css]


def _data_uri(path: Path) -> str:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _style_sheet(path: Path) -> str:
    def embed(match: re.Match[str]) -> str:
        reference = match.group(2)
        if reference.startswith(("data:", "#")):
            return match.group(0)
        target = path.parent / reference.partition("?")[0].partition("#")[0]
        return f"url({_data_uri(target)})" if target.is_file() else "url(data:,)"

    return _CSS_URL.sub(embed, path.read_text(encoding="utf-8"))


def inlined(html: str, assets: Assets) -> str:
    """The same page as one file: links to our assets replaced by what they hold.

    For mailing and archiving; it opens from a disk without any server.
    """
    base = re.escape(assets.base_url)

    def script(match: re.Match[str]) -> str:
        code = (assets.folder / match.group(1)).read_text(encoding="utf-8")
        return "<script>" + code.replace("</script", "<\\/script") + "</script>"

    def sheet(match: re.Match[str]) -> str:
        return f"<style>{_style_sheet(assets.folder / match.group(1))}</style>"

    html = re.sub(rf'<script src="{base}/([^"]+)"></script>', script, html)
    return re.sub(rf'<link rel="stylesheet" href="{base}/([^"]+)"\s*/?>', sheet, html)


def check_offline(html: str) -> list[str]:
    """Outside addresses that a browser would load from this page; empty for a page of ours.

    Addresses that code merely mentions, such as the home page inside a library, do not count.
    """
    return [match.group(1) for pattern in _LOADS for match in pattern.finditer(html)]
