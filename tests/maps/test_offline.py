"""folium without the network: our assets only, and folium itself left as it was."""

from __future__ import annotations

import folium
import pytest
from folium.plugins import Fullscreen, HeatMap

from geo_service.errors import ConfigError
from geo_service.maps.offline import check_offline, inlined, localise, vendored_assets


def test_every_asset_is_ours_and_folium_keeps_its_lists(assets):
    before = [list(cls.default_js) + list(cls.default_css) for cls in (folium.Map, Fullscreen)]
    drawn = folium.Map(tiles=None)
    drawn.default_js, drawn.default_css = [("leaflet", "")], [("leaflet_css", "")]
    drawn.add_child(Fullscreen())
    localise(drawn.get_root(), assets)
    html = drawn.get_root().render()
    assert check_offline(html) == []
    assert 'src="/static/vendor/leaflet-' in html
    after = [list(cls.default_js) + list(cls.default_css) for cls in (folium.Map, Fullscreen)]
    assert after == before
    assert check_offline(folium.Map(tiles=None).get_root().render()), "folium itself links out"


def test_an_asset_we_do_not_ship_is_refused(assets):
    drawn = folium.Map(tiles=None)
    drawn.default_js, drawn.default_css = [], []
    drawn.add_child(HeatMap([[36, 120]]))
    with pytest.raises(ConfigError) as refused:
        localise(drawn.get_root(), assets)
    assert refused.value.code == "web_asset_missing"


@pytest.mark.parametrize("manifest", [None, "not json", "[]", '{"leaflet": {}}'])
def test_assets_that_were_never_fetched_are_told(tmp_path, manifest):
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        vendored_assets(tmp_path)
    assert refused.value.code == "web_asset_missing"


def test_inlining_embeds_scripts_styles_and_pictures(tmp_path):
    (tmp_path / "a.js").write_text("let a = '</script>';", encoding="utf-8")
    (tmp_path / "a.css").write_text(
        "p{background:url(i.png)} q{background:url('gone.png')} r{fill:url(#x)}", encoding="utf-8"
    )
    (tmp_path / "i.png").write_bytes(b"\x89PNG")
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    html = (
        '<script src="/static/vendor/a.js"></script>'
        '<link rel="stylesheet" href="/static/vendor/a.css"/>'
    )
    whole = inlined(html, vendored_assets(tmp_path))
    assert whole == (
        "<script>let a = '<\\/script>';</script>"
        "<style>p{background:url(data:image/png;base64,iVBORw==)} "
        "q{background:url(data:,)} r{fill:url(#x)}</style>"
    )


@pytest.mark.parametrize(
    "html",
    [
        '<script src="https://cdn.example/x.js"></script>',
        "<script async src='//cdn.example/x.js'></script>",
        '<link rel="stylesheet" href="http://cdn.example/x.css">',
        '<img alt="" src="https://cdn.example/x.png">',
        '<iframe src="https://cdn.example/"></iframe>',
        "<style>p{background:url(https://cdn.example/x.png)}</style>",
        '<style>@import "https://cdn.example/x.css";</style>',
        "<script>L.tileLayer('https://{s}.tile.example/{z}/{x}/{y}.png')</script>",
        '<script>L.tileLayer.wms("http://wms.example/")</script>',
        "<script>fetch('https://api.example/')</script>",
    ],
)
def test_whatever_a_browser_would_load_from_outside_is_found(html):
    (address,) = check_offline(html)
    assert ".example" in address


def test_addresses_inside_the_page_and_links_for_people_are_no_loads():
    html = (
        '<a href="https://law.example/">x</a><script src="/static/vendor/a.js"></script>'
        "<style>p{background:url(data:image/png;base64,aa)}</style>"
        '<svg xmlns="http://www.w3.org/2000/svg"></svg>'
    )
    assert check_offline(html) == []
