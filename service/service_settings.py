"""What a service takes on, and where it listens."""

from typing import Self

from pydantic import Field, model_validator

from base.settings import Settings

MEGABYTE = MEGAPIXEL = 10**6

RESERVED_SHARE = 0.25
"""The share of `queue_mb` that only small bodies may take, so that large ones which arrive slowly shut nobody out."""


class ServeSettings(Settings):
    """The table `[serve]` of boxwright.toml. There is no token in it: that is no setting to commit.

    Attributes:
        host: a name or address; any but loopback needs a token.
        port: 0 takes a free one.
        max_pictures: in a request.
        max_picture_mb: a picture's file.
        max_request_mb: a request's body.
        max_megapixels: a picture's size, refused before it is decoded.
        timeout_s: for reading a request, and again for answering it.
        idle_s: how long a body may stand still.
        queue_pictures: accepted and not yet answered; what comes on top is turned away.
        queue_mb: bodies in memory, likewise.
        queue_megapixels: of pictures of more than a megapixel, which are decoded one at a time, likewise.
        batch_pictures: classified together at most.
        batch_wait_ms: how long the first of a batch waits for others that were accepted too.
        follow_s: how often it is looked up what the model's name stands for in a registry; 0 is never.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    max_pictures: int = Field(default=64, ge=1)
    max_picture_mb: float = Field(default=16, gt=0)
    max_request_mb: float = Field(default=32, gt=0)
    max_megapixels: float = Field(default=10, gt=0)
    timeout_s: float = Field(default=30, gt=0)
    idle_s: float = Field(default=5, gt=0)
    queue_pictures: int = Field(default=1024, ge=1)
    queue_mb: float = Field(default=128, gt=0)
    queue_megapixels: float = Field(default=64, gt=0)
    batch_pictures: int = Field(default=64, ge=1)
    batch_wait_ms: float = Field(default=5, ge=0, le=1000)
    follow_s: float = Field(default=2, ge=0)

    @property
    def max_pixels(self) -> int:
        """Return how many pixels a picture may have."""
        return int(self.max_megapixels * MEGAPIXEL)

    @property
    def reserved_bytes(self) -> float:
        """Return how much of the bodies' memory is kept for small ones; the largest request fits beside it."""
        return MEGABYTE * min(RESERVED_SHARE * self.queue_mb, self.queue_mb - self.max_request_mb)

    @model_validator(mode="after")
    def _a_request_fits_the_queue(self) -> Self:
        for queue, most in (("queue_pictures", "max_pictures"), ("queue_mb", "max_request_mb")):
            if getattr(self, queue) < getattr(self, most):
                raise ValueError(f"{queue} is less than {most}: the largest request would never be taken")
        return self
