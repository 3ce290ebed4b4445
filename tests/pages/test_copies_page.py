"""The page on which two copies of lines are compared: sent, followed, read and swiped over."""

from __future__ import annotations

import json
import re
import time
from html import unescape

import numpy as np
import pytest
import shapely

from geo_service.services.samples.synthetic import synthetic_layer

HOME = "/boundaries/compare"
LINES = synthetic_layer(faults=False).lines


def copy(lines, north_deg: float = 0.0) -> bytes:
    """A file of lines, moved north."""
    by = np.array([0.0, north_deg])
    features = [
        {
            "type": "Feature",
            "properties": {"code": x.code, "name": x.name}
            | {side: getattr(x, side) for side in ("left_code", "right_code")},
            "geometry": json.loads(
                shapely.to_geojson(shapely.transform(x.geometry, lambda p: p + by))
            ),
        }
        for x in lines
    ]
    system = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    told = {"type": "FeatureCollection", "crs": system, "features": features}
    return json.dumps(told).encode()


def text(answer) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", answer.text)))


def sent(client, a: bytes | None, b: bytes | None, **told: str):
    files = {"file_a": a, "file_b": b}
    given = {key: (f"{key}.geojson", file) for key, file in files.items() if file is not None}
    return client.post(HOME, data={"of_a": "file", **told}, files=given or {"x": b""})


def ended(client, answer):
    """The page of a comparison once its job has ended."""
    until = time.monotonic() + 90
    while "hx-trigger" in answer.text:
        assert time.monotonic() < until, text(answer)
        time.sleep(0.1)
        answer = client.get(answer.url)
    return answer


def test_two_copies_are_compared_and_every_kind_of_difference_is_counted(fresh_register):
    _, client = fresh_register
    shown = ended(client, sent(client, copy(LINES[:4]), copy(LINES[1:5], 0.001)))
    told = text(shown)
    assert "3 条界线对上" in told
    assert "整体偏移" in told
    assert "只在甲份的界线 1 只在乙份的界线 1" in told
    assert "行政区域界线管理条例" in told
    assert "辅助审查意见，不替代行政决定" in told
    assert "本程序不作取舍" in told
    files = re.findall(r'href="(/api/v1/jobs/[^"]+)"', shown.text)
    assert [client.get(file).status_code for file in files] == [200, 200, 200]
    source = re.search(r'data-source="([^"]+)"', shown.text)[1]
    drawn = client.get(source).json()
    assert [len(drawn[side]["features"]) for side in ("a", "b")] == [3, 3]
    assert drawn["words"]["review_number"].startswith("审图号")
    assert "file_a.geojson / file_b.geojson" in text(client.get(HOME))


def test_the_register_is_compared_with_a_file(fresh_register):
    _, client = fresh_register
    shown = ended(client, sent(client, None, copy(LINES[:2]), of_a="register"))
    assert "登记库的界线 / file_b.geojson" in text(shown)
    assert "2 条界线对上" in text(shown)
    assert "示例" in text(shown)


def test_a_register_without_lines_is_told(empty_client):
    empty_client.headers["accept"] = "text/html"
    shown = ended(empty_client, sent(empty_client, None, copy(LINES[:2]), of_a="register"))
    assert "登记库在 2026-11-23 没有本市界线可以比对" in text(shown)


@pytest.mark.parametrize(
    ("a", "b", "told", "field"),
    [
        (None, None, {}, "file_a"),
        (b"", copy(LINES[:1]), {}, "file_a"),
        (copy(LINES[:1]), copy(LINES[:1]), {"scale": "12"}, "scale"),
        (copy(LINES[:1]), copy(LINES[:1]), {"as_of": "昨天"}, "as_of"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(fresh_register, a, b, told, field):
    _, client = fresh_register
    answer = sent(client, a, b, **told)
    assert answer.status_code == 400
    assert f'id="e-{field}"' in answer.text


def test_a_file_that_cannot_be_used_is_refused_by_its_name(fresh_register):
    _, client = fresh_register
    shown = ended(client, sent(client, copy(LINES[:2]), copy([])))
    assert "没有比对" in text(shown)
    assert "file_b.geojson" in text(shown)


def test_a_finished_job_makes_the_page_load_anew(fresh_register):
    _, client = fresh_register
    done = ended(client, sent(client, copy(LINES[:1]), copy(LINES[:1])))
    assert "未发现问题" in text(done)
    assert client.get(done.url, headers={"hx-request": "true"}).headers["hx-refresh"] == "true"
    assert client.post(f"{done.url}/cancel", data={"x": ""}).status_code == 409
    assert client.get(f"{HOME}/0123456789abcdef").status_code == 404
