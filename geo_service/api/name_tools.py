"""Spelling of names and likeness of two names, over HTTP."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from geo_service.api.deps import LangDep, ServicesDep
from geo_service.api.rights import needs
from geo_service.api.schemas import RomanizationBody, problem_answers
from geo_service.domain.access import Right
from geo_service.domain.place import FeatureType
from geo_service.language.likeness_forms import profile_of
from geo_service.services.name_pairs import compare, pair_json
from geo_service.services.names import MAX_LENGTH
from geo_service.services.romanising import MAX_SPELLING, romanise_name, spelled_json

router = APIRouter(prefix="/api/v1/names", tags=["names"])
_MAY: Any = [needs(Right.NAME_CHECK)]
_ANSWERS = problem_answers(400, 413, 422)
Name = Annotated[str, Field(min_length=1, max_length=MAX_LENGTH, examples=["幸福路"])]


class RomaniseBody(BaseModel):
    """A name to be spelled, and a spelling to be held against the rules, if there is one."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    feature_type: FeatureType | None = None
    given: Annotated[str, Field(max_length=MAX_SPELLING, examples=["Xingfu Lu"])] = ""


class AlteredBody(BaseModel):
    """A character of the name that does not stand for itself."""

    position: int
    code_point: str
    becomes: str
    why: str
    applied: bool
    message: str


class SpellingDifferenceBody(BaseModel):
    """What the given spelling does not share with the rules."""

    kind: str
    level: Literal["error", "warning", "info"]
    given: str
    expected: str
    message: str


class SpelledBody(BaseModel):
    """A name with its Roman spelling by the rules of 1984, and how a given one differs."""

    name: str
    altered: list[AlteredBody]
    lacks_han: bool
    unread: list[str]
    feature_type: FeatureType | None
    romanization: RomanizationBody
    given: str | None
    agrees: bool | None
    differences: list[SpellingDifferenceBody]
    notice: str


class ConfusableBody(BaseModel):
    """Two names; `dialect` names a speech profile of the city, unconfirmed."""

    model_config = ConfigDict(extra="forbid")

    name_a: Name
    name_b: Annotated[str, Field(min_length=1, max_length=MAX_LENGTH, examples=["兴福路"])]
    feature_type: FeatureType | None = None
    dialect: Annotated[str, Field(max_length=40, examples=["jiaoliao"])] = ""


class ReasonBody(BaseModel):
    """Why two names are alike or apart."""

    code: str
    text: str


class PairBody(BaseModel):
    """How easily one name is taken for the other."""

    name_a: str
    name_b: str
    type_a: FeatureType | None
    type_b: FeatureType | None
    likeness: Annotated[float, Field(ge=0, le=1)]
    confusable: bool
    without_han: list[str]
    reasons: list[ReasonBody]
    notice: str


@router.post(
    "/romanise",
    dependencies=_MAY,
    response_model=SpelledBody,
    responses=_ANSWERS,
    summary="拼写地名，或核对拼写 / spell a name, or check a spelling",
)
def romanise(body: RomaniseBody, lang: LangDep) -> Any:
    """The same answer as `geo-service name romanise --json`."""
    spelled = romanise_name(body.name, body.feature_type, body.given)
    return JSONResponse(spelled_json(spelled, lang))


@router.post(
    "/confusable",
    dependencies=_MAY,
    response_model=PairBody,
    responses=_ANSWERS,
    summary="两个名称是否容易混淆 / whether two names are easily confused",
)
def confusable(body: ConfusableBody, services: ServicesDep, lang: LangDep) -> Any:
    """The same answer as `geo-service name confusable --json`."""
    profile = profile_of(services.city, services.today(), body.dialect)
    pair = compare(body.name_a, body.name_b, body.feature_type, profile)
    return JSONResponse(pair_json(pair, lang))
