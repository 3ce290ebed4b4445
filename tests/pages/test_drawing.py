"""The thing to be named as it is drawn on the name page: pasted, sent as a file, and judged."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from geo_service.pages.drawing import MOST_VERTICES, drawn_text, read_drawn

LINE = "119.7 38.54\n119.75, 38.55; 119.8，38.56"


def text(answer) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.text)))


def shape_file(*shapes: dict) -> tuple[str, bytes]:
    features = [{"type": "Feature", "properties": {}, "geometry": shape} for shape in shapes]
    told = {"type": "FeatureCollection", "features": features}
    return "路线.geojson", json.dumps(told).encode()


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        (LINE, "LineString"),
        ("119.7 38.5", "Point"),
        ("119.7 38.5 119.8 38.5 119.8 38.6 119.7 38.5", "Polygon"),
    ],
)
def test_vertices_are_read_as_they_are_written(given, kind):
    drawn = read_drawn(given)
    assert drawn.geom_type == kind
    assert read_drawn(drawn_text(drawn)).equals(drawn)


def test_a_drawn_road_is_judged_by_its_shape_and_shown_with_what_is_near(browser_client):
    asked = {"name": "和睦路", "type": "road", "drawn": LINE}
    answer = browser_client.get("/names", params=asked)
    told = text(answer)
    assert re.search(r"线，3 个折点 (8|9),\d{3} m", told)
    assert re.search(r"和睦路 100% 0 m", told)  # T1 lies on the line
    shown = re.search(r'<iframe class="map" name="map" src="([^"]+)"', answer.text)[1]
    drawn = browser_client.get(unescape(shown))
    assert drawn.status_code == 200
    assert "119.75,38.55" in drawn.text.replace(" ", "")
    kept = browser_client.post("/names/kept", params=asked, follow_redirects=False)
    assert kept.status_code == 303


@pytest.mark.parametrize(
    ("drawn", "told"),
    [
        ("119.7 38.5 119.8", "坐标读不出来"),
        ("38.5 119.7", "坐标读不出来"),
        ("一 二", "坐标读不出来"),
        ("119.7 38.5 119.7 38.5", "不成线"),
        ("119.7 38.5 119.8 38.6 119.8 38.5 119.7 38.6 119.7 38.5", "自相交"),
        ("119.7 38.5 " * (MOST_VERTICES + 1), "最多 200 个"),
    ],
)
def test_what_is_no_shape_is_told_at_its_field(browser_client, drawn, told):
    answer = browser_client.get("/names", params={"name": "甲路", "drawn": drawn})
    assert answer.status_code == 400
    assert told in re.search(r'id="e-drawn">([^<]+)', answer.text)[1]


def test_a_file_becomes_the_drawing_and_the_other_entries_stay(browser_client):
    line = {"type": "LineString", "coordinates": [[119.7, 38.54], [119.8, 38.56]]}
    sent = browser_client.post(
        "/names/drawing",
        data={"name": "和睦路", "type": "road", "csrf": ""},
        files={"file": shape_file(line)},
        follow_redirects=False,
    )
    assert sent.status_code == 303
    told = parse_qs(urlsplit(sent.headers["location"]).query)
    assert told["name"] == ["和睦路"]
    assert told["drawn"] == ["119.7000000 38.5400000 119.8000000 38.5600000"]
    assert "线，2 个折点" in text(browser_client.get(sent.headers["location"]))


@pytest.mark.parametrize(
    ("shapes", "told"),
    [
        ([], "e-file"),
        (
            [
                {
                    "type": "MultiLineString",
                    "coordinates": [[[119.7, 38.5], [119.8, 38.5]], [[119.7, 38.6], [119.8, 38.6]]],
                }
            ],
            "2 个部分",
        ),
        (
            [{"type": "LineString", "coordinates": [[119.7 + i / 1e4, 38.5] for i in range(300)]}],
            "300 个折点",
        ),
    ],
)
def test_a_file_that_is_no_drawing_is_told_at_the_file(browser_client, shapes, told):
    sent = browser_client.post(
        "/names/drawing", data={"name": "甲路"}, files={"file": shape_file(*shapes)}
    )
    assert sent.status_code == 400
    assert told in sent.text
