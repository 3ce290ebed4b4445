"""`geo-service accounts`: who may sign in, managed by whoever can write to the file of accounts."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from geo_service.cli.audit import AnchorOption, Log, read_anchors, verify_beside
from geo_service.cli.options import JsonOption, LangOption, actor, print_json, say, tell
from geo_service.domain.access import Right, Role
from geo_service.domain.clock import china_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geo_service.services.access.accounts import Account
    from geo_service.services.access.office import Office

app = typer.Typer(help="账号 / accounts", no_args_is_help=True, rich_markup_mode=None)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="账号 / the account")]
RolesOption = Annotated[
    list[Role], typer.Option("--role", help="角色，可多次给出 / a role; may be given again")
]


@contextmanager
def _office() -> Iterator[Office]:
    from geo_service import compose

    services = compose.build()
    try:
        yield services.office
    finally:
        services.close()


def _facts(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "person": account.person,
        "roles": sorted(account.roles),
        "disabled": account.disabled,
        "must_change": account.must_change,
        "created_at": account.created_at,
        "signed_in_at": account.signed_in_at or None,
    }


def _told(json_: bool, lang: Any, key: str, **facts: Any) -> None:
    if json_:
        print_json(facts)
    else:
        tell(say(f"access.{key}", lang, **facts))


@app.command("list")
def list_accounts(json_: JsonOption = False, lang: LangOption = "zh") -> None:
    """列出账号 / list the accounts."""
    with _office() as office:
        accounts = office.accounts.all()
    if json_:
        print_json([_facts(account) for account in accounts])
        return
    for account in accounts:
        state = "disabled" if account.disabled else "to_change" if account.must_change else "in_use"
        roles = " ".join(sorted(account.roles))
        tell(f"{account.name}\t{account.person}\t{roles}\t{say(f'access.{state}', lang)}")


@app.command()
def add(
    name: NameArgument,
    person: Annotated[str, typer.Option("--person", help="姓名或岗位 / name or post")],
    role: RolesOption,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """新建账号，显示一次初始口令 / a new account; its password is shown once."""
    with _office() as office:
        made = office.accounts.add(name, person, role, actor=actor())
    _told(json_, lang, "cli_made", name=name.strip().lower(), password=made)


@app.command()
def roles(
    name: NameArgument, role: RolesOption, json_: JsonOption = False, lang: LangOption = "zh"
) -> None:
    """改动账号的角色 / give an account other roles."""
    with _office() as office:
        office.accounts.set_roles(name, role, actor=actor())
    _told(json_, lang, "cli_done", name=name, roles=sorted(role))


@app.command()
def reset(name: NameArgument, json_: JsonOption = False, lang: LangOption = "zh") -> None:
    """重设口令并解除锁定，显示一次 / a new password, shown once; a lock-out ends."""
    with _office() as office:
        made = office.accounts.reset(name, actor=actor())
    _told(json_, lang, "cli_made", name=name, password=made)


@app.command()
def disable(name: NameArgument, json_: JsonOption = False, lang: LangOption = "zh") -> None:
    """停用账号：结束会话，撤销令牌 / disable an account: sessions end, tokens are revoked."""
    with _office() as office:
        office.accounts.disable(name, actor=actor())
    _told(json_, lang, "cli_done", name=name, disabled=True)


@app.command()
def enable(name: NameArgument, json_: JsonOption = False, lang: LangOption = "zh") -> None:
    """恢复账号 / enable an account again."""
    with _office() as office:
        office.accounts.enable(name, actor=actor())
    _told(json_, lang, "cli_done", name=name, disabled=False)


@app.command()
def token(
    name: NameArgument,
    title: Annotated[str, typer.Option("--title", help="用途 / what it is for")],
    right: Annotated[
        list[Right], typer.Option("--right", help="权限，可多次给出 / a right; may be given again")
    ],
    days: Annotated[int, typer.Option("--days", help="有效天数 / days it is good for")] = 90,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """为账号新建程序令牌，显示一次 / make a token for a program, shown once."""
    with _office() as office:
        account = office.accounts.get(name)
        made = office.tokens.make(account, title, right, days, actor=actor())
    _told(json_, lang, "cli_token", name=name, token=made)


@app.command()
def revoke(
    name: NameArgument,
    number: Annotated[int, typer.Argument(metavar="NUMBER", help="令牌编号 / number of the token")],
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """撤销令牌 / revoke a token."""
    with _office() as office:
        office.tokens.revoke(name, number, actor=actor())
    _told(json_, lang, "cli_done", name=name, revoked=number)


@app.command()
def link(
    name: NameArgument,
    issuer: Annotated[str, typer.Option("--issuer", help="认证方 / issuer of the identity")],
    subject: Annotated[str, typer.Option("--subject", help="身份标识 sub / subject at the issuer")],
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """关联统一身份认证 / let an identity at an OIDC provider enter by the account."""
    with _office() as office:
        office.accounts.link(name, issuer, subject, actor=actor())
    _told(json_, lang, "cli_done", name=name, issuer=issuer, subject=subject)


@app.command()
def log(
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=100_000, help="最近多少条 / newest entries")
    ] = 100,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="不列出，只核对有无改动 / only whether any was changed"),
    ] = False,
    anchor: AnchorOption = None,
    json_: JsonOption = False,
    lang: LangOption = "zh",
) -> None:
    """登录与账号记录，新的在前 / sign-ins and what was done to accounts, newest first.

    --verify 有异则以 4 退出，指出第一条有异的记录。
    """
    if verify:
        verify_beside(Log.ACCOUNTS, read_anchors(anchor), json_, lang)
        return
    if anchor:
        raise typer.BadParameter("--anchor")
    with _office() as office:
        events = office.events(limit=limit)
    if json_:
        print_json(
            [
                {
                    "number": event.number,
                    "at": event.at.isoformat(),
                    "act": event.act,
                    "account": event.account,
                    "actor": event.actor,
                    "address": event.address,
                    "detail": event.detail,
                }
                for event in events
            ]
        )
        return
    for event in events:
        word = say(f"access.act_{event.act}", lang)
        shown = (event.account, word, event.actor, event.address, event.detail)
        tell(f"{china_text(event.at, seconds=True)}\t" + "\t".join(shown))
