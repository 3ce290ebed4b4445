"""Settings come from the environment; slips are refused by name."""

import pytest

from geo_service import settings
from geo_service.errors import ConfigError


def test_defaults_hold_without_environment() -> None:
    loaded = settings.load({})
    assert loaded.city == "370200"
    assert loaded.host == "127.0.0.1"
    assert loaded.port == 8000


def test_a_variable_overrides_its_default() -> None:
    assert settings.load({"GEO_SERVICE_PORT": "9000", "PATH": "/bin"}).port == 9000


def test_an_unknown_variable_with_our_prefix_is_refused() -> None:
    with pytest.raises(ConfigError) as refusal:
        settings.load({"GEO_SERVICE_PROT": "9000"})
    assert refusal.value.code == "setting_unknown"
    assert refusal.value.context["name"] == "GEO_SERVICE_PROT"


@pytest.mark.parametrize(("name", "value"), [("PORT", "high"), ("LANG", "fr")])
def test_a_value_that_cannot_be_read_is_refused(name: str, value: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        settings.load({f"GEO_SERVICE_{name}": value})
    assert refusal.value.code == "setting_malformed"
