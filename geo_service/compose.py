"""The one place that joins settings, city profile, store and clock; pages, API and CLI start here.

Nothing is opened at import and the store only when first asked for, so that a check without the
register stays cheap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from geo_service import cities, settings
from geo_service.domain.clock import CHINA
from geo_service.domain.provenance import Label
from geo_service.services.restricted_names import load_restricted

if TYPE_CHECKING:
    from geo_service.cities import CityProfile
    from geo_service.domain.restricted import RestrictedNames
    from geo_service.services.access.office import Office
    from geo_service.services.searching.index import NameIndex
    from geo_service.services.serving.cache import ReadyFeatures
    from geo_service.services.tiles.desk import TileDesk
    from geo_service.settings import Settings
    from geo_service.store.protocol import Store

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The moment now, in UTC."""
    return datetime.now(UTC)


@dataclass(eq=False)
class Services:
    """What a request needs: settings, the city's profile, the store (opened late), the clock.

    With `known_at` (UTC) the store answers as it would have done then, and takes nothing.
    """

    settings: Settings
    clock: Clock = field(default=system_clock)
    known_at: datetime | None = None

    @cached_property
    def city(self) -> CityProfile:
        """The profile of the configured city. Raises ConfigError when there is none."""
        return cities.city(self.settings.city)

    @cached_property
    def restricted(self) -> RestrictedNames | None:
        """The bureau's own list of names, None where none is set. Raises ConfigError."""
        if not self.settings.restricted_names:
            return None
        return load_restricted(Path(self.settings.restricted_names))

    @cached_property
    def store(self) -> Store:
        """The register. Raises StoreError when it is not there or not readable."""
        if self.known_at is None:
            return self._opened
        from geo_service.services.register_then import as_known  # noqa: PLC0415 - few ask

        return as_known(self._opened, self.known_at)

    @cached_property
    def _opened(self) -> Store:
        from geo_service.store.opening import open_store  # noqa: PLC0415 - sqlite3 only if needed

        return open_store(self.settings.store, clock=self.clock)

    @cached_property
    def name_index(self) -> NameIndex:
        """The names of the register, ready to be searched; filled when first searched."""
        # numpy and the R-tree only if somebody searches
        from geo_service.services.searching.index import NameIndex  # noqa: PLC0415

        return NameIndex(self.store)

    @cached_property
    def office(self) -> Office:
        """Accounts, sessions and tokens; their file is opened when first asked for."""
        # sqlite3 and argon2 only for those who serve or manage accounts
        from geo_service.services.access.office import Office, OidcSettings  # noqa: PLC0415

        return Office(
            Path(self.settings.accounts),
            self.clock,
            timedelta(minutes=self.settings.session_idle_min),
            timedelta(hours=self.settings.session_hours),
            OidcSettings(
                self.settings.oidc_discovery,
                self.settings.oidc_client,
                self.settings.oidc_secret_file,
                self.settings.base_url,
            ),
        )

    @cached_property
    def _seen(self) -> dict[Label, SeenServices]:
        return {}

    @property
    def features(self) -> ReadyFeatures:
        """The collections that are served, those that are internal too."""
        return self.seen_by(Label.INTERNAL).features

    @property
    def tiles(self) -> TileDesk:
        """The same as vector tiles."""
        return self.seen_by(Label.INTERNAL).tiles

    def seen_by(self, label: Label) -> SeenServices:
        """The services for an audience: everything read through them is for it."""
        return self._seen.get(label) or self._seen.setdefault(label, SeenServices(self, label))

    def today(self) -> date:
        """The day in China, which is the day a case is judged by unless another is given."""
        return self.clock().astimezone(CHINA).date()

    def close(self) -> None:
        """Close the store if it was opened."""
        if "_opened" in self.__dict__:
            self._opened.close()
        if "office" in self.__dict__:
            self.office.close()


@dataclass(eq=False)
class SeenServices:
    """The services of a request: what its audience may not see is in none of them."""

    whole: Services
    audience: Label

    @property
    def city(self) -> CityProfile:
        """The profile of the configured city."""
        return self.whole.city

    @property
    def restricted(self) -> RestrictedNames | None:
        """The bureau's own list of names, None where none is set."""
        return self.whole.restricted

    @property
    def clock(self) -> Clock:
        """The moment now, in UTC."""
        return self.whole.clock

    @property
    def office(self) -> Office:
        """Accounts, sessions and tokens; they belong to no audience."""
        return self.whole.office

    @cached_property
    def store(self) -> Store:
        """The register as the audience may see it. Raises StoreError."""
        return self.whole.store.seen_by(self.audience)

    @cached_property
    def name_index(self) -> NameIndex:
        """The names that the audience may see, ready to be searched; an index of its own."""
        if self.store is self.whole.store:
            return self.whole.name_index
        from geo_service.services.searching.index import NameIndex  # noqa: PLC0415 - as above

        return NameIndex(self.store, self.whole.settings.public_decimals)

    @cached_property
    def features(self) -> ReadyFeatures:
        """The collections that the audience may see, each made ready when first asked for."""
        # numpy and shapely only if somebody asks for features
        from geo_service.services.serving.cache import ReadyFeatures  # noqa: PLC0415

        decimals = self.whole.settings.public_decimals
        return ReadyFeatures(self.whole.store, self.audience, self.city, decimals)

    @cached_property
    def tiles(self) -> TileDesk:
        """The same as vector tiles."""
        from geo_service.services.tiles.desk import TileDesk  # noqa: PLC0415 - as above

        return TileDesk(self.features)

    def seen_by(self, label: Label) -> SeenServices:
        """The services for another audience."""
        return self.whole.seen_by(label)

    def today(self) -> date:
        """The day in China."""
        return self.whole.today()


def build(
    config: Settings | None = None,
    clock: Clock = system_clock,
    *,
    known_at: datetime | None = None,
) -> Services:
    """Services for the settings, by default those of the environment.

    `known_at` as in `Services`.
    """
    return Services(config or settings.load(), clock, known_at)
