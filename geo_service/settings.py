"""Settings: one frozen object, read once from the environment (`GEO_SERVICE_…`).

Plain dataclass on purpose: reading settings lies on the path of a single name check, which must
stay cheap. An unknown variable with the prefix is refused, since it is nearly always a slip.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from geo_service.domain.provenance import Label
from geo_service.domain.text import Lang
from geo_service.errors import ConfigError

PREFIX = "GEO_SERVICE_"
LOG_FORMS = ("plain", "json")


def _lang(value: str) -> Lang:
    if value not in ("zh", "en"):
        raise ValueError(value)
    return cast("Lang", value)


def _digest(value: str) -> str:
    if value not in ("sha256", "sm3"):
        raise ValueError(value)
    return value


def _count(low: int, high: int) -> Callable[[str], int]:
    """Reads a whole number within bounds."""

    def parse(value: str) -> int:
        number = int(value)
        if not low <= number <= high:
            raise ValueError(value)
        return number

    return parse


def _log_form(value: str) -> str:
    if value not in LOG_FORMS:
        raise ValueError(value)
    return value


def _switch(value: str) -> bool:
    if value not in ("on", "off"):
        raise ValueError(value)
    return value == "on"


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
        True,
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
    accounts: str = _setting(
        "var/accounts.sqlite",
        str,
        "账号、会话和登录记录的文件 / file of accounts, sessions and sign-ins",
        "文件路径",
    )
    session_idle_min: int = _setting(
        30,
        _count(1, 1440),
        "无操作多少分钟后须重新登录 / minutes without a request until one must sign in again",
        "1–1440",
    )
    session_hours: int = _setting(
        12, _count(1, 168), "登录最长有效小时数 / hours until one must sign in again", "1–168"
    )
    trusted_proxies: str = _setting(
        "",
        str,
        "可信代理的地址，只信其转发的来源 / proxies whose word on the sender is taken",
        "IP 地址或网段，逗号分隔",
    )
    base_url: str = _setting(
        "", str, "对外网址 / address of the service as browsers know it", "https://主机名"
    )
    oidc_discovery: str = _setting(
        "",
        str,
        "统一身份认证的发现文件，空为不用 / discovery document of an OIDC provider, if any",
        "https://…/.well-known/openid-configuration",
    )
    oidc_client: str = _setting(
        "", str, "在统一身份认证处登记的客户端标识 / client id at the provider", "文字"
    )
    oidc_secret_file: str = _setting(
        "", str, "客户端密钥所在文件 / file that holds the client secret", "文件路径"
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
    jobs: str = _setting(
        "var/jobs",
        str,
        "后台任务、上传文件和结果存放于此 / jobs, uploaded files and results lie here",
        "目录路径",
    )
    jobs_at_once: int = _setting(
        2,
        _count(1, 64),
        "同时进行的后台任务数，其余排队 / jobs at work at once; others wait",
        "1–64",
    )
    jobs_kept_days: int = _setting(
        30,
        _count(1, 3650),
        "任务结果和上传文件保留天数 / days for which results and uploads are kept",
        "1–3650",
    )
    job_minutes: int = _setting(
        60,
        _count(1, 10_080),
        "一个任务最长分钟数，超过即停止 / minutes after which a job is stopped",
        "1–10080",
    )
    leftover_hours: int = _setting(
        24,
        _count(1, 8760),
        "中断的上传、任务留下的临时文件满多少小时后清除，正在使用的不动 / hours after which files "
        "left by uploads and jobs that broke off are cleared; never what is in use",
        "1–8760",
    )
    kept_checks: str = _setting(
        "var/kept-checks.sqlite",
        str,
        "留存的地名检查结果，可重演 / name checks that were kept, to be replayed",
        "文件路径",
    )
    restricted_names: str = _setting(
        "",
        str,
        "受限名单文件，由本单位保管 / the bureau's own list of restricted names",
        "文件路径",
    )
    review_number: str = _setting(
        "",
        str,
        "对外地图的审图号，由审核机关给出 / review number of maps that go out, as it was given",
        "如实填写，无则留空",
    )
    public_decimals: int = _setting(
        3,  # some 100 m
        _count(0, 9),
        "公开输出的经纬度小数位数 / decimals of a degree in what everybody may see",
        "0–9",
    )
    workers: int = _setting(
        1,
        _count(1, 64),
        "工作进程数，各自打开数据库 / worker processes, each with a store connection of its own",
        "1–64",
    )
    graceful_s: int = _setting(
        30,
        _count(1, 600),
        "停止时等候未完请求的秒数 / seconds that running requests are given on a stop",
        "1–600",
    )
    log_form: str = _setting(
        "plain",
        _log_form,
        "日志格式：plain 一行文字，json 一行一个对象 / log lines as text or as JSON",
        "plain 或 json",
    )
    log_requests: bool = _setting(
        True,
        _switch,
        "逐条记录请求，不记地址中的参数 / log each request, without what its address asks for",
        "on 或 off",
    )
    tls_certificate: str = _setting(
        "", str, "服务器证书链，PEM / certificate chain of the server", "文件路径"
    )
    tls_key: str = _setting("", str, "证书的私钥，PEM / private key of the certificate", "文件路径")
    body_kb: int = _setting(
        1000,
        _count(1, 100_000),
        "一般请求正文的上限，千字节 / largest body of an ordinary request, kB",
        "1–100000",
    )
    upload_mb: int = _setting(
        50, _count(1, 2000), "上传文件的上限，兆字节 / largest upload, MB", "1–2000"
    )
    address_bytes: int = _setting(
        8192, _count(256, 65536), "请求地址的上限，字节 / longest request address", "256–65536"
    )
    header_bytes: int = _setting(
        32768, _count(1024, 262144), "请求头合计的上限，字节 / all headers together", "1024–262144"
    )
    head_timeout_s: int = _setting(
        10, _count(1, 120), "等候请求头的秒数 / seconds until the head of a request is in", "1–120"
    )
    body_timeout_s: int = _setting(
        20,
        _count(1, 600),
        "等候请求正文的秒数；每收到 10 千字节宽限一秒 / seconds until a body is in, and one more "
        "for every 10 kB received",
        "1–600",
    )
    answer_timeout_s: int = _setting(
        120, _count(1, 3600), "开始应答前的最长秒数 / seconds until an answer must begin", "1–3600"
    )
    concurrency: int = _setting(
        100,
        _count(1, 10_000),
        "每个工作进程同时处理的请求数 / requests at one time in each worker",
        "1–10000",
    )
    rate_per_s: int = _setting(
        50,
        _count(0, 100_000),
        "每个来源每秒的请求数，按工作进程各自计，0 为不限；本机直接访问不限 / requests a second "
        "from one address, counted in each worker by itself; 0: no limit; this machine has none",
        "0–100000",
    )
    rate_burst: int = _setting(
        300, _count(1, 100_000), "可一次连发的请求数 / requests that may come at once", "1–100000"
    )
    disk_free_mb: int = _setting(
        500,
        _count(0, 10_000_000),
        "磁盘剩余低于此数时不再就绪，兆字节 / free space below which the service is not ready, MB",
        "0–10000000",
    )

    @property
    def beside_register(self) -> dict[str, Path]:
        """Files that stand beside the register and are backed up with it, by name."""
        return {"accounts": Path(self.accounts), "kept-checks": Path(self.kept_checks)}


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
        except ValueError as error:
            raise ConfigError(
                "setting_malformed",
                name=variable,
                value=value,
                expected=entry.metadata["expected"],
            ) from error
    return Settings(**values)
