"""The servers over which every page is looked at, and what staff did on them before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from fastapi.testclient import TestClient

from geo_service import compose
from geo_service.api.app import create_app
from geo_service.domain.access import Manner, Right, Role
from geo_service.domain.change import Change, Operation, RecordKind
from geo_service.domain.draft import DraftAct
from geo_service.jobs import locks
from geo_service.jobs.job import Failure, Progress, Stage
from geo_service.jobs.runner import Runner
from geo_service.services.access import passwords
from geo_service.services.drafts.desk import DraftDesk
from geo_service.services.drafts.files import Decision, FileDesk
from geo_service.services.drafts.kinds import draft_kind
from geo_service.services.drafts.proposal import Proposal
from geo_service.services.drafts.trial import Trial
from geo_service.services.interchange.importing import import_file
from geo_service.services.register import planning
from geo_service.services.register.acts import Signed
from geo_service.services.register.writing import carry_out
from geo_service.store.opening import open_store

from .conftest import NOW, serving, writable
from .states import BUSY, EMPTY, FIRST, FORMS, LIMITED, rule_of
from .test_copies_page import LINES, copy
from .test_copies_page import ended as compared
from .test_copies_page import sent as two_copies
from .test_import_pages import BAD, GOOD, ended, entries, sent

PASSWORD = "kelp harbour 71 lantern"
FIRST_DAY = date(2026, 12, 1)
PAPER = f"sha256:{'a' * 64}"


@dataclass(frozen=True)
class World:
    """The servers by name, what the register holds, and the cookies of who is signed in."""

    servers: dict[str, str] = field(default_factory=dict)
    held: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)


def _client(app) -> TestClient:
    return TestClient(
        app,
        base_url="http://127.0.0.1:8000",
        client=("127.0.0.1", 1),
        headers={"accept": "text/html", "accept-language": "zh-CN"},
    )


def _last(answer) -> str:
    """The id at the end of the address of a page."""
    return str(answer.url).partition("?")[0].rpartition("/")[2]


def _renamed(services) -> str:
    """A road with a history."""
    road = services.store.get(RecordKind.PLACE_NAMES, "SYN-R001")
    by = Signed(actor="经办人甲", reason="测试", document_no="示例文 1 号")
    change = planning.rename(
        services.store, road.id, replace(road, name="云柏路"), date(2024, 3, 1), by
    )
    carry_out(services.store, change)
    return road.id


def _worked(client: TestClient) -> dict[str, str]:
    """What staff did before: names kept, findings decided, files refused and stored."""
    kept = client.post("/names/kept?name=環海EE花園&type=estate", data={"x": ""})
    lines = re.findall(r'href="/boundaries/lines/(\w+)"', client.get("/boundaries/lines").text)
    pages = {line: client.get(f"/boundaries/lines/{line}").text for line in lines}
    found = [each for text in pages.values() for each in re.findall(r"/findings/(F-\w+)", text)]
    waived = next(
        each for each in found[1:] if 'value="waive"' in client.get(f"/findings/{each}").text
    )
    client.post(f"/findings/{waived}", data={"act": "waive", "reason": "双方约定保留"})
    refused = ended(client, client.post("/imports/try", data=entries(sent(client, BAD))))
    tried = ended(client, client.post("/imports/try", data=entries(sent(client, GOOD))))
    confirm = re.search(r'action="(/imports/[^"]+/confirm)"', tried.text)[1]
    stored = ended(client, client.post(confirm, data={"x": ""}))
    markers = client.get("/register?kind=markers").text
    return {
        "check": _last(kept),
        "line": next(line for line, text in pages.items() if text.count("/findings/F-") > 2),
        "finding": found[0],
        "waived": waived,
        "rule": rule_of(client.get(f"/findings/{found[0]}").text),
        "marker": re.findall(r'/register/markers/([^"?]+)', markers)[0],
        "refused": _last(refused),
        "tried": _last(tried),
        "stored": _last(stored),
    }


def _compared(client: TestClient) -> dict[str, str]:
    """Two copies that differ, two that agree, one that cannot be used."""
    other = [replace(LINES[1], name="另一名称"), *LINES[2:6]]
    return {
        "copies": _last(compared(client, two_copies(client, copy(LINES[:5]), copy(other, 0.001)))),
        "copies_same": _last(
            compared(client, two_copies(client, copy(LINES[:2]), copy(LINES[:2])))
        ),
        "copies_refused": _last(compared(client, two_copies(client, copy(LINES[:2]), copy([])))),
    }


def _jobs(app, client: TestClient, stack: ExitStack) -> dict[str, str]:
    """Jobs as they wait, run, and come to nothing; nobody works the queue off here."""
    book = app.state.jobs.book

    def asked() -> str:
        return _last(client.post("/imports/try", data=entries(sent(client, GOOD))))

    def begun(order: Callable[[], str]) -> str:
        made = order()
        taken = book.claim(at_once=20)
        assert taken is not None and taken[0].id == made
        stack.callback(locks.release, taken[1])
        return made

    held = {key: begun(asked) for key in ("running", "failed", "interrupted")}
    held["copies_running"] = begun(
        lambda: _last(two_copies(client, copy(LINES[:3]), copy(LINES[:3])))
    )
    held |= {"cancelled": asked(), "waiting": asked()}
    book.tell(held["running"], Progress(Stage.READING, 1200, 5000, "地名表.csv"))
    book.tell(held["copies_running"], Progress(Stage.LINES, 2, 3, LINES[1].name))
    book.fail(held["failed"], Failure(code="job_too_long", facts={"minutes": "60"}))
    book.interrupt(held["interrupted"])
    book.cancel(held["cancelled"])
    return held


def _empty(folder: Path, settings):
    made = replace(
        settings,
        store=f"gpkg:{folder / 'empty.gpkg'}",
        jobs=str(folder / "none"),
        kept_checks=str(folder / "none.sqlite"),
    )
    open_store(made.store, create=True).close()
    return compose.build(made, clock=lambda: NOW)


def _drafts(office) -> dict[str, str]:
    """Drafts as they are written, wait, and are decided on."""
    desk = DraftDesk(office.store, office.city, office.today(), office.restricted)
    who = {
        role: office.office.accounts.get(f"{role.value}-1").asker(Manner.SESSION) for role in Role
    }
    clerk, committee = who[Role.CLERK], who[Role.COMMITTEE]
    made: dict[str, str] = {}

    def rename(key: str, target: str, name: str) -> str:
        made[key] = f"D-{len(made) + 1:016x}"
        proposal = Proposal(
            of=draft_kind("place-names"),
            target_id=target,
            body={"name": name},
            effective_on=FIRST_DAY,
            reason="路段延长后重新命名",
        )
        desk.propose(made[key], proposal, clerk)
        return made[key]

    rename("draft_own", "SYN-R002", "松涛路")
    desk.submit(rename("draft_waiting", "SYN-R003", "環海EE路"), 1, clerk)
    desk.submit(rename("draft_declined", "SYN-R004", "望海路"), 1, clerk)
    desk.reject(made["draft_declined"], 2, committee, "与邻区已有路名读音相同，请另拟")
    desk.submit(rename("draft_approved", "SYN-R005", "栖霞路"), 1, clerk)
    desk.approve(made["draft_approved"], 2, committee, document_no="示例文 2 号", reason="同意")
    rename("draft_withdrawn", "SYN-R006", "听雨路")
    desk.withdraw(made["draft_withdrawn"], 1, clerk, "报错了")
    desk.submit(rename("draft_moved", "SYN-R007", "枫林路"), 1, clerk)
    road = office.store.get(RecordKind.PLACE_NAMES, "SYN-R007")
    by = Signed(actor="经办人乙", reason="测试", document_no="示例文 3 号")
    carry_out(
        office.store,
        planning.rename(office.store, road.id, replace(road, name="秋枫路"), date(2026, 11, 1), by),
    )
    made["draft_line"] = f"D-{len(made) + 1:016x}"
    line = next(iter(office.store.records(RecordKind.BOUNDARY_LINES)))
    desk.propose(
        made["draft_line"],
        Proposal(
            of=draft_kind("boundary-lines"),
            target_id=str(line.code),
            act=DraftAct.RENAME,
            body={"name": "甲乙线"},
            effective_on=FIRST_DAY,
            reason="按联合检查结果",
            document_no="示例文 4 号",
            files=(PAPER,),
        ),
        who[Role.BOUNDARY_OFFICE],
    )
    desk.submit(made["draft_line"], 1, who[Role.BOUNDARY_OFFICE])
    return made


def _files(office, folder: Path) -> dict[str, str]:
    """Files of lines as they wait, have been overtaken, are stored, sent back and taken back."""
    desk = FileDesk(
        DraftDesk(office.store, office.city, office.today(), office.restricted), office.clock()
    )
    one, other = (
        office.office.accounts.get(f"boundary-office-{n}").asker(Manner.SESSION) for n in (1, 2)
    )
    lines = office.store.records(RecordKind.BOUNDARY_LINES)
    held: dict[str, str] = {}

    def lay(key: str, which: slice, north_deg: float) -> str:
        held[key] = f"D-{len(held) + 0xF1:016x}"
        path = folder / f"{key}.geojson"
        path.write_bytes(copy(lines[which], north_deg))
        report = import_file(
            office.store, path, RecordKind.BOUNDARY_LINES, city=office.city, actor=one.name,
            now=office.clock(), today=office.today(), dry_run=True, accounted=True,
            called="联检成果.geojson",
        )  # fmt: skip
        trial = Trial(kind=RecordKind.BOUNDARY_LINES, report=report)
        desk.lay(held[key], path, trial, one, reason="联合检查后重测")
        return held[key]

    lay("file_waiting", slice(3), 1e-4)
    overtaken = lay("file_moved", slice(3, 5), 1e-4)
    stored = lay("file_approved", slice(3, 6), 2e-4)
    desk.approve(stored, 1, other, Decision(document_no="示例文 5 号", reason="同意"))
    desk.recheck(overtaken, 1, other)
    more = replace(lines[4], name="另一名称")
    change = Change(
        operation=Operation.CORRECT, record=more, actor="界线丁", reason="测试", expected_version=2
    )
    with office.store.begin() as work:
        work.append([change])
    desk.desk.reject(lay("file_declined", slice(6, 8), 1e-4), 1, other, "缺界桩成果")
    desk.desk.withdraw(lay("file_withdrawn", slice(8, 9), 1e-4), 1, one, "报错了")
    return held


def _staffed(office) -> dict[str, str]:
    """An account for each role; one is locked out, one disabled, and there is a token."""
    accounts = office.office.accounts
    for role in Role:
        accounts.add(f"{role.value}-1", "某人", [role], actor="test", password=PASSWORD)
    office_too = [Role.BOUNDARY_OFFICE]
    accounts.add("boundary-office-2", "某人", office_too, actor="test", password=PASSWORD)
    accounts.add("left-1", "离任人", [Role.CLERK], actor="administrator-1", password=PASSWORD)
    accounts.disable("left-1", actor="administrator-1")
    by = "administrator-1"
    given = accounts.add("new-1", "新到人", [Role.VIEWER, Role.SURVEYOR], actor=by)
    accounts.add("new-2", "新到人", [Role.SURVEYOR], actor=by)
    accounts.add("locked-1", "某人", [Role.CLERK], actor="administrator-1", password=PASSWORD)
    for _ in range(5):
        with pytest.raises(Exception, match="sign_in_failed"):
            office.office.sessions.sign_in("locked-1", "wrong", "192.0.2.7", "test")
    office.office.tokens.make(
        accounts.get("clerk-1"),
        "QGIS 工作站",
        [Right.CONTENT_READ, Right.RULES_READ],
        90,
        actor="clerk-1",
    )
    names = [*(f"{role.value}-1" for role in Role), "boundary-office-2"]
    return {
        name: office.office.sessions.sign_in(name, password, "127.0.0.1", "Mozilla/5.0 测试")[0]
        for name, password in [*((name, PASSWORD) for name in names), ("new-1", given)]
    }


@contextmanager
def inhabited(folder: Path) -> Iterator[World]:
    """All servers at work."""
    world = World()
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", PasswordHasher(time_cost=1, memory_cost=1024))
        services = writable(folder)
        stack.callback(services.close)
        app = create_app(services, services.settings)
        client = _client(app)
        world.held.update({"road": _renamed(services)} | _worked(client) | _compared(client))
        world.servers[""] = stack.enter_context(serving(app))
        small = replace(services.settings, upload_mb=1, body_kb=10)
        world.servers[LIMITED] = stack.enter_context(serving(create_app(services, small)))

        patch.setattr(Runner, "wake", lambda _: None)
        empty = _empty(folder, services.settings)
        stack.callback(empty.close)
        app = create_app(empty, empty.settings)
        world.held.update(_jobs(app, _client(app), stack))
        world.servers[EMPTY] = stack.enter_context(serving(app))

        guarded = replace(services.settings, auth=True, accounts=str(folder / "accounts.sqlite"))
        office = compose.build(guarded, clock=lambda: NOW)
        stack.callback(office.close)
        world.sessions.update(_staffed(office))
        world.held.update(_drafts(office) | _files(office, folder))
        world.servers[FORMS] = stack.enter_context(serving(create_app(office, guarded)))
        patch.setattr("geo_service.api.limits.monotonic", lambda: 100.0)  # no bucket fills again
        strict = replace(guarded, rate_per_s=1, rate_burst=1, trusted_proxies="127.0.0.1")
        world.servers[BUSY] = stack.enter_context(serving(create_app(office, strict)))

        unentered = replace(guarded, accounts=str(folder / "nobody.sqlite"))
        first = compose.build(unentered, clock=lambda: datetime.now(UTC))
        stack.callback(first.close)
        first.office.first_secret()
        world.servers[FIRST] = stack.enter_context(serving(create_app(first, unentered)))
        yield world
