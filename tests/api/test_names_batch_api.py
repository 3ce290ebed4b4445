"""`POST /api/v1/names/check-batch`: every name answered as by /check, none stopped by another."""

from __future__ import annotations

import pytest

from geo_service.api.schemas import MAX_LIST, BatchBody

URL, ONE = "/api/v1/names/check-batch", "/api/v1/names/check"


def asked(*names: str, **options: object) -> dict[str, object]:
    rows = [{"name": name, "feature_type": "estate"} for name in names]
    return {"names": rows, "as_of": "2024-06-01", "register": False, **options}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_each_name_is_answered_as_by_the_single_check(client, lang):
    answer = client.post(URL, json=asked("曼哈顿广场", "台湾花园"), params={"lang": lang})
    assert answer.status_code == 200
    body = answer.json()
    BatchBody.model_validate(body)
    for row, name in zip(body["results"], ("曼哈顿广场", "台湾花园"), strict=True):
        single = {"name": name, "feature_type": "estate", "as_of": "2024-06-01", "register": False}
        assert row["verdict"] == client.post(ONE, json=single, params={"lang": lang}).json()
    assert body["counts"] == {"rows": 2, "pass": 1, "review": 0, "fail": 1, "problems": 0}


def test_the_names_of_a_request_are_held_against_each_other(client):
    rows = [
        {"name": name, "feature_type": "road", "unit_code": "990101"}
        for name in ("云霄路", "云肖路")
    ]
    results = client.post(URL, json={"names": rows, "as_of": "2024-06-01"}).json()["results"]
    assert [row["verdict"]["findings"][0]["rule_id"] for row in results] == ["NM-DUP-02"] * 2


@pytest.mark.parametrize(
    "name", ["", " ", "香" * 50_000, "香\x00港", "\u202e", "\u200b"], ids=lambda n: ascii(n[:6])
)
def test_a_name_that_cannot_be_checked_says_so_alone(client, name):
    body = client.post(URL, json=asked(name, "台湾花园")).json()
    first, second = body["results"]
    assert first["problem"]
    assert first["verdict"] is None
    assert second["verdict"]["verdict"] == "pass"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"names": []},
        {"names": [{"name": "台湾路"}]},
        {"names": [{"name": "台湾路", "feature_type": "road"}] * (MAX_LIST + 1)},
        {"names": [{"name": "台湾路", "feature_type": "road", "position": {"lon": 1e9, "lat": 0}}]},
        {"names": [{"name": "台湾路", "feature_type": "road"}], "unknown": 1},
    ],
)
def test_a_request_of_another_shape_is_refused_whole(client, body):
    answer = client.post(URL, json=body)
    assert answer.status_code == 422
    assert answer.json()["code"]


def test_lone_surrogates_are_refused(client):
    text = '{"names": [{"name": "\\ud800路", "feature_type": "road"}]}'
    answer = client.post(URL, content=text, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["code"]


@pytest.mark.parametrize(
    ("names", "pointer", "zh", "en"),
    [
        ([], "#/names", "至少要有 1 项", "at least 1 "),
        ("台湾路", "#/names", "应为列表", "must be a list"),
        (
            [{"name": "台湾路", "feature_type": "road"}] * (MAX_LIST + 1),
            "#/names",
            f"最多 {MAX_LIST} 项",
            f"at most {MAX_LIST}",
        ),
        (
            [{"name": "台湾路", "feature_type": "road", "position": [120, 36]}],
            "#/names/0/position",
            "花括号",
            "in braces",
        ),
        (["台湾路"], "#/names/0", "花括号", "in braces"),
    ],
)
def test_what_is_wrong_with_the_shape_is_told_of_its_part(client, names, pointer, zh, en):
    for lang, said in (("zh", zh), ("en", en)):
        answer = client.post(URL, json={"names": names}, params={"lang": lang})
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["pointer"] == pointer
        assert said in error["detail"]
        assert "Content-Type" not in error["detail"]
