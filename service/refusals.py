"""Which status says what, for the OpenAPI description."""

from typing import Any

from service.schemas import Problem

REASONS = {
    400: "The body is not what its content type says.",
    401: "The token is missing or wrong.",
    403: "There is no token, and the request comes from elsewhere.",
    408: "The body did not arrive in time.",
    409: "The model cannot be loaded; the one before goes on.",
    413: "Too many bytes, or too many pictures.",
    415: "The content type is neither a form nor JSON.",
    422: "The only picture cannot be read, or the body is not as described.",
    500: "What finds widgets on screenshots cannot be loaded, or failed; crops are classified all the same.",
    503: "Too much is waiting; `Retry-After` says when to try again.",
}


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Return FastAPI's `responses` for these statuses."""
    return {code: {"model": Problem, "description": REASONS[code]} for code in codes}
