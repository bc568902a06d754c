"""Compiled templates, kept in the user's cache: Jinja takes 11 milliseconds of a processor to compile one."""

import contextlib

import jinja2
from jinja2.bccache import Bucket

from base.cache import cache_folder


class _QuietCache(jinja2.FileSystemBytecodeCache):
    """Jinja's own, for which a folder that cannot be read or written is one without anything in it."""

    def load_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


def compiled_templates() -> jinja2.BytecodeCache | None:
    """Return the cache of templates that this version of Jinja has compiled; None where there can be none."""
    folder = cache_folder("templates") / f"jinja-{jinja2.__version__}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return _QuietCache(str(folder), "%s.code")


def compile_template(environment: jinja2.Environment, source: str, *, name: str, file: str) -> jinja2.Template:
    """Return a template of the environment, whose cache is asked first. What is kept of another source is not used.

    Raises:
        jinja2.TemplateSyntaxError: it is none.
    """
    cache = environment.bytecode_cache
    bucket = cache.get_bucket(environment, name, file, source) if cache else None
    code = bucket.code if bucket else None
    if code is None:
        code = environment.compile(source, name=name, filename=file)
        if cache and bucket:
            bucket.code = code
            cache.set_bucket(bucket)
    return jinja2.Template.from_code(environment, code, environment.globals)
