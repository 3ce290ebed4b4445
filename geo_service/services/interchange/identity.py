"""Whether a row that bears the id of a known record is about the same thing.

Senders number their rows (编号 1, 2, 3 …) and other senders number theirs: an id alone is no proof.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import shapely

from geo_service.domain.division import AdministrativeUnit
from geo_service.domain.place import NamedPlace
from geo_service.geometry.crs import to_plane
from geo_service.services.interchange.issues import Issue, Level
from geo_service.services.interchange.succession import is_renamed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.cities import CityProfile
    from geo_service.domain.change import Record
    from geo_service.services.interchange.reading import ReadRow


def renamed_unsaid(
    row: ReadRow, known: Record, record: Record, file: str, city: CityProfile
) -> Iterator[Issue]:
    """What to say where a row calls a known record otherwise; nothing where it tells the old name.

    A place of another name that is also of another type, in another county or elsewhere
    (`same_place_m` of the profile) is another place: an error. Else the name is corrected, aloud.
    """
    name, before = getattr(record, "name", ""), getattr(known, "name", "")
    if not isinstance(known, NamedPlace | AdministrativeUnit) or name == before:
        return
    if row.former.name == before:
        return
    values = {"id": record.id, "value": name, "known": before}
    if _is_another(known, record, city):
        yield Issue(Level.ERROR, "id_of_another", file, row.number, "id", values)
    elif not is_renamed(known, record):
        yield Issue(Level.WARNING, "name_corrected", file, row.number, "name", values)


def _is_another(known: Record, record: Record, city: CityProfile) -> bool:
    if not isinstance(known, NamedPlace) or not isinstance(record, NamedPlace):
        return False
    if known.feature_type is not record.feature_type:
        return True
    if known.unit_code and record.unit_code and known.unit_code.county != record.unit_code.county:
        return True
    if known.geometry is None or record.geometry is None:
        return False
    shapes = np.array([known.geometry, record.geometry], dtype=object)
    one, other = to_plane(shapes, city.plane_epsg)
    return bool(shapely.distance(one, other) > city.threshold("same_place_m"))
