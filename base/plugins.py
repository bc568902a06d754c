"""Catalogues that other distributions add to: what is built in, and what installed entry points name."""

import importlib
import importlib.metadata
import inspect
import multiprocessing
import operator
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, TypeVar

from base.counting import counted
from base.errors import PluginError, unknown_choice
from base.timing import package_log

GROUP_PREFIX = "boxwright."
"""What the names of our groups of entry points begin with; each group adds to one catalogue."""

PLUGIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""What an added thing can be called: its name stands in file names, in lists by commas and before a slash."""

_Value = TypeVar("_Value")

Check = Callable[[object], str]
"""Takes what an entry point named; gives what it should have been where it is not that, else nothing."""

LOG = package_log(__name__)


@dataclass(frozen=True)
class Plugin:
    """A thing that a distribution adds: its name, the distribution with its version, and where it is, MODULE:NAME."""

    name: str
    provider: str
    reference: str


@dataclass(frozen=True)
class ListedPlugin:
    """An added thing and why it cannot be used; nothing where it can."""

    plugin: Plugin
    fault: str


class PluginCatalogue(Mapping[str, _Value], Generic[_Value]):
    """Name to thing, the built-in ones first. A thing is loaded when it is asked for, its name is known before.

    A name that several distributions claim is nobody's, and one that is built in stays so: things are told apart by
    their names alone.

    Args:
        kind: what one of them is called in messages.
        built_in: name to the thing itself, or to where it is, MODULE:NAME, where importing that is dear.
        group: of the entry points that add to it.
        check: refuses what an entry point names by mistake.
    """

    def __init__(self, kind: str, built_in: Mapping[str, _Value | str], *, group: str, check: Check) -> None:
        self.kind = kind
        self.group = group
        self.built_in = built_in
        self._check = check
        self._loaded: dict[str, _Value] = {}
        self._told = False

    def __getitem__(self, name: str) -> _Value:
        """Return the thing of that name.

        Raises:
            KeyError: there is none.
            PluginError: a distribution adds it, and it cannot be used.
        """
        if name in self.built_in:
            found = self.built_in[name]
            return resolve(found) if isinstance(found, str) else found
        if name not in self._loaded:
            if name in self._contested:
                raise PluginError(self._contested[name])
            plugin = self._added[name]
            try:
                self._loaded[name] = _load(plugin, self._check)
            except PluginError as error:
                raise PluginError(
                    f"{self.kind} '{name}' of {plugin.provider} cannot be used: {error}; mend or uninstall it"
                ) from error
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        self._tell_refused()
        yield from self.built_in
        yield from self._added

    def __len__(self) -> int:
        return len(self.built_in) + len(self._added)

    def __contains__(self, name: object) -> bool:
        return name in self.built_in or name in self._added

    def choose(self, name: str, *, others: Iterable[str] = ()) -> _Value:
        """Return the thing of that name.

        Raises:
            InputError: there is none; the message lists what there is, and `others`.
            PluginError: a distribution adds it, and it cannot be used.
        """
        self._tell_refused()
        try:
            return self[name]
        except KeyError:
            raise unknown_choice(self.kind, name, (*self, *others)) from None

    def provider(self, name: str) -> str:
        """Return the distribution, with its version, that adds what has that name; nothing for what is built in."""
        return self._added[name].provider if name in self._added else ""

    def knows(self, name: str) -> bool:
        """Tell whether anything is built in or installed under a name, whether or not it can be used."""
        return name in self.built_in or any(plugin.name == name for plugin in self._found)

    def sound(self) -> Iterator[str]:
        """Yield the names of what can be used, and log why where something cannot."""
        self._tell_refused()
        yield from self.built_in
        for name in self._added:
            try:
                self[name]
            except PluginError as error:
                LOG.warning("%s", error)
            else:
                yield name

    def listed(self) -> Iterator[ListedPlugin]:
        """Yield all that distributions add, or would, and what is wrong with it; each is loaded."""
        for plugin in self._found:
            yield ListedPlugin(plugin, self._fault(plugin))

    def _tell_refused(self) -> None:
        """Log, once, what is left out and why; a worker process leaves that to its parent."""
        if not self._told and multiprocessing.parent_process() is None:
            for plugin, reason in self._refused.items():
                LOG.warning("%s '%s' of %s is left out: %s", self.kind, plugin.name, plugin.provider, reason)
        self._told = True

    def _fault(self, plugin: Plugin) -> str:
        if plugin.name not in self._added:
            return self._refused[plugin]
        try:
            self[plugin.name]
        except PluginError as error:
            return str(error.__cause__)
        return ""

    @cached_property
    def _found(self) -> tuple[Plugin, ...]:
        return find_plugins(self.group)

    @cached_property
    def _added(self) -> dict[str, Plugin]:
        return {plugin.name: plugin for plugin in self._found if plugin not in self._refused}

    @cached_property
    def _refused(self) -> dict[Plugin, str]:
        """Why things are not in the catalogue whatever they are."""
        refused = {}
        for plugin in self._found:
            others = [other.provider for other in self._found if other.name == plugin.name and other is not plugin]
            if plugin.name in self.built_in:
                refused[plugin] = f"the name is that of a built-in {self.kind} of boxwright; it needs another"
            elif others:
                refused[plugin] = f"{', '.join(others)} has one of that name too; uninstall one of them"
            elif not PLUGIN_NAME.fullmatch(plugin.name):
                refused[plugin] = "a name has letters, digits and . _ - only"
        return refused

    @cached_property
    def _contested(self) -> dict[str, str]:
        """What to say to who asks for a name that is nobody's because several claim it."""
        claims: dict[str, list[str]] = {}
        for plugin in self._refused:
            if plugin.name not in self.built_in:
                claims.setdefault(plugin.name, []).append(plugin.provider)
        return {
            name: f"{self.kind} '{name}' comes with {' and with '.join(who)}; uninstall one of them"
            for name, who in claims.items()
            if len(who) > 1
        }


def find_plugins(group: str) -> tuple[Plugin, ...]:
    """Return what installed distributions add to a group, by name; nothing of it is imported."""
    try:
        entries = importlib.metadata.entry_points(group=group)
        found = [Plugin(entry.name, _provider(entry.dist), entry.value) for entry in entries]
    except Exception as error:  # an installed distribution whose metadata is damaged must not stop the others' work
        LOG.warning("additions of group %s cannot be read: %s", group, describe_fault(error))
        return ()
    return tuple(sorted(found, key=lambda plugin: (plugin.name, plugin.provider, plugin.reference)))


def plugin_groups() -> tuple[str, ...]:
    """Return all groups that installed distributions add to and whose names begin as ours do."""
    try:
        groups = importlib.metadata.entry_points().groups
    except Exception as error:  # as in find_plugins
        LOG.warning("additions cannot be read: %s", describe_fault(error))
        return ()
    return tuple(sorted(group for group in groups if group.startswith(GROUP_PREFIX)))


def plugin_providers() -> tuple[str, ...]:
    """Return the distributions that add anything, each with its version."""
    return tuple(sorted({plugin.provider for group in plugin_groups() for plugin in find_plugins(group)}))


def name_providers(chosen: Iterable[tuple[PluginCatalogue[Any], str]]) -> dict[str, str]:
    """Return which distribution brings each of some things, by kind; nothing of what is built in."""
    found = {catalogue.kind: catalogue.provider(name) for catalogue, name in chosen}
    return {kind: provider for kind, provider in found.items() if provider}


def require_providers(chosen: Iterable[tuple[PluginCatalogue[Any], str]], providers: Mapping[str, str]) -> None:
    """See that what was made with additions finds them here again.

    Args:
        chosen: the names in each catalogue.
        providers: what `name_providers` gave when it was made.

    Raises:
        PluginError: a distribution that brought one is not installed; the message names both.
    """
    for catalogue, name in chosen:
        provider = providers.get(catalogue.kind)
        if provider and not catalogue.knows(name):
            install = f"pip install {provider.replace(' ', '==')}"
            raise PluginError(f"{catalogue.kind} '{name}' came with {provider}, which is not installed here: {install}")


def takes(count: int) -> Check:
    """Return a check that something can be called with so many arguments."""

    def check(thing: object) -> str:
        if not callable(thing):
            return f"a function of {counted(count, 'argument')}"
        try:
            inspect.signature(thing).bind(*[None] * count)
        except TypeError:
            return f"a function of {counted(count, 'argument')}"
        except ValueError:  # a function that is not written in Python does not say what it takes
            return ""
        return ""

    return check


def is_a(reference: str) -> Check:
    """Return a check that something is of a class, which is imported when there is something to check."""

    def check(thing: object) -> str:
        return "" if isinstance(thing, resolve(reference)) else f"a {reference.replace(':', '.')}"

    return check


def resolve(reference: str) -> Any:  # noqa: ANN401  whatever has that name
    """Import what MODULE:NAME says, NAME with dots where it lies in something."""
    module, _, name = reference.partition(":")
    loaded = importlib.import_module(module)
    return operator.attrgetter(name)(loaded) if name else loaded


def describe_fault(error: BaseException) -> str:
    """Return an error of somebody else's code in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}".rstrip(": ")


def _load(plugin: Plugin, check: Check) -> Any:  # noqa: ANN401  what its catalogue holds, once it is checked
    try:
        thing = resolve(plugin.reference.partition("[")[0].strip())
    except (Exception, SystemExit) as error:  # somebody else's module may raise anything
        raise PluginError(f"{plugin.reference} cannot be imported ({describe_fault(error)})") from error
    if expected := check(thing):
        raise PluginError(f"{plugin.reference} is {_article(type(thing).__name__)}, and should be {expected}")
    return thing


def _article(word: str) -> str:
    return f"{'an' if word[0].lower() in 'aeiou' else 'a'} {word}"


def _provider(distribution: importlib.metadata.Distribution | None) -> str:
    if distribution is None:
        return "an unknown distribution"
    return f"{distribution.name} {distribution.version}"
