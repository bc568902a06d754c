from hypothesis import given
from hypothesis import strategies as st

from model.captioning.label_assignment import choose_lines
from model.captioning.text_lines import TextLine, cut_at_widgets
from model.captioning.widget_labels import assign_labels
from model.finding.widgets import FoundWidget
from model.running.readings import BoxPx


def box(left: float, top: float, kind: str = "checkbox") -> FoundWidget:
    return FoundWidget(kind, "checked", (left, top, 40.0 if kind == "switch" else 20.0, 20.0), 0.9, 0.9)


def line(text: str, left: float, top: float, height: float = 20) -> TextLine:
    return TextLine((left, top, 9.0 * len(text), height), text, 0.99)


def test_the_words_right_of_a_box_are_its_label() -> None:
    widgets = [box(10, 10), box(10, 50), box(10, 90)]
    texts = [line("Settings", 10, -30), line("Wi-Fi", 40, 10), line("Sound", 40, 50), line("Battery", 40, 90)]
    assert assign_labels(widgets, texts) == ["Wi-Fi", "Sound", "Battery"]


def test_the_switch_of_a_settings_row_has_its_label_at_the_other_end() -> None:
    widgets = [box(900, 10 + 60 * row, "switch") for row in range(3)]
    names = ["Wi-Fi", "Bluetooth", "Mobile data"]
    texts = [line(name, 20, 10 + 60 * row) for row, name in enumerate(names)]
    assert assign_labels(widgets, [*texts, line("On", 850, 70)]) == names


def test_a_description_below_the_label_is_left_out_wherever_the_switch_stands() -> None:
    titles = [line("Wi-Fi", 20, 0), line("Bluetooth", 20, 60)]
    below = [line("Connects to networks that are known", 20, 21, 15), line("Finds what is near", 20, 81, 15)]
    for top in (0, 8):
        widgets = [box(600, top, "switch"), box(600, 60 + top, "switch")]
        assert assign_labels(widgets, [*titles, *below]) == ["Wi-Fi", "Bluetooth"]


def test_a_label_that_is_wrapped_is_joined() -> None:
    texts = [line("I have read the terms of use and", 40, 10), line("agree to them", 40, 32), line("Save", 40, 120)]
    assert assign_labels([box(10, 10)], texts) == ["I have read the terms of use and agree to them"]


def test_each_of_a_row_of_radio_buttons_has_the_words_after_it() -> None:
    widgets = [box(left, 10, "radio") for left in (10, 110, 210)]
    texts = [line("Yes", 36, 10), line("No", 136, 10), line("Maybe", 236, 10)]
    assert assign_labels(widgets, texts) == ["Yes", "No", "Maybe"]


def test_a_line_that_was_found_through_widgets_is_cut_there() -> None:
    whole: BoxPx = (8, 8, 300, 24)
    widgets = [box(10, 10, "radio"), box(110, 10, "radio")]
    parts = cut_at_widgets([whole, (0, 80, 50, 20)], [widget.box for widget in widgets])
    assert parts == [(30, 8, 80, 24), (130, 8, 178, 24), (0, 80, 50, 20)]
    assert choose_lines(widgets, parts) == [(0,), (1,)]


def test_what_runs_to_the_left_has_its_labels_left_of_the_boxes() -> None:
    widgets = [box(left, 10, "radio") for left in (300, 200, 100)]
    texts = [line("כן", 276, 10), line("לא", 176, 10), line("אולי", 58, 10)]
    assert assign_labels(widgets, texts) == ["כן", "לא", "אולי"]
    parts = [line("שלום", 60, 50), line("עולם", 22, 50)]
    assert assign_labels([box(100, 50)], parts) == ["שלום עולם"]


def test_a_form_has_its_labels_above_the_switches() -> None:
    widgets = [box(20, 40 + 80 * row, "switch") for row in range(3)]
    texts = [line(name, 20, 14 + 80 * row) for row, name in enumerate(("Name", "Street", "Town"))]
    assert assign_labels(widgets, texts) == ["Name", "Street", "Town"]


def test_a_table_of_choices_gives_the_rows_label_and_the_columns_head() -> None:
    widgets = [box(left, top) for top in (40, 80) for left in (200, 300)]
    texts = [line("Read", 192, 5), line("Write", 290, 5), line("Editors", 10, 40), line("Guests", 10, 80)]
    assert assign_labels(widgets, texts) == ["Editors Read", "Editors Write", "Guests Read", "Guests Write"]


def test_an_icon_between_box_and_words_is_no_part_of_the_label() -> None:
    assert choose_lines([box(10, 10)], [(36, 9, 22, 22), (62, 10, 120, 20)]) == [(1,)]


def test_far_words_are_nobodys_label_and_without_text_there_is_none() -> None:
    assert assign_labels([box(10, 10)], [line("Imprint", 10, 600)]) == [None]
    assert assign_labels([box(10, 10)], []) == [None]
    assert assign_labels([], [line("Imprint", 10, 600)]) == []


places = st.tuples(*[st.integers(0, 600)] * 2)


@given(st.lists(places, max_size=12, unique=True), st.lists(places, max_size=20, unique=True))
def test_a_line_labels_one_widget_at_most_and_moving_all_changes_nothing(
    spots: list[tuple[int, int]], lines: list[tuple[int, int]]
) -> None:
    widgets = [box(left, top) for left, top in spots]
    boxes: list[BoxPx] = [(left, top, 80.0, 18.0) for left, top in lines]
    chosen = choose_lines(widgets, boxes)
    assert len(chosen) == len(widgets)
    assert all(0 <= index < len(boxes) for label in chosen for index in label)
    moved = [FoundWidget(w.kind, w.state, (w.box[0] + 64, w.box[1] + 32, *w.box[2:]), 0.9, 0.9) for w in widgets]
    assert choose_lines(moved, [(b[0] + 64, b[1] + 32, *b[2:]) for b in boxes]) == chosen
