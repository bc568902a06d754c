import re
from dataclasses import replace

import pytest

from base.errors import TemplateError
from generator.families.family import load_families
from generator.families.screen_layout import load_layouts
from generator.sampling.cell import Palette
from generator.screens.screen_plan import ScreenPlan, draw_screen, page_html
from tests.families import BOX, WORD, family
from tests.screens import MATTER, layout, recipe_of

RADIO = family("radio_box", BOX.replace('"checkbox"', '"radio"'))
SWITCH = family("switch_box", BOX.replace('"checkbox"', '"switch"'))
ALL = (family(), RADIO, SWITCH, family("word", WORD))
DIM = family("dim", BOX.replace("[params]", "[params]\ndisabled = {chance = 0.5}\nmixed = {chance = 0.5}"))


def compose(body: str, *families: object, seed: int = 0, matter: str = MATTER) -> ScreenPlan:
    return draw_screen(recipe_of(layout(body, matter=matter), families=families or ALL, seed=seed), 0)  # type: ignore[arg-type]  # families


def words_of(plan: ScreenPlan) -> str:
    return re.sub(r"<[^>]+>", " ", plan.body)


def test_a_widget_is_kept_with_its_place_and_its_words() -> None:
    plan = compose("{% set w = widget('switch', 'Wi-Fi', on=true) %}<p>{{ w.label }}{{ w.box }}</p>")
    [item] = plan.items
    assert (item.cell.kind, item.cell.state, item.text) == ("switch", "checked", "Wi-Fi")
    assert '<span data-for="0">Wi-Fi</span><span class="item" data-item="0"></span>' in plan.body


def test_words_of_a_label_cannot_become_html() -> None:
    assert "&lt;b&gt;" in compose("{{ widget('checkbox', '<b>').label }}").body


def test_all_widgets_of_a_kind_look_alike_on_one_screen_but_for_what_passes() -> None:
    plan = compose("{% for one in range(40) %}{{ widget('checkbox') }}{% endfor %}", DIM)
    assert len({item.cell.params["size_px"] for item in plan.items}) == 1
    assert {item.enabled for item in plan.items} == {True, False}
    assert {item.cell.state for item in plan.items} == {"checked", "unchecked"}


def test_every_family_and_every_layout_go_together() -> None:
    layouts, families = load_layouts(), load_families()
    recipe = replace(recipe_of(*layouts.values()), palette=Palette(families, ("sans-serif",), ("latin", "arabic")))
    drawn = set()
    for index, name in enumerate([*layouts] * 4):
        plan = draw_screen(recipe, index, layout=name)
        assert not re.search(r'data-item="\d+"></span>', page_html(plan, families))
        drawn |= {item.cell.family for item in plan.items}
    assert len(drawn) > 150


def test_a_kind_that_no_family_has_becomes_another() -> None:
    plan = compose("{{ widget('radio') }}{{ widget('switch') }}", family())
    assert [item.cell.kind for item in plan.items] == ["checkbox", "checkbox"]


def test_a_group_has_one_that_is_on_or_none() -> None:
    lit = [
        sum(
            item.cell.state == "checked"
            for item in compose("{% for w in group(4) %}{{ w }}{% endfor %}", seed=seed).items
        )
        for seed in range(40)
    ]
    assert set(lit) == {0, 1}
    assert lit.count(1) > 30


@pytest.mark.parametrize(
    ("states", "expected"),
    [("[true, true]", (True, False)), ("[true, false]", (True, True)), ("[false, false]", (False, False))],
)
def test_the_box_above_others_says_all_some_or_none(states: str, expected: tuple[bool, bool]) -> None:
    body = "{% set ws = [] %}{% for on in STATES %}{% set _ = ws.append(widget('checkbox', on=on)) %}{% endfor %}"
    plan = compose(body.replace("STATES", states) + "{{ tri_state(ws) }}", DIM)
    above = plan.items[-1]
    assert (above.cell.state == "checked", above.cell.params["mixed"]) == expected


def test_what_is_asked_to_be_disabled_is() -> None:
    plan = compose("{{ widget('checkbox', enabled=false) }}{{ widget('checkbox', enabled=true) }}", DIM)
    assert [item.enabled for item in plan.items] == [False, True]


def test_things_are_no_widgets_and_a_name_that_no_family_has_gives_nothing() -> None:
    plan = compose("{{ thing() }}{{ thing('wor*') }}<i>{{ thing('nothing_*') }}</i>")
    assert [item.cell.kind for item in plan.items] == ["none", "none"]
    assert "<i></i>" in plan.body


def test_screens_of_one_layout_differ_and_the_same_seed_gives_the_same() -> None:
    body = "{{ words(1, 5) }} {{ datum() }} {{ pick(1, 99) }} {{ sentence() }} {{ choose('a', 'b') }}"
    one, again, other = compose(body), compose(body), compose(body, seed=1)
    assert one == again
    assert words_of(one) != words_of(other)


def test_state_decides_nothing_else() -> None:
    on, off = (
        compose(f"{{{{ widget('checkbox', on={word}).label }}}} {{{{ words(1, 9) }}}}") for word in ("true", "false")
    )
    assert on.body == off.body
    assert [item.cell.params for item in on.items] == [item.cell.params for item in off.items]


def test_an_application_in_another_has_a_theme_of_its_own() -> None:
    desk = layout("{{ app(200, 100) }}{{ app(200, 100) }}", name="desk", matter=MATTER.partition("[theme]")[0])
    inner = layout("<p>{{ widget() }}</p>", matter=MATTER.partition("[theme]")[0])
    grounds = set()
    for seed in range(6):
        plan = draw_screen(recipe_of(desk, inner, families=ALL, seed=seed), 0, layout="desk")
        assert len(plan.items) == 2
        grounds |= {item.cell.theme.ground for item in plan.items}
    assert len(grounds) > 3


def test_an_application_in_another_needs_another_layout() -> None:
    with pytest.raises(TemplateError, match="desk shows other layouts, and none but it was chosen"):
        draw_screen(recipe_of(layout("{{ app(200, 100) }}", name="desk"), families=ALL), 0)


def test_families_that_a_layout_prefers_are_mostly_drawn() -> None:
    other = family("fancy", BOX)
    matter = 'families = ["fan*"]\n' + MATTER
    names = [
        compose("{{ widget() }}", family(), other, seed=seed, matter=matter).items[0].cell.family for seed in range(60)
    ]
    assert 40 < names.count("fancy") < 60
