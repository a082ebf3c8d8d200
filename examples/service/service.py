"""Customer values over HTTP: one customer, a batch, next offers, health and the model card.

Run: python examples/service/service.py

The first start learns a model from installed data (a minute or so) and keeps it in
models/customers.crmkit; a file that is there is served at once, and a newer one put in its place is
taken up within seconds. Copy this file and change it: it needs `pip install "crmkit[service]"`.

What it keeps to: a model that holds customers is refused, and so is a file with types that nobody
vouched for; customers are numbered within a request, so that no id of a caller reaches the library;
logs tell the route, the status and the time, never what was sent or answered.
"""

import argparse
import gc
import logging
import os
import sys
import threading
import time
import traceback
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, StrictStr
from pydantic_core import PydanticCustomError
from starlette.exceptions import HTTPException as StarletteHTTPException

import crmkit as ck
from crmkit.exceptions import CrmkitError, CrmkitWarning, DataError, ModelFileError, nearest
from crmkit.pipelines import CustomerScorer, CustomerValuePipeline

MODEL = Path("models/customers.crmkit")
MOST_BYTES = 5_000_000  # of a request
MOST_CUSTOMERS, MOST_EVENTS, MOST_OFFERS, MOST_FAULTS = 1_000, 5_000, 100, 20
EARLIEST, LATEST = 1900, 2199  # years
WATCH = 2.0  # seconds between looks at the file
TOLD = "CRMKIT_SERVICE_MODEL", "CRMKIT_SERVICE_WATCH"  # by the environment, to further processes
log = logging.getLogger("crmkit.service")


# What comes in ------------------------------------------------------------------------------------


def instant(text: str) -> datetime:
    """ISO 8601 text as an instant."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        told = 'is no time. Write it as ISO 8601, such as "2017-10-05" or "2017-10-05T17:30:00".'
        raise PydanticCustomError("instant", told) from None
    if not EARLIEST <= found.year <= LATEST:
        told = f"is no time of a purchase: years from {EARLIEST} to {LATEST} are read."
        raise PydanticCustomError("instant", told)
    return found


Id = Annotated[StrictInt | Annotated[StrictStr, Field(max_length=200)], Field(union_mode="smart")]
Instant = Annotated[
    StrictStr, AfterValidator(instant), Field(json_schema_extra={"format": "date-time"})
]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
EVENTS = [
    {"when": "2017-09-02T17:05:00", "amount": 12.5, "order": 1, "item": 1082185},
    {"when": "2017-10-05", "amount": 31.0, "order": 2, "item": 1029743},
]
SCORES = {
    "frequency": 1,
    "segment": "New Customers",
    "clv": 354.26,
    "probability_churn": 0.62,
    "churn_reasons": "last pause 61 days: +0.5",
    "next_offer": 1029743,
    "next_offer_reason": "bought on 2 days, last 28 days ago",
}
OFFERS = [{"item": 1029743, "score": 3.94, "rank": 1, "source": "fold-in", "reason": "bought ..."}]


class Told(BaseModel):
    """Refuses fields that are not known: a misspelt one would be left out in silence."""

    model_config = ConfigDict(extra="forbid")


class Event(Told):
    """One purchase line, or a return with a negative amount or quantity."""

    when: Instant
    amount: Number | None = None
    order: Id | None = None
    item: Id | None = None
    quantity: Number | None = None


class Customer(Told):
    """One customer: all that was bought before `as_of`. The id comes back and is not kept."""

    customer_id: Id = ""
    events: list[Event] = Field(min_length=1, max_length=MOST_EVENTS, examples=[EVENTS])


class One(Customer):
    """A customer, and the present: events at or after `as_of` are unknown."""

    as_of: Instant = Field(examples=["2018-01-02"])


class Many(Told):
    """Customers, and the present of all of them."""

    as_of: Instant = Field(examples=["2018-01-02"])
    customers: list[Customer] = Field(min_length=1, max_length=MOST_CUSTOMERS)


class Offers(One):
    """A customer, and what may be offered."""

    n: int = Field(10, strict=True, ge=1, le=MOST_OFFERS)
    exclude_seen: bool | None = None
    allow: list[Id] | None = Field(None, max_length=100_000, examples=[None])
    deny: list[Id] | None = Field(None, max_length=100_000, examples=[None])


class Fault(BaseModel):
    """What is wrong, and where."""

    where: str = Field(examples=["events[1].when"])
    message: str = Field(examples=["is missing. Fields here: when, amount, order, item, quantity."])


class Faults(BaseModel):
    """All that is wrong with a request."""

    detail: list[Fault]


class Scores(BaseModel):
    """The row of a customer; the columns are those of CustomerValuePipeline.transform."""

    customer_id: Id
    scores: dict[str, Any] = Field(examples=[SCORES])


class ScoresOfOne(Scores):
    """The row, and the model that gave it."""

    model: str = Field(examples=["4094fba95b54"])


class ScoresOfMany(BaseModel):
    """A row for each customer, in the order of the request."""

    model: str = Field(examples=["4094fba95b54"])
    customers: list[Scores]


class OffersOfOne(BaseModel):
    """Items, best first."""

    model: str = Field(examples=["4094fba95b54"])
    customer_id: Id
    offers: list[dict[str, Any]] = Field(examples=[OFFERS])


class Health(BaseModel):
    """Whether the process lives and can answer, how old its model is, and what troubles it."""

    alive: bool
    ready: bool
    model: str
    saved_at: datetime
    age_seconds: int = Field(description="Since the model was saved")
    trouble: str | None = Field(
        description="Why a newer file is not served; null where all is well"
    )


FIELDS = {"events": Event, "customers": Customer, "score": One, "batch": Many, "offers": Offers}
IDS = ("customer_id", "order", "item", "allow", "deny")
CURES = {
    "missing": "is missing.",
    "float_type": "must be a number without quotes, such as 12.5.",
    "int_type": "must be a whole number.",
    "string_type": "must be text in quotes.",
    "finite_number": "must be a finite number: leave it away where it is not known.",
    "list_type": "must be a list [...].",
    "model_attributes_type": "must be an object {...}.",
    "too_short": "is empty. Nothing is known of a customer without events.",
    "json_invalid": "is not JSON. Send what /docs shows, as application/json.",
}


def fault_of(error: dict[str, Any], route: str) -> dict[str, str]:
    """One fault of a request in words: where, what, and what to do."""
    kind = error["type"]
    loc = [] if kind == "json_invalid" else list(error["loc"])[1:]
    of_id = next((at for at, part in enumerate(loc) if part in IDS), None)
    if of_id is not None:  # behind it stands which kinds of ids were tried
        loc = [*loc[: of_id + 1], *(part for part in loc[of_id + 1 :] if isinstance(part, int))]
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    holder = next((part for part in reversed(loc[:-1]) if part in FIELDS), route)
    names = list(FIELDS[holder].model_fields) if holder in FIELDS else []
    message = CURES.get(kind, f"{error['msg']}".rstrip(".") + ".")
    if kind in ("int_type", "string_type") and of_id is not None:
        message = "must be text in quotes or a whole number."
    elif kind == "extra_forbidden":
        hint = nearest(str(loc[-1]), names)
        message = f"is not known.{f' Did you mean {hint!r}?' if hint else ''}"
    elif kind in ("too_long", "string_too_long"):
        message = f"is too long: at most {error['ctx']['max_length']:,}. Split or shorten it."
    if kind in ("missing", "extra_forbidden"):
        message += f" Fields here: {', '.join(names)}."
    return {"where": where.lstrip(".") or "body", "message": message}


# What answers -------------------------------------------------------------------------------------


class Refused(HTTPException):
    """A request that the library cannot answer, with all faults in its words."""

    def __init__(self, faults: Sequence[tuple[str, Exception | str]], status: int = 422) -> None:
        detail = [{"where": where, "message": str(what)} for where, what in faults]
        super().__init__(status, detail)


@dataclass(frozen=True)
class Served:
    """One loaded model; requests that began with it end with it."""

    scorer: CustomerScorer
    card: dict[str, Any]

    @property
    def name(self) -> str:
        """The beginning of the SHA-256 of the model, which every answer tells."""
        return str(self.card["sha256"])[:12]

    @classmethod
    def load(cls, path: Path) -> "Served":
        """A model file that may be served, or why it may not."""
        manifest = ck.io.read_manifest(path)
        held = manifest.get("customers") or []  # what it hides is found by load
        if held:
            raise ModelFileError(
                f"{str(path)!r} holds data of single customers ({', '.join(map(str, held))})"
                ". A service needs none: save pipeline.without_customers()."
            )
        pipeline = ck.io.load(path)
        if not isinstance(pipeline, CustomerValuePipeline):
            raise ModelFileError(
                f"{str(path)!r} holds a {type(pipeline).__name__}; a CustomerValuePipeline is "
                "served."
            )
        if ck.io.read_manifest(path) != manifest:
            raise ModelFileError(f"{str(path)!r} was replaced while it was read.")
        if saved(manifest) is None:
            raise ModelFileError(f"{str(path)!r} does not tell when it was saved.")
        served = cls(CustomerScorer(pipeline), manifest)
        return cls(served.scorer, manifest | {"answers": served.warmed()})

    def warmed(self) -> list[str]:
        """Names of what is answered; a first customer is slower than those behind."""
        as_of = datetime.fromisoformat(self.scorer.pipeline.as_of_)
        event = Event(when=(as_of - timedelta(days=30)).isoformat(), amount=1.0)
        someone = Customer.model_construct(customer_id=0, events=[event])
        return list(self.scored([someone], as_of)[0])

    def columns(self, customers: Sequence[Customer]) -> dict[str, list[Any]]:
        """Events as columns under the names of the log of the fit; customers are numbers."""
        names = self.scorer.pipeline.columns_
        numbers = [number for number, each in enumerate(customers) for _ in each.events]
        made = {names["customer"]: numbers}
        events = [event for each in customers for event in each.events]
        for part in ("when", "amount", "order", "item", "quantity"):
            if names[part] is not None:
                made[names[part]] = [getattr(event, part) for event in events]
        return made

    def scored(self, customers: Sequence[Customer], as_of: datetime) -> list[dict[str, Any]]:
        """A row for each customer; refuses all of them where one cannot be scored."""
        try:
            rows = self.scorer.score_many(self.columns(customers), as_of=as_of)
        except DataError as error:
            raise Refused(self.faults(customers, as_of, error)) from None
        number = self.scorer.pipeline.columns_["customer"]
        there = {row.pop(number): row for row in rows}
        missing = [n for n in range(len(customers)) if n not in there]
        if missing:
            told = "has no purchase before as_of. Leave the customer away, or move as_of."
            raise Refused([(f"customers[{n}]", told) for n in missing[:MOST_FAULTS]])
        return [there[n] for n in range(len(customers))]

    def faults(
        self, customers: Sequence[Customer], as_of: datetime, error: DataError
    ) -> list[tuple[str, DataError]]:
        """Who of several cannot be scored, and why, in the words of the library."""
        if len(customers) == 1:
            return [("events", error)]
        found: list[tuple[str, DataError]] = []
        for place, each in enumerate(customers):
            try:
                self.scorer.score_many(self.columns([each]), as_of=as_of)
            except DataError as own:
                found.append((f"customers[{place}]", own))
            if len(found) == MOST_FAULTS:
                break
        return found or [("customers", error)]


def saved(manifest: dict[str, Any]) -> datetime | None:
    """When a model was saved, if its manifest tells."""
    try:
        found = datetime.fromisoformat(manifest["saved_at"])
    except (KeyError, TypeError, ValueError):
        return None
    return found if found.tzinfo else None


class Watched:
    """The model of a file: loaded at once, and again when another file takes its place."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen = self.stamp()
        self.served = Served.load(path)
        self.trouble: str | None = None
        self.stopping = threading.Event()

    def stamp(self) -> tuple[int, ...] | None:
        """What changes when the file does; None where there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size, found.st_ino)

    def refresh(self) -> None:
        """Take up a new file; where it cannot be served, the old model goes on."""
        stamp = self.stamp()
        if stamp == self.seen:
            return
        self.seen = stamp
        try:
            self.served = Served.load(self.path)
            self.trouble = None
            log.info("took up a new model, saved at %s", self.served.card["saved_at"])
        except Exception as error:
            told = str(error) if isinstance(error, CrmkitError) else type(error).__name__
            self.trouble = f"The new file is not served: {told}"
            log.error("%s", self.trouble)

    def watch(self, every: float) -> None:
        """Look at the file until told to stop."""
        while not self.stopping.wait(every):
            self.refresh()


# The routes ---------------------------------------------------------------------------------------


def create_app(path: Path, *, watch: float = WATCH) -> FastAPI:
    """The service of a model file; raises ModelFileError where the file cannot be served."""
    watched = Watched(path)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        watcher = threading.Thread(target=watched.watch, args=(watch,), daemon=True)
        watcher.start()
        yield
        watched.stopping.set()

    app = FastAPI(
        title="Customer values",
        version=ck.__version__,
        description=__doc__,
        lifespan=lifespan,
        responses={
            400: {"model": Faults, "description": "A body that cannot be read at all"},
            413: {"model": Faults, "description": "A body that is too long"},
            422: {"model": Faults, "description": "What is wrong, and where"},
            500: {"model": Faults, "description": "The service failed; its log says where"},
        },
    )
    app.state.watched = watched
    app.add_middleware(Guard)
    app.add_exception_handler(RequestValidationError, unusable)
    app.add_exception_handler(400, unread)
    app.add_exception_handler(404, elsewhere)
    app.add_exception_handler(405, elsewhere)

    # One customer is scored where his request is read: to hand him to a thread and back would take
    # about as long, and threads that score take turns anyhow. What takes longer has a thread.
    @app.post("/score", summary="Score one customer", tags=["answers"])
    async def score(asked: One) -> ScoresOfOne:
        """Segment, stage, value, risk of leaving with reasons, and the next offer."""
        served = watched.served
        row = served.scored([asked], asked.as_of)[0]
        row.pop("clv_rank", None)  # among one customer it says nothing
        return ScoresOfOne(model=served.name, customer_id=asked.customer_id, scores=row)

    @app.post("/score/batch", summary="Score many customers", tags=["answers"])
    def batch(asked: Many) -> ScoresOfMany:
        """The same for each; `clv_rank` is the rank among the customers of the request."""
        served = watched.served
        rows = served.scored(asked.customers, asked.as_of)
        pairs = zip(asked.customers, rows, strict=True)
        made = [Scores(customer_id=each.customer_id, scores=row) for each, row in pairs]
        return ScoresOfMany(model=served.name, customers=made)

    @app.post("/offers", summary="Next offers to one customer", tags=["answers"])
    def offers(asked: Offers) -> OffersOfOne:
        """Items, best first, with score, source and reason."""
        served = watched.served
        rules = {name: getattr(asked, name) for name in ("exclude_seen", "allow", "deny")}
        scorer, columns = served.scorer, served.columns([asked])
        try:
            found = scorer.offers(columns, asked.n, as_of=asked.as_of, **rules)
        except DataError as error:
            raise Refused([("body", error)]) from None
        names = scorer.pipeline.columns_
        for row in found:
            row.pop(names["customer"])
            row["item"] = row.pop(names["item"])
        return OffersOfOne(model=served.name, customer_id=asked.customer_id, offers=found)

    @app.get("/health/live", summary="Is the process alive?", tags=["operation"])
    async def live() -> dict[str, bool]:
        return {"alive": True}

    @app.get("/health", summary="Is it ready, and how old is the model?", tags=["operation"])
    async def health() -> Health:
        served = watched.served
        saved_at = datetime.fromisoformat(served.card["saved_at"])
        return Health(
            alive=True,
            ready=True,
            model=served.name,
            saved_at=saved_at,
            age_seconds=round((datetime.now(UTC) - saved_at).total_seconds()),
            trouble=watched.trouble,
        )

    @app.get("/model", summary="The model card", tags=["operation"])
    async def model() -> dict[str, Any]:
        """What was learnt from what and when, how good it is beside simple rules, its limits."""
        served = watched.served
        return {"id": served.name, **served.card}

    return app


async def unusable(request: Request, error: Exception) -> JSONResponse:
    """All faults of a body in one answer, none of its values."""
    assert isinstance(error, RequestValidationError)
    route = request.url.path.rstrip("/").rpartition("/")[2]
    faults = [fault_of(each, route) for each in error.errors()]
    distinct = list({(each["where"], each["message"]): each for each in faults}.values())
    return JSONResponse({"detail": distinct[:MOST_FAULTS]}, 422)


async def unread(request: Request, error: Exception) -> JSONResponse:
    """What is no JSON at all, or lies too deep, in the shape of every other fault."""
    return JSONResponse({"detail": [{"where": "body", "message": CURES["json_invalid"]}]}, 400)


async def elsewhere(request: Request, error: Exception) -> JSONResponse:
    """What is not served here, in the shape of every other fault."""
    assert isinstance(error, StarletteHTTPException)
    told = {"where": "address", "message": f"{error.detail}. What is served: /docs."}
    return JSONResponse({"detail": [told]}, error.status_code)


class Guard:
    """Limits the size of a request, keeps what goes wrong inside out of the logs, logs the rest."""

    def __init__(self, app: Callable[..., Awaitable[None]]) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, size, status = time.perf_counter(), 0, 0

        async def limited() -> Any:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > MOST_BYTES:
                raise Refused([("body", f"is longer than {MOST_BYTES:,} bytes. Split it.")], 413)
            return message

        async def watched(message: Any) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self.app(scope, limited, watched)
        except Exception as error:  # its text may hold what was sent
            last = traceback.extract_tb(error.__traceback__)[-1]
            log.error("%s in %s:%s", type(error).__name__, last.filename, last.lineno)
            if not status:
                told = [{"where": "service", "message": "failed; its log says where."}]
                await JSONResponse({"detail": told}, 500)(scope, receive, watched)
        route = getattr(scope.get("route"), "path", "unknown")
        elapsed = 1000 * (time.perf_counter() - began)
        log.info("%s %s %s %.1f ms", scope["method"], route, status, elapsed)


def prepare() -> None:
    """Set what a process logs and keeps to itself."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    warnings.simplefilter("ignore", CrmkitWarning)  # they may count or name what was sent


def one_of_several() -> FastAPI:
    """The service in one of several processes."""
    prepare()
    model, watch = (os.environ[name] for name in TOLD)
    return settled(create_app(Path(model), watch=float(watch)))


def settled(app: FastAPI) -> FastAPI:
    """The same app, of a process that no longer searches what it has loaded for rubbish."""
    gc.collect()
    gc.freeze()
    return app


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve a model; learn one first where there is none."""
    parser = argparse.ArgumentParser(description="Serve customer values over HTTP.")
    parser.add_argument("--model", type=Path, default=MODEL, help="file of crmkit.io.save")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--watch", type=float, default=WATCH, help="seconds between looks at it")
    parser.add_argument("--workers", type=int, default=1, help="processes that answer")
    given = parser.parse_args(arguments)
    prepare()
    if not given.model.exists():
        from train import train

        log.info("there is no %s: learning a model from installed data", given.model)
        train(given.model)
    try:
        app = create_app(given.model, watch=given.watch)
    except CrmkitError as error:
        print(f"The service does not start. {error}", file=sys.stderr)
        return 2
    several = given.workers > 1
    if several:
        os.environ.update(zip(TOLD, (str(given.model), str(given.watch)), strict=True))
    uvicorn.run(
        "service:one_of_several" if several else settled(app),
        factory=several,
        workers=given.workers,
        app_dir=str(Path(__file__).parent),
        host=given.host,
        port=given.port,
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=10,
        timeout_worker_healthcheck=60,  # a further process is silent until it has loaded the model
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
