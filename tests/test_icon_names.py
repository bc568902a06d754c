import pytest

from generator.libraries.icon_names import ALONE, AMBIGUOUS, PairCandidate, sort_names


def pairs(*names: str) -> list[tuple[str, str, str, str]]:
    """Return kind, on, the likeliest off and whether it is mixed, of the widgets among the names."""
    found = sort_names(names, coloured=False).pairs
    return [(one.kind, one.on, one.off[0], "mixed" if one.mixed else "") for one in found]


@pytest.mark.parametrize(
    ("kind", "on", "off"),
    [
        ("checkbox", "checkbox-marked", "checkbox-blank-outline"),
        ("checkbox", "check-square", "square"),
        ("checkbox", "square-check-filled", "square"),
        ("checkbox", "outline-check-box", "outline-check-box-outline-blank"),
        ("checkbox", "checkbox-checked", "checkbox"),
        ("checkbox", "checkbox-circle-line", "checkbox-blank-circle-line"),
        ("checkbox", "checkbox-checked-20-regular", "checkbox-unchecked-20-regular"),
        ("radio", "radiobox-marked", "radiobox-blank"),
        ("radio", "radio-button-on", "radio-button-off"),
        ("radio", "circle-dot", "circle"),
        ("radio", "record-circle-fill", "circle-fill"),
        ("switch", "toggle-on", "toggle-off"),
        ("switch", "toggle-right-bold", "toggle-left-bold"),
        ("switch", "toggle-switch", "toggle-switch-off"),
    ],
)
def test_the_two_states_of_a_widget_are_found_by_their_names(kind: str, on: str, off: str) -> None:
    assert pairs(on, off) == [(kind, on, off, "")]


@pytest.mark.parametrize("name", ["minus-square", "square-minus", "checkbox-indeterminate", "indeterminate-check-box"])
def test_a_mixed_box_is_on_and_said_to_be_mixed(name: str) -> None:
    assert pairs(name, "square") == [("checkbox", name, "square", "mixed")]


def test_a_widget_is_paired_within_its_style_and_the_likeliest_blank_comes_first() -> None:
    names = (
        "check-square-bold",
        "square-bold",
        "square",
        "checkbox-marked",
        "checkbox-blank",
        "checkbox-blank-outline",
    )
    found = sort_names(names, coloured=False).pairs
    assert [one.off for one in found if one.on == "check-square-bold"] == [("square-bold",)]
    blanks = next(one.off for one in found if one.on == "checkbox-marked")
    assert blanks == ("checkbox-blank", "checkbox-blank-outline", "square")


def test_a_bare_checkbox_has_the_state_that_no_other_is_called_by() -> None:
    assert pairs("checkbox-line", "checkbox-blank-line") == [("checkbox", "checkbox-line", "checkbox-blank-line", "")]
    # Ticked boxes that are called squares say nothing of what is called a checkbox.
    assert ("checkbox", "checkbox", "square", "") in pairs("checkbox", "square-check", "square")
    assert pairs("checkbox-outline", "checkbox-marked", "checkbox-blank") == [
        ("checkbox", "checkbox-marked", "checkbox-blank", "")
    ]


@pytest.mark.parametrize(
    "name",
    ["check", "check-circle", "badge-check", "done-all", "calendar-check", "shield-tick", "heart", "star-outline",
     "eye", "lock-open", "bell-off", "x-square", "circle-x", "square-dashed", "2-circle-off", "power", "wifi",
     "toggle-left", "radio", "task-list", "thumbs-up", "switch-camera", "stop"],
)  # fmt: skip
def test_a_name_that_may_mean_a_state_is_left_out(name: str) -> None:
    dealt = sort_names((name, "arrow-left"), coloured=False)
    assert dealt.others == ("arrow-left",)
    assert dealt.pairs == ()
    assert dealt.left_out[name] in (AMBIGUOUS, ALONE)


@pytest.mark.parametrize("name", ["arrow-right", "office-building", "user-check", "arrow-down-square", "keyboard", "x"])
def test_other_names_are_no_widgets(name: str) -> None:
    assert sort_names((name,), coloured=False).others == (name,)


def test_pictures_that_are_lit_by_their_fill_are_left_out_unless_they_have_colours() -> None:
    assert sort_names(("sun",), coloured=False).left_out == {"sun": AMBIGUOUS}
    assert sort_names(("sun", "red-heart"), coloured=True).others == ("sun",)


def test_declared_names_are_left_out_and_every_name_is_in_one_place() -> None:
    names = ("check-square", "square", "toggle-left", "todoist", "brand", "arrow")
    dealt = sort_names(names, coloured=False, ambiguous=("brand",))
    assert dealt.others == ("arrow",)
    assert dealt.pairs == (PairCandidate("checkbox", "check-square", ("square",), mixed=False),)
    assert dealt.left_out == {"brand": AMBIGUOUS, "toggle-left": ALONE, "todoist": AMBIGUOUS}
