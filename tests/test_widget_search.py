import pytest

from base.errors import NoSuchWidgetError, SeveralWidgetsError
from model.captioning.widget_search import find_widget, fold_label, in_words, search_widgets
from model.finding.widgets import FoundWidget


def labelled(*labels: str | None) -> list[FoundWidget]:
    return [
        FoundWidget("switch", "checked", (10, 20 * place, 40, 20), 0.9, 0.96, label=label)
        for place, label in enumerate(labels)
    ]


@pytest.mark.parametrize(
    ("label", "text"),
    [
        ("Wi-Fi", "wi-fi"),
        ("Mode  Avion", "mode avion"),
        ("Réglages", "reglages"),
        ("Şifreyi hatırla", "sifreyi hatirla"),
        ("Dźwięki i łączność", "dzwieki i lacznosc"),
        ("Newsletter:", "newsletter"),
        ("Rememberme", "Remember me"),
        ("Straße", "STRASSE"),
    ],
)
def test_case_accents_spaces_and_what_stands_at_the_ends_do_not_matter(label: str, text: str) -> None:
    found = search_widgets(labelled("Sound", label), text)
    assert (found.how, [widget.label for widget in found.matches]) == ("exact", [label])


def test_equal_beats_holding_and_holding_beats_likeness() -> None:
    widgets = labelled("Wi-Fi calling", "Wi-Fi", "Wi-Fl")
    assert find_widget(widgets, "Wi-Fi").label == "Wi-Fi"
    assert find_widget(widgets[::2], "Wi-Fi").label == "Wi-Fi calling"
    assert find_widget(widgets[2:], "Wi-Fi").label == "Wi-Fl"


def test_several_that_match_alike_are_all_named() -> None:
    widgets = labelled("Wi-Fi calling", "Wi-Fi sharing", "Sound")
    assert search_widgets(widgets, "wi-fi").matches == tuple(widgets[:2])
    with pytest.raises(
        SeveralWidgetsError, match=r"2 widgets match 'wi-fi' \(contains\): switch 'Wi-Fi calling' checked"
    ):
        find_widget(widgets, "wi-fi")


def test_where_nothing_matches_the_nearest_labels_are_named() -> None:
    with pytest.raises(
        NoSuchWidgetError, match="no widget is labelled 'Blootoot'; nearest labels: 'Bluebook', 'Wi-Fi'"
    ):
        find_widget(labelled("Wi-Fi", "Bluebook", None), "Blootoot")
    with pytest.raises(LookupError, match="nearest labels: none: no widget has a label"):
        find_widget(labelled(None), "Wi-Fi")


def test_nothing_matches_an_empty_text() -> None:
    assert search_widgets(labelled("Wi-Fi", ""), "").matches == ()


def test_what_is_only_punctuation_is_kept() -> None:
    assert fold_label(" … ") == fold_label("...") == "..."


def test_a_widget_is_said_in_words() -> None:
    [widget] = labelled("Wi-Fi")
    assert in_words(widget) == "switch 'Wi-Fi' checked 96% at 10,0 40x20"
