"""The endpoint over HTTP: every route, none of which remembers anything between two requests (resources/team/openapi.json).

Answers are JSON, except the two pages for browsers. There is no cookie, no redirect, no session, and no log of requests.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tokenpal.share.protocol.entries import ENTRY_LIMIT
from tokenpal.share.protocol.sealing import envelope_size
from tokenpal.system.paths import resource
from tokenpal.team import asked, joining, learnings, reports
from tokenpal.team.limits import MISTAKE, REQUESTS_PER_SECOND, Guard, read_body
from tokenpal.team.mailbox import Mailbox, Reply
from tokenpal.team.refused import Refused
from tokenpal.team.storage import Storage, Unavailable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SMALL: Final = 4 << 10
ROUND_SECONDS: Final = 3600
THREADS: Final = 16
Act = Callable[[Mailbox, str, bytes], Reply]
Handler = Callable[[Request], Awaitable[Response]]
_log = logging.getLogger(__name__)

POSTS: Final[dict[str, tuple[Act, int]]] = {  # path -> what is done, bytes at most
    "roster": (joining.post_roster, ENTRY_LIMIT),
    "vouch": (joining.post_vouch, SMALL),
    "reports": (reports.post_report, envelope_size(joining.MOST_MEMBERS)),
    "withdraw": (reports.post_withdraw, SMALL),
    "answers": (reports.post_answer, SMALL),
    "learnings": (learnings.post_learning, SMALL),
    "retract": (learnings.post_retract, SMALL),
    "query": (asked.post_query, SMALL),
}


def make_app(
    storage: Storage,
    key: Ed25519PrivateKey,
    now: Callable[[], int],
    *,
    metrics_token: str = "",
    otlp: str = "",
    per_second: int = REQUESTS_PER_SECOND,
    rounds: bool = True,
) -> Guard:
    """The application. ``now``: epoch seconds. ``metrics_token``: opens ``/metrics``, which is not there without one.
    ``otlp``: address of a collector that is given what was released. ``rounds``: look every hour whether something is due.
    Several processes may run on one database with one key.
    """
    mailbox = Mailbox(storage, key, now)

    @contextlib.asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        import anyio.to_thread

        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        going = asyncio.create_task(_rounds(mailbox, otlp)) if rounds else None
        yield
        if going is not None:
            going.cancel()

    routes = [
        *(Route(f"/v1/teams/{{team}}/{path}", _posts(mailbox, act, limit), methods=["POST"]) for path, (act, limit) in POSTS.items()),
        Route("/v1/teams/{team}", _gets(mailbox, asked.get_card), methods=["GET"]),
        Route("/v1/teams/{team}/policy", _gets(mailbox, asked.get_policy), methods=["GET"]),
        Route("/v1/teams/{team}/roster", _roster(mailbox), methods=["GET"]),
        Route("/t/{team}/results", _results(mailbox), methods=["GET"]),
        Route("/about", _about, methods=["GET"]),
        Route("/openapi.json", _file("openapi.json", "application/json"), methods=["GET"]),
        Route("/protocol", _file("protocol.md", "text/markdown; charset=utf-8"), methods=["GET"]),
        Route("/healthz", _health(mailbox), methods=["GET"]),
        *([Route("/metrics", _metrics(mailbox, metrics_token), methods=["GET"])] if metrics_token else []),
    ]
    app = Starlette(routes=routes, lifespan=life, exception_handlers={HTTPException: _no_such_page, Exception: _mistake})
    app.router.redirect_slashes = False
    return Guard(app, per_second)


async def _rounds(mailbox: Mailbox, otlp: str) -> None:
    def once() -> None:
        mailbox.settle_all()
        if otlp:
            from tokenpal.team.otlp import export_new

            export_new(mailbox.storage, otlp)

    while True:
        try:
            await run_in_threadpool(once)
        except Exception as error:  # the next round, or the next message, tries again
            _log.warning("the hourly round failed: %s", type(error).__name__)
        await asyncio.sleep(ROUND_SECONDS)


async def _answered(act: Callable[[], Reply]) -> Response:
    """Run it in a thread; a refusal is an answer too."""
    try:
        reply = await run_in_threadpool(act)
    except Refused as refused:
        return _refusal(refused)
    except Unavailable as trouble:
        _log.warning("the database does not answer: %s", trouble)
        return _refusal(Refused(503, "database", "The endpoint's database does not answer; try again later."))
    return Response(reply.body, reply.status, {"content-type": reply.kind})


def _refusal(refused: Refused) -> Response:
    return Response(refused.body, refused.status, media_type="application/json")


def _posts(mailbox: Mailbox, act: Act, limit: int) -> Handler:
    async def handle(request: Request) -> Response:
        team = str(request.path_params["team"])
        try:
            data = await read_body(request, limit)
        except Refused as refused:
            return _refusal(refused)

        def work() -> Reply:
            mailbox.settle(team)
            return act(mailbox, team, data)

        return await _answered(work)

    return handle


def _gets(mailbox: Mailbox, act: Callable[[Mailbox, str], Reply]) -> Handler:
    async def handle(request: Request) -> Response:
        return await _answered(lambda: act(mailbox, str(request.path_params["team"])))

    return handle


def _roster(mailbox: Mailbox) -> Handler:
    async def handle(request: Request) -> Response:
        since = request.query_params.get("since", "0")
        if not (since.isascii() and since.isdecimal() and len(since) < 8):
            return _refusal(Refused(400, "form", "`since` is the number of a roster entry."))
        return await _answered(lambda: asked.get_roster(mailbox, str(request.path_params["team"]), int(since)))

    return handle


def _results(mailbox: Mailbox) -> Handler:
    """The page for browsers. An unknown team reads like a link that has ended."""

    async def handle(request: Request) -> Response:
        from tokenpal.team import page

        team, signed = str(request.path_params["team"]), request.query_params.get("pass", "")

        def work() -> page.Page:
            try:
                mailbox.settle(team)
                with mailbox.reading(team) as (rows, found):
                    return page.results(rows, mailbox.roster(rows, found), found, signed, mailbox.now())
            except Refused:
                return page.refused()
            except Unavailable:
                return page.message(503, "The results cannot be shown now", "The endpoint's database does not answer.", "Try again later.")

        made = await run_in_threadpool(work)
        return Response(made.body, made.status, made.headers)

    return handle


async def _about(request: Request) -> Response:
    from tokenpal.team.about import about

    made = await run_in_threadpool(about)
    return Response(made.body, made.status, made.headers)


def _file(name: str, kind: str) -> Handler:
    async def handle(request: Request) -> Response:
        try:
            return Response(await run_in_threadpool((resource("team") / name).read_bytes), headers={"content-type": kind})
        except OSError:
            return _refusal(Refused(404, "page", "There is no such page here."))

    return handle


def _health(mailbox: Mailbox) -> Handler:
    """For whatever watches the process: whether the database answers."""

    def look() -> Reply:
        with mailbox.storage.reading() as rows:
            rows.answers_at_all()
        return Reply(200, b'{"ok":true}')

    async def handle(request: Request) -> Response:
        return await _answered(look)

    return handle


def _metrics(mailbox: Mailbox, token: str) -> Handler:
    """Released figures for a scrape by whoever has the operator's token."""

    def scrape() -> Reply:
        from tokenpal.team import export

        with mailbox.storage.reading() as rows:
            return Reply(200, export.scrape(rows), export.CONTENT_TYPE)

    async def handle(request: Request) -> Response:
        given = request.headers.get("authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, f"Bearer {token}".encode()):
            return _refusal(Refused(401, "token", "The metrics need the operator's token."))
        return await _answered(scrape)

    return handle


async def _no_such_page(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    if status == 405:
        return _refusal(Refused(405, "method", "This address is used with another method."))
    return _refusal(Refused(status, "page", "There is no such page here."))


async def _mistake(request: Request, error: Exception) -> Response:
    """Starlette sends this and raises the error again, for the guard to note where it was."""
    return _refusal(MISTAKE)
