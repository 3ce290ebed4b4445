"""Part 2: coordinate reference systems by reference: 25 ported checks, one function each.

They follow the abstract tests of OGC 18-058r1, Annex A, as the executable suite of OGC divides
them. Passing them is no certificate.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import numpy as np
import pyproj
import shapely

CLASS = "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs"
UNKNOWN = "http://www.opengis.net/def/crs/EPSG/0/99999999"
_DEGREES, _METRES = 1e-8, 1e-3


def _own(service: Any, collection: Any) -> Any:
    return service.get(f"/ogc/collections/{collection['id']}").body


def _systems(service: Any, collection: Any) -> list[str]:
    """The systems of a collection, those of the global list among them."""
    whole = service.get("/ogc/collections").body.get("crs", [])
    told = collection.get("crs", [])
    return [uri for entry in told for uri in (whole if entry == "#/crs" else [entry])]


def _identifier(uri: str) -> str:
    """The name by which pyproj knows a system."""
    authority, code = re.fullmatch(
        r"http://www\.opengis\.net/def/crs/(OGC|EPSG)/[0-9.]+/(\w+)", uri
    ).groups()  # type: ignore[union-attr]
    return f"{authority}:{code}"


def _shape(feature: Any) -> Any:
    return shapely.from_geojson(json.dumps(feature["geometry"]))


def _moved(shape: Any, uri: str) -> Any:
    """A shape in CRS84, in another system, its axes in the order of that system."""
    if uri.endswith("CRS84"):
        return shape
    to = _transformer(uri)
    return shapely.transform(shape, lambda at: np.column_stack(to.transform(at[:, 0], at[:, 1])))


@cache
def _transformer(uri: str) -> pyproj.Transformer:
    return pyproj.Transformer.from_crs("OGC:CRS84", _identifier(uri), always_xy=False)


@cache
def _is_angular(uri: str) -> bool:
    return "CRS84" in uri or bool(pyproj.CRS(_identifier(uri)).is_geographic)


def _same(one: Any, other: Any, uri: str) -> None:
    assert one["id"] == other["id"]
    if one["geometry"] is None or other["geometry"] is None:
        assert one["geometry"] is other["geometry"]
        return
    told, expected = (
        shapely.get_coordinates(_shape(one)),
        shapely.get_coordinates(_moved(_shape(other), uri)),
    )
    np.testing.assert_allclose(
        told, expected, rtol=0, atol=_DEGREES if _is_angular(uri) else _METRES
    )


def test_crs_conformance(service: Any) -> None:
    """Precondition: the class is declared."""
    assert CLASS in service.get("/ogc/conformance").body["conformsTo"]


def _require_identifiers(uris: list[str]) -> None:
    assert uris
    for uri in uris:
        pyproj.CRS(_identifier(uri))


def test_collections_global_crs_identifiers(service: Any) -> None:
    """A1: the identifiers of the global list."""
    _require_identifiers(service.get("/ogc/collections").body["crs"])


def test_collections_crs_identifiers(service: Any) -> None:
    """A1: the identifiers of each collection in the list."""
    for collection in service.collections:
        _require_identifiers(_systems(service, collection))


def test_collections_storage_crs_identifiers(service: Any) -> None:
    """A1: the system in which each collection is kept, in the list."""
    for collection in service.collections:
        assert _identifier(collection["storageCrs"]) == "EPSG:4490"


def test_collection_crs_identifiers(service: Any) -> None:
    """A1: the identifiers of each collection by itself; no reference to a list elsewhere."""
    for collection in service.collections:
        _require_identifiers(_own(service, collection)["crs"])


def test_collection_storage_crs_identifiers(service: Any) -> None:
    """A1: the system in which it is kept, by itself."""
    for collection in service.collections:
        assert _identifier(_own(service, collection)["storageCrs"]) == "EPSG:4490"


def test_collections_default_crs(service: Any, standard: Any) -> None:
    """A2: CRS84 is among them, in the list."""
    for collection in service.collections:
        assert standard.crs84 in _systems(service, collection)


def test_collection_default_crs(service: Any, standard: Any) -> None:
    """A2: CRS84 is among them, by itself."""
    for collection in service.collections:
        assert standard.crs84 in _own(service, collection)["crs"]


def test_collections_storage_crs_is_offered(service: Any) -> None:
    """A3: what it is kept in is offered, in the list."""
    for collection in service.collections:
        assert collection["storageCrs"] in _systems(service, collection)


def test_collection_storage_crs_is_offered(service: Any) -> None:
    """A3: what it is kept in is offered, by itself."""
    for collection in service.collections:
        own = _own(service, collection)
        assert own["storageCrs"] in own["crs"]


def test_crs_parameter_definition(service: Any) -> None:
    """A4: `crs` is a URI in the description."""
    for collection in service.collections:
        told = service.parameter(collection, "crs")
        assert told["in"] == "query"
        assert not told.get("required", False)
        assert (told["schema"]["type"], told["schema"]["format"]) == ("string", "uri")
        assert told.get("explode", True) is False


def test_features_crs_parameter(service: Any, standard: Any) -> None:
    """A4: every system is answered and told in Content-Crs."""
    for collection in service.collections:
        for uri in _systems(service, collection):
            answer = service.items(collection, crs=uri)
            assert answer.status == 200
            assert answer.headers["content-crs"] == f"<{uri}>"
            standard.valid(answer.body, "feature_collection")


def test_feature_crs_parameter(service: Any, standard: Any) -> None:
    """A4: so is one feature."""
    for collection in service.filled:
        feature = service.items(collection).features[0]
        for uri in _systems(service, collection):
            answer = service.feature(collection, feature, crs=uri)
            assert answer.status == 200
            assert answer.headers["content-crs"] == f"<{uri}>"
            standard.valid(answer.body, "feature")


def test_features_crs_default(service: Any, standard: Any) -> None:
    """A5: without the parameter it is CRS84, and told."""
    for collection in service.collections:
        assert service.items(collection).headers["content-crs"] == f"<{standard.crs84}>"


def test_features_crs_default_asked(service: Any, standard: Any) -> None:
    """A5: CRS84 asked for is what there is without asking."""
    for collection in service.collections:
        asked = service.items(collection, crs=standard.crs84)
        assert asked.headers["content-crs"] == f"<{standard.crs84}>"
        pairs = zip(asked.features, service.items(collection).features, strict=True)
        assert all(one["geometry"] == other["geometry"] for one, other in pairs)


def test_feature_crs_default(service: Any, standard: Any) -> None:
    """A5: of one feature too."""
    for collection in service.filled:
        feature = service.items(collection).features[0]
        answer = service.feature(collection, feature)
        assert answer.headers["content-crs"] == f"<{standard.crs84}>"


def test_feature_crs_default_asked(service: Any, standard: Any) -> None:
    """A5: of one feature too, asked for."""
    for collection in service.filled:
        feature = service.items(collection).features[0]
        answer = service.feature(collection, feature, crs=standard.crs84)
        assert answer.headers["content-crs"] == f"<{standard.crs84}>"
        assert answer.body["geometry"] == feature["geometry"]


def test_features_crs_invalid(service: Any, standard: Any) -> None:
    """A6: a system that is not offered is 400."""
    for collection in service.collections:
        for uri in (UNKNOWN, "4490", "http://www.opengis.net/def/crs/EPSG/0/32651"):
            answer = service.items(collection, crs=uri)
            assert answer.status == 400
            standard.valid(answer.body, "problem")


def test_feature_crs_invalid(service: Any, standard: Any) -> None:
    """A6: of one feature too."""
    for collection in service.filled:
        answer = service.feature(collection, service.items(collection).features[0], crs=UNKNOWN)
        assert answer.status == 400
        standard.valid(answer.body, "problem")


def test_features_crs_transform(service: Any) -> None:
    """A7: coordinates are those of the system, axes in its order."""
    for collection in service.collections:
        for uri in _systems(service, collection):
            asked = service.items(collection, crs=uri).features
            for one, other in zip(asked, service.items(collection).features, strict=True):
                _same(one, other, uri)


def test_feature_crs_transform(service: Any) -> None:
    """A7: of one feature too."""
    for collection in service.collections:
        for feature in service.items(collection).features[:3]:
            for uri in _systems(service, collection):
                _same(service.feature(collection, feature, crs=uri).body, feature, uri)


def test_bbox_crs_parameter_definition(service: Any) -> None:
    """A8: `bbox-crs` is a URI in the description."""
    for collection in service.collections:
        told = service.parameter(collection, "bbox-crs")
        assert told["in"] == "query"
        assert not told.get("required", False)
        assert (told["schema"]["type"], told["schema"]["format"]) == ("string", "uri")


def test_bbox_crs_parameter(service: Any) -> None:
    """A8: a box in another system finds what it finds in CRS84."""
    for collection in service.filled:
        west, south, east, north = collection["extent"]["spatial"]["bbox"][0]
        width, height = east - west, north - south
        # A part of the extent, and a little beyond its rim on one side, where nothing is cut.
        box = (west - 0.01, south - 0.01, west + width * 0.6, south + height * 0.6)
        plain = service.everything(collection, bbox=",".join(map(repr, box)))
        for uri in _systems(service, collection):
            area = _moved(shapely.box(*box), uri)
            asked = {"bbox": ",".join(map(repr, area.bounds)), "bbox-crs": uri}
            found = {feature["id"] for feature in service.everything(collection, **asked)}
            # In a plane the box is another quadrilateral: it holds all that the first one holds.
            wanted = {feature["id"] for feature in plain}
            assert wanted <= found, (collection["id"], uri)
            if _is_angular(uri):
                assert wanted == found, (collection["id"], uri)


def test_bbox_crs_default(service: Any, standard: Any) -> None:
    """A9: without the parameter the box is in CRS84."""
    for collection in service.filled:
        box = ",".join(map(repr, collection["extent"]["spatial"]["bbox"][0]))
        plain = service.items(collection, bbox=box)
        asked = service.items(collection, **{"bbox": box, "bbox-crs": standard.crs84})
        assert [f["id"] for f in plain.features] == [f["id"] for f in asked.features]


def test_bbox_crs_invalid(service: Any, standard: Any) -> None:
    """A10: a system that is not offered is 400."""
    for collection in service.collections:
        asked = {"bbox": "119,38,120,39", "bbox-crs": UNKNOWN}
        answer = service.items(collection, **asked)
        assert answer.status == 400
        standard.valid(answer.body, "problem")
