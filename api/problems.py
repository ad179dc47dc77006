"""Errors as RFC 9457 problems (API) or as a page with a way back; the one place where the API shows an error."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException

from api.pages import papers
from api.pages.site import problem_page
from api.security import HEADERS
from registry.errors import HaltError, InputError, RegistryError, RetryableError

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Fault:
    """One value that breaks a rule."""

    field: str
    value: str
    rule: str


@dataclass(frozen=True, slots=True)
class Problem:
    """RFC 9457: type, title, status, detail; `errors` names field, value and rule."""

    status: int
    code: str
    detail: str
    errors: list[Fault] = field(default_factory=list)

    def body(self, instance: str) -> dict[str, Any]:
        title = HTTPStatus(self.status).phrase
        body = {"type": f"urn:equity-registry:problem:{self.code}", "title": title, "instance": instance}
        return body | {key: value for key, value in asdict(self).items() if value != []}


def install(app: FastAPI) -> None:
    """Registers the handlers; page or problem is chosen by the address."""
    for kind in (
        RegistryError,
        RequestValidationError,
        HTTPException,
        OperationalError,
        sqlite3.OperationalError,
        Exception,
    ):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    problem = _problem(error)
    if request.url.path.startswith("/api/"):
        response: Response = JSONResponse(problem.body(request.url.path), problem.status, media_type=MEDIA_TYPE)
    else:
        response = await _page(request, problem)
    # An unexpected error is answered outside of all middleware, so the headers are set here.
    response.headers.update(HEADERS | dict(getattr(error, "headers", None) or {}))
    return response


async def _page(request: Request, problem: Problem) -> Response:
    if problem.code in papers.ABSENT and (absent := await papers.absent(request)):
        return absent
    # An address that names nothing has its own words.
    detail = "" if problem.status == HTTPStatus.NOT_FOUND else problem.detail
    return problem_page(request, problem.status, detail, problem.code)


def _problem(error: Exception) -> Problem:
    if isinstance(error, InputError):
        # What an address names and the register does not have is told apart by its code alone.
        status = 404 if error.code.endswith("_unknown") or error.code in papers.ABSENT else 422
        return Problem(status, error.code, error.message, [Fault(error.field, error.value, error.message)])
    if isinstance(error, RequestValidationError):
        faults = [_fault(found) for found in error.errors()]
        return Problem(422, "invalid_value", "; ".join(f"{f.field} = {f.value}: {f.rule}" for f in faults), faults)
    if isinstance(error, HTTPException):
        return Problem(error.status_code, HTTPStatus(error.status_code).name.lower(), str(error.detail))
    if isinstance(error, HaltError):
        return Problem(503, error.code, error.message)
    if isinstance(error, RetryableError):
        return Problem(503, error.code, error.message)
    if isinstance(error, (OperationalError, sqlite3.OperationalError)):
        return Problem(503, "unavailable", "the mirror's database cannot be read")
    return Problem(500, "internal", "an unexpected error; the log of the server names it")


def _fault(found: Mapping[str, Any]) -> Fault:
    """One finding of the framework; the value is cut, so that nobody makes the answer long."""
    return Fault(".".join(str(part) for part in found["loc"][1:]), str(found["input"])[:80], found["msg"])
