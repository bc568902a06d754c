"""Base64 as programs really send it: with a data: prefix, in lines, URL-safe, without its padding."""

import base64
import binascii
import io
from urllib.parse import unquote

SPACE = b" \t\r\n\f\v"
PADDING = "=" + SPACE.decode()
AT_ONCE = 1 << 20
"""Digits; all at once would be in memory three times."""

URL_SAFE = bytes.maketrans(b"-_", b"+/")


def decode_base64(text: str) -> bytes:
    """Return what a text encodes.

    Raises:
        ValueError: it is not base64; the text is a short reason.
    """
    encoded = (_payload(text) if text[:5].lower() == "data:" else text).rstrip(PADDING)
    step = len(encoded) or 1 if "=" in encoded else AT_ONCE  # what such a sign means depends on its place
    decoded, digits = io.BytesIO(), b""
    try:
        for start in range(0, len(encoded), step):
            digits += encoded[start : start + step].encode("ascii").translate(URL_SAFE, SPACE)
            whole = len(digits) // 4 * 4 if step == AT_ONCE else 0
            decoded.write(_decode(digits[:whole]))
            digits = digits[whole:]
        decoded.write(_decode(digits + b"=" * (-len(digits) % 4)))
    except (UnicodeEncodeError, binascii.Error) as error:
        raise ValueError("is not base64") from error
    return decoded.getvalue()  # no copy


def _decode(digits: bytes) -> bytes:
    return base64.b64decode(digits, validate=True)


def _payload(address: str) -> str:
    head, comma, payload = address.partition(",")
    if not comma or not head.lower().rstrip().endswith(";base64"):
        raise ValueError("is a data: address without base64")
    return unquote(payload)
