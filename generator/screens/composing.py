"""Composing: a layout's template asks for widgets, words and numbers, and every answer is drawn and kept."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

from markupsafe import Markup

from base.errors import TemplateError
from base.seeds import rng_for
from generator.crops.recipe import Recipe
from generator.families.family import Family, ParameterValue
from generator.families.screen_layout import LAYOUT_NAMES, SCREENS, ScreenLayout
from generator.families.theme import mix, script_of
from generator.families.words import draw_words
from generator.rendering.filling import fill_template
from generator.sampling.cell import LOOK, Cell
from generator.sampling.placement import BARE
from generator.screens.kit import (
    DISABLED,
    MIXED,
    WIDGET_KINDS,
    Kit,
    KitMember,
    as_wanted,
    draw_kit,
    draws_an_indicator,
    is_enabled,
    item_params,
)
from generator.screens.page_html import LayoutWidget, app_html, framed_html

ITEMS_A_SCREEN = 10_000
"""How many numbers each screen has for its items."""

HOLDS_OTHERS = "app("
"""What the source of a layout has in it that shows other layouts."""


@dataclass(frozen=True)
class ScreenItem:
    """What a family draws on a screen: its cell, its label's words, and whether a widget can be used."""

    cell: Cell
    text: str
    enabled: bool


@dataclass
class Composition:
    """A screen while it is composed: what it is drawn from, and the items that its layouts have asked for so far."""

    recipe: Recipe
    index: int
    items: list[ScreenItem] = field(default_factory=list)

    def add(self, item: ScreenItem) -> int:
        """Keep an item; return its number."""
        self.items.append(item)
        return len(self.items) - 1

    def others(self, *, fits: bool | None = None) -> list[ScreenLayout]:
        """Return the layouts that can stand in another one."""
        every = [one for one in self.recipe.layouts.values() if HOLDS_OTHERS not in one.source]
        return [one for one in every if fits is None or one.declared.fits == fits]


def compose_app(
    screen: Composition, layout: ScreenLayout, *, size_px: tuple[int, int], kit: Kit, parts: Sequence[int | str]
) -> str:
    """Return the HTML of one application in which the places of items are marked; `parts` name it to the generators.

    Raises:
        TemplateError: the layout's template is broken.
    """
    rng = rng_for(screen.recipe.seed, screen.index, *parts, "layout")
    script = script_of(kit.theme)
    params = {name: parameter.draw(rng, script) for name, parameter in layout.declared.params.items()}
    answers = _Answers(screen, layout, kit, rng, tuple(parts), size_px)
    body = fill_template(f"{SCREENS}/{layout.name}", layout.source, answers.names() | params)
    frames = layout.declared.frames
    frame = rng.choices(list(frames), list(frames.values()))[0]
    whole = app_html(body, kit.theme, fits=layout.declared.fits)
    return framed_html(frame, whole, answers.names(), fits=layout.declared.fits)


@dataclass(frozen=True)
class _Answers:
    """What a template can ask for. All of it comes from one generator, in the order of the questions."""

    screen: Composition
    layout: ScreenLayout
    kit: Kit
    rng: random.Random
    parts: tuple[int | str, ...]
    size_px: tuple[int, int]

    def names(self) -> dict[str, Any]:
        """Return the names that templates get, those of LAYOUT_NAMES."""
        theme = self.kit.theme
        own: dict[str, Any] = {"t": theme, "width": self.size_px[0], "height": self.size_px[1]}
        return own | {name: getattr(self, name) for name in LAYOUT_NAMES if name not in own}

    def pick(self, low: int, high: int) -> int:
        return self.rng.randint(low, high)

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def choose(self, *options: Any) -> Any:  # noqa: ANN401  whatever a template gives
        return self.rng.choice(options)

    def shuffled(self, options: Iterable[Any]) -> list[Any]:
        options = list(options)
        return self.rng.sample(options, len(options))

    def words(self, low: int, high: int) -> str:
        return draw_words(self.rng, script_of(self.kit.theme), low, high)

    def sentence(self) -> str:
        return self.words(4, 12) + self.rng.choice((".", ".", "", "!", "?", ":"))

    def paragraph(self, low: int = 20, high: int = 60) -> str:
        count, text = self.rng.randint(low, high), ""
        while len(text.split()) + len(text) // 40 < count:
            text += " " + self.sentence()
        return text.strip()

    def number(self, low: int, high: int) -> str:
        return f"{self.rng.randint(low, high):,}"

    def datum(self) -> str:
        """Return what stands in a cell of a table: a number, a date, a price, an address."""
        rng = self.rng
        day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2009, 2031)
        return rng.choice(
            (
                f"{rng.randint(0, 9999)}",
                f"{rng.uniform(0, 100):.1f} %",
                f"{rng.choice(('$', '€', '£', ''))}{rng.uniform(0, 4000):,.2f}",
                f"{year}-{month:02d}-{day:02d}",
                f"{day:02d}/{month:02d}/{year % 100:02d}",
                f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}",
                f"{rng.randint(1, 980)} {rng.choice(('KB', 'MB', 'GB', 'ms', 'km'))}",
                f"{rng.choice(('AB', 'KR', 'MV', 'TX', 'ZD', 'GL'))}-{rng.randint(100, 99999)}",
                f"{rng.choice(('info', 'mail', 'anna', 'j.lee', 'sales'))}@example.{rng.choice(('com', 'org'))}",
                self.words(1, 2),
            )
        )

    def shade(self, share: float, colour: str | None = None) -> str:
        """Return the ground with so much of a colour in it, the ink's where none is given."""
        return mix(self.kit.theme.ground, colour or self.kit.theme.ink, share)

    def has(self, pattern: str) -> bool:
        """Tell whether there is a family of such a name to draw from."""
        return any(fnmatchcase(name, pattern) for name in self.screen.recipe.palette.families)

    def widget(
        self,
        kind: str = "any",
        text: str | None = None,
        *,
        words: tuple[int, int] = (1, 4),
        on: bool | None = None,
        enabled: bool | None = None,
        mixed: bool | None = None,
        family: str | None = None,
    ) -> LayoutWidget:
        """Draw a widget of a kind; of another one where the families have none of it, of which `text` is the label."""
        member = self._named(family) or self._member(kind)
        rng = self._item_rng()
        params = item_params(member, rng, self.kit.theme)
        if mixed is not None:
            for name in MIXED:
                params |= as_wanted(member, name, wanted=mixed)
        if enabled is not None:
            params |= as_wanted(member, DISABLED, wanted=not enabled)
        text = draw_words(rng, script_of(self.kit.theme), *words) if text is None else text
        # The state comes last, so that nothing else that is drawn depends on it.
        on = rng.random() < self.kit.share_on if on is None else on
        states = member.family.declared.states
        state = states[0] if on or len(states) == 1 else rng.choice(states[1:])
        return self._place(member.family, state, params, text)

    def group(
        self, count: int, kind: str = "radio", *, words: tuple[int, int] = (1, 3), enabled: bool | None = None
    ) -> list[LayoutWidget]:
        """Draw widgets of which one is on, or now and then none."""
        chosen = self.rng.randrange(count) if count and self.rng.random() < 0.93 else -1
        return [self.widget(kind, words=words, on=number == chosen, enabled=enabled) for number in range(count)]

    def any_widget(self) -> LayoutWidget:
        """Draw a widget of any family that there is, in a style of its own."""
        able = [one for one in self._families() if draws_an_indicator(one)]
        rng = self._item_rng()
        family = rng.choices(able, [one.declared.weight for one in able])[0]
        params = family.draw_params(rng, script_of(self.kit.theme)) | self._look(family)
        text = draw_words(rng, script_of(self.kit.theme), 1, 5)
        return self._place(family, rng.choice(family.declared.states), params, text)

    def tri_state(self, widgets: Sequence[LayoutWidget], text: str | None = None) -> LayoutWidget:
        """Draw the checkbox above others: on if all are, off if none is, and neither else, where families can."""
        cells = [self.screen.items[one.number].cell for one in widgets]
        states = self.screen.recipe.palette.families
        lit = [cell.state == states[cell.family].declared.states[0] for cell in cells]
        return self.widget("checkbox", text, words=(1, 3), on=any(lit), mixed=any(lit) and not all(lit), enabled=True)

    def thing(self, *patterns: str, widest: int | None = None) -> Markup:
        """Draw something that is no checkbox, radio or switch; nothing where no family has such a name."""
        able = [
            one
            for one in self._families()
            if _is_thing(one)
            if not patterns or any(fnmatchcase(one.name, pattern) for pattern in patterns)
        ]
        if not able:
            return Markup("")
        rng = self._item_rng()
        family = rng.choices(able, [one.declared.weight for one in able])[0]
        params = family.draw_params(rng, script_of(self.kit.theme)) | self._look(family)
        placed = self._place(family, rng.choice(family.declared.states), params, "")
        width = f"max-width:{widest}px;overflow:hidden;" if widest else ""
        return Markup(f'<span style="display:inline-flex;flex:none;{width}">{placed.box}</span>')

    def app(self, width: int, height: int) -> Markup:
        """Draw another application, in its window."""
        others = self.screen.others()
        if not others:
            raise TemplateError(f"{self.layout.name} shows other layouts, and none but it was chosen; add --layout")
        layout = self.rng.choices(others, [one.declared.weight for one in others])[0]
        parts = (*self.parts, len(self.screen.items), "app")
        recipe, seed = self.screen.recipe, (self.screen.index, *parts)
        kit = draw_kit(recipe.palette, layout.declared, seed=recipe.seed, parts=seed)
        windowed = replace(layout, declared=layout.declared.model_copy(update={"frames": WINDOWS, "fits": False}))
        return Markup(compose_app(self.screen, windowed, size_px=(width, height), kit=kit, parts=parts))

    def _families(self) -> list[Family]:
        """Return the families that go with the kit: those of its library, and things that belong to none."""
        library = next((one.family.dressed_by for one in self.kit.members.values()), None)
        families = self.screen.recipe.palette.families.values()
        return [one for one in families if one.dressed_by in (library, None if _is_thing(one) else library)]

    def _look(self, family: Family) -> dict[str, ParameterValue]:
        return {LOOK: self.kit.theme.mode} if family.dressed_by else {}

    def _member(self, kind: str) -> KitMember:
        members = self.kit.members
        if kind == "any":
            kind = self.rng.choices(WIDGET_KINDS, (5, 3, 4))[0]
        wanted = [one for one in kind.split("|") if one in members]
        return members[self.rng.choice(wanted or list(members))]

    def _named(self, family: str | None) -> KitMember | None:
        found = self.screen.recipe.palette.families.get(family or "")
        if found is None:
            return None
        rng = rng_for(self.screen.recipe.seed, self.screen.index, *self.parts, found.name)
        params = found.draw_params(rng, script_of(self.kit.theme))
        return KitMember(found, params)

    def _item_rng(self) -> random.Random:
        return rng_for(self.screen.recipe.seed, self.screen.index, "item", len(self.screen.items))

    def _place(self, family: Family, state: str, params: Mapping[str, Any], text: str) -> LayoutWidget:
        style = self.screen.index * ITEMS_A_SCREEN + len(self.screen.items)
        cell = Cell(style, family.name, family.declared.kind, state, self.kit.theme, params, BARE, ())
        number = self.screen.add(ScreenItem(cell, text, is_enabled(params)))
        return LayoutWidget(number, text, inside=family.declared.label == "inside")


def _is_thing(family: Family) -> bool:
    return family.declared.kind not in WIDGET_KINDS


WINDOWS = {"window": 3.0, "classic": 1.0, "browser": 1.0}
"""The frames of applications on a desktop."""
