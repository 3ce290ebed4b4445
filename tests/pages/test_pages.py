"""The pages as HTML: complete, labelled, escaped, in two languages, with nothing from outside."""

from __future__ import annotations

import json
import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qs, urlsplit

import pytest

from geo_service.domain.finding import Severity
from geo_service.domain.kept_finding import Origin
from geo_service.maps.offline import check_offline
from geo_service.services import rule_wording
from geo_service.services.appraisal import review_city
from geo_service.services.boundaries import case_from_store, check_boundaries
from geo_service.services.boundary_states import sighting_of
from geo_service.services.finding_decisions import Signature, waive
from geo_service.services.life_cycle import keep
from geo_service.services.rulebook import list_rules

HOSTILE = "\"><script>alert(1)</script><img src=x onerror=alert(1)>{{'qx'*2}}'"
PAGES = [
    "/",
    "/names",
    "/names?name=台湾路&type=road",
    "/names?name=曼哈顿广场&type=estate",
    "/names?name=和睦路&type=road",
    "/names?name=&lon=200",
    "/names?name=環海EE花園&type=estate&site_area_m2=3000&road_class=lane&spelling=Huanhai&unit=990102",
    "/names?name=路&site_area_m2=-1&road_class=wide&unit=1",
    "/names/kept",
    "/names/kept/0",
    "/names/search",
    "/names/search?q=he",
    "/names/search?q=囧囧囧&near=x&unit=1&as_of=1",
    "/names/search?q=村&page=999",
    "/names/batch",
    "/boundaries",
    "/boundaries?severity=prohibited&page=2",
    "/boundaries?rule=BD-XXX-00",
    "/boundaries/lines",
    "/boundaries/lines?unit=990102",
    "/boundaries/lines/1",
    "/findings/F-0",
    "/imports",
    "/imports/columns?upload=x",
    "/imports/0",
    "/register",
    "/register?kind=boundary-lines&q=9901",
    "/register?kind=markers&as_of=x",
    "/register/place-names/T1",
    "/register/units/990102?as_of=2020-01-01&known_at=2026-11-24T10:00",
    "/register/changes?unit=990102&start=2020-01-01",
    "/register/changes?unit=&start=x",
    "/rules",
    "/rules/coverage",
    "/rules/NM-CHAR-01",
    "/rules/BD-COD-01",
    "/nope",
    "/boundaries?severity=grave",
]
ALIKE = re.compile(r"/(register/[a-z-]+|boundaries/lines|findings)/|/register\?")
SAMPLED = 8
VOID = {"meta", "link", "input", "img", "br", "hr"}


class Page(HTMLParser):
    """Elements with attributes, visible text, and whether tags close in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.title = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == [], f"left open: {self._open}"

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data):
        self.text += data
        if self._open and self._open[-1] == "title":
            self.title += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def words(page: Page) -> str:
    """The visible text with blanks drawn together."""
    return re.sub(r"\s+", " ", page.text)


def scripts_of(page: Page) -> list[dict[str, str]]:
    """What a browser runs: data for a script is no script."""
    return [a for a in page.all("script") if a.get("type") != "application/json"]


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_whole_accessible_and_ours(browser_client, path, lang):
    answer = browser_client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
    assert answer.status_code < 500
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert not re.search(r"https?://", answer.text), "a page names no outside address"
    assert check_offline(answer.text) == []
    page = Page(answer.text)
    assert page.all("html") == [{"lang": "zh-CN" if lang == "zh" else "en"}]
    assert page.title.strip(" ·")
    for landmark in ("header", "nav", "main", "footer", "h1"):
        assert len(page.all(landmark)) >= 1
    assert len(page.all("main")) == len(page.all("h1")) == 1
    ids = [a["id"] for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    labelled = {a["for"] for a in page.all("label") if "for" in a}
    for field in page.all("input") + page.all("select"):
        if field.get("type") not in ("hidden", "checkbox"):
            assert field["id"] in labelled
    for _, attributes in page.elements:
        for described in attributes.get("aria-describedby", "").split():
            assert described in ids
        assert not any(name.startswith("on") for name in attributes)
        assert "style" not in attributes
    assert all(frame["title"] for frame in page.all("iframe"))
    assert all(set(a) == {"src", "defer"} for a in scripts_of(page)), "no script in the page"
    notice = "辅助审查意见，不替代行政决定" if lang == "zh" else "does not replace"
    assert notice in words(page)


def test_the_language_follows_the_browser_and_the_switch_keeps_the_question(browser_client):
    german = browser_client.get("/", headers={"accept-language": "de,en;q=0.5"})
    assert Page(german.text).all("html") == [{"lang": "en"}]
    page = Page(browser_client.get("/names?name=台湾路&type=road").text)
    (switch,) = [a for a in page.all("a") if a.get("class") == "switch"]
    assert parse_qs(urlsplit(switch["href"]).query) == {
        "name": ["台湾路"],
        "type": ["road"],
        "lang": ["en"],
    }
    english = Page(browser_client.get(switch["href"]).text)
    links = [a["href"] for a in english.all("a") if a["href"].startswith("/boundaries")]
    assert links == ["/boundaries?lang=en"], "a language once asked for is carried along"


@pytest.mark.parametrize(
    ("name", "kind", "outcome"),
    [
        ("台湾路", "road", "未发现问题"),
        ("曼哈顿广场", "estate", "发现禁止性问题"),
        ("EE新城", "estate", "发现禁止性问题"),
    ],
)
def test_the_verdict_is_worded_as_agreed(browser_client, name, kind, outcome):
    page = Page(
        browser_client.get("/names", params={"name": name, "type": kind, "no_register": 1}).text
    )
    assert f"{name} {outcome}" in words(page)
    others = {"未发现问题", "须人工审查", "发现禁止性问题"} - {outcome}
    assert not any(f"{name} {other}" in words(page) for other in others)
    assert "通过" not in page.text


def test_findings_come_with_article_gist_and_rule(browser_client):
    page = words(
        Page(browser_client.get("/names?name=曼哈顿广场&type=estate&as_of=2024-06-01").text)
    )
    assert "《地名管理条例（2022年修订）》" in page
    assert re.search(r"第九条第（[一二三四五六七八九十]+）项", page)
    assert re.search(r"规则 NM-[A-Z]+-\d+", page)
    older = words(
        Page(browser_client.get("/names?name=曼哈顿广场&type=estate&as_of=2021-06-01").text)
    )
    assert "2022年修订" not in older, "the law of the day, not of today"


def test_near_names_stand_in_a_table_and_on_the_map(browser_client):
    page = Page(browser_client.get("/names?name=和睦路&type=road").text)
    assert "乙区" in words(page)
    (frame,) = page.all("iframe")
    assert frame["src"].startswith("/map/names?name=")
    linked = [a["href"] for a in page.all("a") if a.get("target") == "map"]
    assert linked == [frame["src"] + "#T1"], "only a name with a position can be shown"
    drawn = browser_client.get(frame["src"])
    assert drawn.status_code == 200
    assert check_offline(drawn.text) == []
    assert "[119.75,38.55]" in drawn.text
    assert "登记中没有这些地名的坐标" in drawn.text


def test_without_near_names_or_a_place_there_is_no_map(browser_client):
    assert not Page(browser_client.get("/names?name=台湾路&type=road").text).all("iframe")
    placed = browser_client.get("/names?name=台湾路&type=road&lon=119.7&lat=38.5")
    (frame,) = Page(placed.text).all("iframe")
    assert "[119.7,38.5]" in browser_client.get(frame["src"]).text


def test_the_form_keeps_what_was_entered(browser_client):
    query = "name=台湾路&type=estate&status=existing&as_of=2021-06-01&lon=119.7&lat=38.5"
    page = Page(browser_client.get(f"/names?{query}&no_register=1").text)
    values = {a["name"]: a.get("value") for a in page.all("input")}
    assert values["name"] == "台湾路"
    assert (values["as_of"], values["lon"], values["lat"]) == ("2021-06-01", "119.7", "38.5")
    chosen = {a["value"] for a in page.all("option") if "selected" in a}
    assert chosen == {"estate", "existing"}
    (box,) = [a for a in page.all("input") if a.get("type") == "checkbox"]
    assert "checked" in box


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("name=", "name"),
        ("name=%20%20", "name"),
        ("name=" + "路" * 500, "name"),
        ("name=路&type=street", "type"),
        ("name=路&status=gone", "status"),
        ("name=路&as_of=yesterday", "as_of"),
        ("name=路&as_of=2024-13-01", "as_of"),
        ("name=福安路&as_of=1900-01-01", "as_of"),
        ("name=路&lon=abc&lat=36", "lon"),
        ("name=路&lon=nan&lat=36", "lon"),
        ("name=路&lon=36&lat=120", "lat"),
        ("name=路&lon=120", "lat"),
        ("name=路&lat=36", "lon"),
        ("name=%07路", "name"),
    ],
)
def test_a_wrong_entry_is_told_at_its_field(browser_client, query, field):
    answer = browser_client.get(f"/names?{query}")
    assert answer.status_code == 400
    page = Page(answer.text)
    wrong = [a for a in page.all("input") + page.all("select") if "aria-invalid" in a]
    assert field in [a["name"] for a in wrong]
    messages = [a["id"] for a in page.all("p") if a.get("class") == "fault"]
    assert [a["aria-describedby"] for a in wrong] == messages
    assert "须人工审查" not in page.text


@pytest.mark.parametrize("field", ["name", "type", "status", "as_of", "lon", "lat"])
def test_hostile_entries_stay_text(browser_client, field):
    answer = browser_client.get("/names", params={"name": "路", field: HOSTILE})
    page = Page(answer.text)
    assert page.all("img") == []
    assert all(a["src"].startswith("/static/") for a in scripts_of(page))
    assert "<script>alert" not in answer.text
    if field == "name":
        entered = [a["value"] for a in page.all("input") if a["name"] == "name"]
        assert set(entered) == {HOSTILE}
        assert HOSTILE in page.text
    assert "qxqx" not in page.text, "nothing of it is run as a template"


@pytest.mark.parametrize("path", ["/boundaries", "/map/boundaries", "/map/names", "/rules/x"])
def test_hostile_parameters_stay_text_elsewhere(browser_client, path):
    params = {"rule": HOSTILE, "unit": HOSTILE} if "boundaries" in path else {"lang": HOSTILE}
    answer = browser_client.get(path, params=params)
    assert answer.status_code in (200, 400)
    assert "<script>alert" not in answer.text


def test_the_table_of_findings_holds_them_all_over_its_pages(browser_client, services):
    day = services.today()
    case = case_from_store(services.store, services.city, day)
    expected = [f.id for f in check_boundaries(case, services.city, day).findings]
    seen: list[str] = []
    target = "/boundaries"
    while target:
        page = Page(browser_client.get(target).text)
        seen += [a["id"] for a in page.all("tr") if "id" in a]
        following = [a["href"] for a in page.all("a") if a.get("rel") == "next"]
        target = following[0] if following else ""
    assert seen == expected


def test_filters_narrow_the_table_and_the_map_alike(browser_client):
    answer = browser_client.get("/boundaries?severity=prohibited&rule=BD-COD-01")
    page = Page(answer.text)
    rows = [a for a in page.all("tr") if "id" in a]
    assert rows
    assert all("edge-prohibited" in a["class"] for a in rows)
    (frame,) = page.all("iframe")
    drawn = browser_client.get(frame["src"]).text
    listed = set(re.findall(r'"id":"(F-[0-9a-f]+)"', drawn))
    assert {a["id"] for a in rows} <= listed
    total = re.search(r"问题列表（(\d+) / (\d+)）", words(page)).groups()
    assert len(listed) == int(total[0]) < int(total[1])


def test_a_page_number_beyond_the_end_shows_the_last_page(browser_client):
    page = words(Page(browser_client.get("/boundaries?page=9999").text))
    number, pages = re.search(r"第 (\d+) 页，共 (\d+) 页", page).groups()
    assert number == pages
    assert browser_client.get("/boundaries?page=0").status_code == 400


def test_empty_states_say_what_to_do(browser_client, empty_client):
    assert "没有符合筛选条件的问题" in browser_client.get("/boundaries?rule=BD-XXX-00").text
    headers = {"accept": "text/html"}
    empty = empty_client.get("/boundaries", headers=headers).text
    assert "登记库中还没有界线" in empty
    assert "geo-service demo" in empty
    assert not Page(empty).all("iframe")


@pytest.mark.parametrize("path", ["/nope", "/rules/NM-XXX-99", "/boundaries?colour=red"])
def test_errors_wear_the_same_look_and_carry_their_code(browser_client, path):
    answer = browser_client.get(path)
    assert answer.status_code in (400, 404)
    page = Page(answer.text)
    assert page.all("nav")
    assert re.search(r"错误代码：[a-z_]+", words(page))
    as_data = browser_client.get(path, headers={"accept": "application/json"})
    assert as_data.headers["content-type"] == "application/problem+json"
    assert as_data.json()["code"] in page.text


def test_every_rule_has_its_page(browser_client):
    page = Page(browser_client.get("/rules").text)
    links = {a["href"] for a in page.all("a") if a["href"].startswith("/rules/")}
    assert len(links) >= 20
    drafts = words(page).count("（征求意见稿）》")
    assert words(page).count("（注意：依据为征求意见稿") == drafts > 0
    for link in links:
        answer = browser_client.get(link)
        assert answer.status_code == 200
        assert "示例" in answer.text


def test_the_sheet_has_no_outside_address_and_a_print_look(browser_client):
    css = browser_client.get("/static/pages/site.css")
    assert css.headers["content-type"].startswith("text/css")
    assert "url(" not in css.text
    assert "@import" not in css.text
    assert "@media print" in css.text
    assert ":focus-visible" in css.text


def test_the_example_shows_seeded_faults_and_says_that_it_is_invented(browser_client):
    register = words(Page(browser_client.get("/boundaries").text))
    assert "均为程序虚构" not in register
    assert "数据含示例" in register, "what stands in the register as invented is called so"
    page = Page(browser_client.get("/boundaries?data=example").text)
    assert "均为程序虚构" in words(page)
    assert "BD-COD-01" in words(page), "faults of the invented city are listed"
    (shown,) = [frame["src"] for frame in page.all("iframe")]
    assert parse_qs(urlsplit(shown).query)["data"] == ["example"]
    assert "示例" in browser_client.get(shown).text
    assert browser_client.get("/boundaries?data=other").status_code == 400


@pytest.mark.parametrize("start", ["/?lang=zh", "/names?name=和睦路&type=road&lang=en"])
def test_every_link_of_every_page_leads_somewhere(browser_client, start):
    waiting, seen, families = [start], set(), Counter[str]()
    while waiting:
        address = waiting.pop()
        seen.add(address)
        answer = browser_client.get(address)
        assert answer.status_code == 200, address
        page = Page(answer.text)
        for frame in page.all("iframe"):
            assert browser_client.get(frame["src"]).status_code == 200, frame["src"]
        found = [a["href"] for a in page.all("a") if a.get("target") != "map"]
        local = {href.partition("#")[0] for href in found if href.startswith("/")}
        # One severity, and a few records of a kind, stand for all: they differ in a value only.
        for href in sorted(local - seen - set(waiting)):
            if "severity=" in href and "severity=prohibited" not in href:
                continue
            many = ALIKE.match(href)
            if many is None or families[many[0]] < SAMPLED:
                families[many[0] if many else ""] += 1
                waiting.append(href)
    assert {urlsplit(address).path for address in seen} >= {"/", "/boundaries", "/rules"}


def test_the_state_of_a_finding_and_who_waived_it_are_shown(fresh_register) -> None:
    services, client = fresh_register
    assert "未处理" not in words(Page(client.get("/boundaries").text))
    day = services.today()
    review = review_city(services.store, services.city, day)
    seen = sighting_of(review.report, review.case, Origin.REGISTER, review.entries)
    keep(services.store, seen, actor="test", today=day)
    barred = next(f for f in review.report.findings if f.severity is Severity.PROHIBITED)
    by = Signature(signer="张三", reason=HOSTILE, actor="test", document_no="示例1号")
    waive(services.store, barred.fingerprint, by, today=day)
    text = words(Page(client.get("/boundaries?severity=prohibited").text))
    assert f"已豁免：张三，{day}，" in text
    assert "示例1号" in text
    assert "改正之前仍不得报送" in text
    assert "已豁免 1" in text
    assert "张三" in client.get("/map/boundaries").text


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/map/boundaries/file?severity=prohibited", "boundaries"),
        ("/map/names/file?name=和睦路&type=road&lon=119.7&lat=38.5", "names"),
        ("/map/changes/file?from=1999-01-01", "changes"),
    ],
)
def test_a_map_can_be_taken_along_as_one_file(browser_client, path, kind):
    answer = browser_client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{kind}-990100-')
    assert "/static/vendor" not in answer.text
    assert check_offline(answer.text) == []
    assert "审图号：" in answer.text


def test_before_and_after_are_shown_for_two_days_and_not_for_one(browser_client):
    shown = browser_client.get("/map/changes?from=1999-01-01&to=2026-11-01")
    assert shown.status_code == 200
    assert "变更对照图" in shown.text
    assert browser_client.get("/map/changes?from=2026-11-01&to=2026-11-01").status_code == 422
    assert browser_client.get("/map/changes").status_code == 400


@pytest.mark.parametrize(
    ("lang", "element", "category"),
    [
        ("zh", "质量元素（ISO 19157）：逻辑一致性—值域一致性", "类别：编号错误"),
        ("en", "quality element (ISO 19157): logical consistency: domain consistency", "number"),
    ],
)
def test_a_rule_names_what_it_measures_in_words(browser_client, lang, element, category):
    told = words(Page(browser_client.get(f"/rules/MK-NUM-02?lang={lang}").text))
    assert element in told
    assert category in told
    assert "logical-consistency" not in told


def test_in_english_every_kind_of_fault_has_its_word(browser_client):
    page = browser_client.get("/rules?lang=en").text
    table = re.findall(r'<td class="id">([^<]+)</td><td>', page)
    assert len(table) > 100
    assert [word for word in table if re.search(r"[\u4e00-\u9fff]", word)] == []


@pytest.mark.parametrize(
    ("lang", "expected"), [("zh", "示例（虚构）"), ("en", "sample (invented)")]
)
def test_the_warning_on_a_record_is_in_the_language_of_the_page(browser_client, lang, expected):
    listed = browser_client.get(f"/ogc/collections/place-names/items?f=html&lang={lang}").text
    words_of_map = json.loads(unescape(re.search(r'data-standing="([^"]+)"', listed)[1]))
    assert words_of_map["示例（虚构）"] == expected
    one = re.search(r'href="(/ogc/collections/place-names/items/[^"]+)"', listed)[1]
    layers = browser_client.get(f"/maps/layers?lang={lang}").text
    assert json.dumps(expected) in layers
    assert f"<td>{expected}</td>" in browser_client.get(unescape(one)).text
    record = browser_client.get(f"/register/place-names/T1?lang={lang}").text
    assert f"<dd>{expected}</dd>" in record


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("zh", "云霄巷（道路红线宽度（米）：40；道路等级：主干路）"),
        ("en", "云霄巷 (red-line width of a road in metres: 40; class of a road: arterial road)"),
    ],
)
def test_examples_of_a_rule_tell_facts_in_words(browser_client, lang, expected):
    told = words(Page(browser_client.get(f"/rules/NM-GEN-02?lang={lang}").text))
    assert expected in told
    assert "width_m" not in told
    assert "road_class" not in told


@pytest.mark.parametrize(
    ("lang", "told", "never"),
    [("zh", "坡向（上、下）须有高程模型，尚不检查", "height model"),
     ("en", "up and down a slope need a height model", "坡向")],
)  # fmt: skip
def test_what_is_watched_elsewhere_is_said_in_one_language(browser_client, lang, told, never):
    page = words(Page(browser_client.get(f"/rules/coverage?lang={lang}").text))
    assert told in page
    assert never not in page


@pytest.mark.parametrize(
    ("rule", "lang", "expected"),
    [
        ("NM-FOR-01", "zh", r"禁止 知名的外国地名、人名；拟命名"),
        ("NM-FOR-01", "en", r"prohibited a well-known foreign name; proposed"),
        ("NM-DUP-01", "zh", r"禁止 同一建成区；拟命名；楼宇、住宅区、道路"),
        ("NM-DUP-01", "zh", r"情况减轻，只作提示；拟命名"),
        ("BD-GND-01", "zh", r"须人工判断 资料写明界线随地物变动 / 后一期资料没有画到这一段"),
        ("MK-NUM-02", "en", r"advised against the same number twice"),
        ("MK-NUM-02", "zh", r"须人工判断 其他情形"),
    ],
)
def test_the_severities_of_an_article_say_their_case(browser_client, rule, lang, expected):
    answer = browser_client.get(f"/rules/{rule}?lang={lang}")
    assert re.search(expected, words(Page(answer.text)))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_case_of_every_rule_has_its_words(lang):
    """And only where the rule tells cases apart: there severities of one kind say which."""
    for rule in list_rules():
        for article in rule.articles:
            told = [
                (weight.severity, rule_wording.narrowed(weight, rule.id).in_(lang))
                for weight in article.weights
            ]
            assert len(set(told)) == len(told), (rule.id, told)
            assert not any(mark in said for _, said in told for mark in ":_"), (rule.id, told)
