"""Base64 as programs really send it: with a data: prefix, in lines, URL-safe, without its padding."""

import base64
import binascii
from urllib.parse import unquote

SPACE = b" \t\r\n\f\v"
URL_SAFE = bytes.maketrans(b"-_", b"+/")


def decode_base64(text: str) -> bytes:
    """Return what a text encodes.

    Raises:
        ValueError: it is not base64; the text is a short reason.
    """
    encoded = _payload(text) if text[:5].lower() == "data:" else text
    try:
        digits = encoded.encode("ascii").translate(URL_SAFE, SPACE).rstrip(b"=")
        return base64.b64decode(digits + b"=" * (-len(digits) % 4), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ValueError("is not base64") from error


def _payload(address: str) -> str:
    head, comma, payload = address.partition(",")
    if not comma or not head.lower().rstrip().endswith(";base64"):
        raise ValueError("is a data: address without base64")
    return unquote(payload)
