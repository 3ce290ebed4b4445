"""Settings: one frozen object, read once from the environment (`GEO_SERVICE_…`).

Plain dataclass on purpose: reading settings lies on the path of a single name check, which must
stay cheap. An unknown variable with the prefix is refused, since it is nearly always a slip.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

from geo_service.domain.provenance import Label
from geo_service.domain.text import Lang
from geo_service.errors import ConfigError

PREFIX = "GEO_SERVICE_"


def _lang(value: str) -> Lang:
    if value not in ("zh", "en"):
        raise ValueError(value)
    return cast("Lang", value)


def _switch(value: str) -> bool:
    return {"on": True, "off": False}[value]


def _digest(value: str) -> str:
    if value not in ("sha256", "sm3"):
        raise ValueError(value)
    return value


def _setting(default: object, parse: Callable[[str], object], about: str, expected: str) -> Any:
    return field(default=default, metadata={"parse": parse, "about": about, "expected": expected})


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults; each field documents itself in `metadata`."""

    city: str = _setting("370200", str, "城市代码 / code of the city profile", "六位代码")
    store: str = _setting(
        "gpkg:var/geo-service.gpkg", str, "数据库地址 / store URL", "gpkg:路径 或 postgresql://…"
    )
    lang: Lang = _setting("zh", _lang, "界面语言 / language of messages", "zh 或 en")
    host: str = _setting("127.0.0.1", str, "监听地址 / address to listen on", "IP 地址")
    port: int = _setting(8000, int, "监听端口 / port to listen on", "整数")
    auth: bool = _setting(
        False,
        _switch,
        "须登录；off 只可在本机演示 / sign-in; off on this machine only",
        "on 或 off",
    )
    public_read: bool = _setting(
        False,
        _switch,
        "不登录也可读公开部分 / anybody may read what is labelled public",
        "on 或 off",
    )
    audience: Label = _setting(
        Label.INTERNAL,
        Label,
        "本机可见的内容；别处只见公开部分 / what this machine sees; others see what is public",
        "internal 或 public",
    )
    digest: str = _setting(
        "sha256",
        _digest,
        "新建数据库的日志所用的摘要算法，建库后不再改变 / digest that seals the log of a new store",
        "sha256 或 sm3",
    )
    column_mappings: str = _setting(
        "var/column-mappings.csv",
        str,
        "各报送单位的列名对应表 / which columns of each sender are which fields",
        "文件路径",
    )
    backups: str = _setting(
        "var/backups",
        str,
        "服务器上的库升级前备份到此 / where a store on a server is backed up before an upgrade",
        "目录路径",
    )
    restricted_names: str = _setting(
        "",
        str,
        "受限名单文件，由本单位保管 / the bureau's own list of restricted names",
        "文件路径",
    )


def load(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the environment over the defaults.

    Raises ConfigError for an unknown variable with our prefix or a value that cannot be read.
    """
    known = {f"{PREFIX}{f.name.upper()}": f for f in fields(Settings)}
    values: dict[str, Any] = {}
    for variable, value in sorted(environ.items()):
        if not variable.startswith(PREFIX):
            continue
        if variable not in known:
            raise ConfigError("setting_unknown", name=variable, known=", ".join(sorted(known)))
        entry = known[variable]
        try:
            values[entry.name] = entry.metadata["parse"](value)
        except (KeyError, ValueError) as error:
            raise ConfigError(
                "setting_malformed",
                name=variable,
                value=value,
                expected=entry.metadata["expected"],
            ) from error
    return Settings(**values)
