import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from base.cluster import ClusterError, Home, _settle_in
from base.errors import InputError, PluginError
from base.plugins import (
    PluginCatalogue,
    is_a,
    name_providers,
    plugin_groups,
    plugin_providers,
    require_providers,
    takes,
)
from commands.support.installation import OPEN_CATALOGUES
from tests.distributions import install_distribution

ROOT = Path(__file__).parents[1]
GROUP = "boxwright.teas"
CODE = "def sencha(cup):\n    return 'green'\n\nassam = 'no function'\n\ndef mate(cup, gourd):\n    return 'green'\n"

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a distribution that names things of its own module, which is forgotten after the test."""
    monkeypatch.syspath_prepend(tmp_path)

    def run(name: str, code: str = CODE, *, group: str = GROUP, **entries: str) -> None:
        monkeypatch.delitem(sys.modules, name, raising=False)
        install_distribution(tmp_path, name, {group: entries}, code=code)

    return run


def black(cup: object) -> str:
    return "black"


def teas(**built_in: Any) -> PluginCatalogue[Callable[[object], str]]:
    return PluginCatalogue("tea", built_in or {"black": black}, group=GROUP, check=takes(1))


def test_what_is_built_in_comes_first_and_what_is_added_after(install: Install) -> None:
    install("leaves", sencha="leaves:sencha", another="leaves:sencha")
    catalogue = teas()
    assert list(catalogue) == ["black", "another", "sencha"]
    assert len(catalogue) == 3
    assert catalogue["black"] is black
    assert catalogue.choose("sencha")("cup") == "green"
    assert (catalogue.provider("sencha"), catalogue.provider("black")) == ("leaves 1.0", "")


def test_names_are_known_without_loading_anything(install: Install) -> None:
    install("leaves", "raise SystemExit('loaded')", sencha="leaves:sencha")
    catalogue = teas(slow="no_such_module:thing")
    assert list(catalogue) == ["slow", "sencha"]
    assert "sencha" in catalogue
    assert "leaves" not in sys.modules


def test_a_built_in_thing_can_be_named_by_where_it_is() -> None:
    assert teas(path="pathlib:Path.cwd")["path"] == Path.cwd


@pytest.mark.parametrize(
    ("code", "reference", "reason"),
    [
        ("import no_such_module", "leaves:sencha", r"ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0", "leaves:sencha", "ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)", "leaves:sencha", "SystemExit: 3"),
        (CODE, "leaves:oolong", "AttributeError: .*oolong"),
        (CODE, "petals:sencha", "No module named 'petals'"),
        (CODE, "leaves:assam", "leaves:assam is a str, and should be a function of 1 argument"),
        (CODE, "leaves:mate", "leaves:mate is a function, and should be a function of 1 argument"),
    ],
)
def test_what_is_broken_hurts_only_who_asks_for_it(
    install: Install, caplog: pytest.LogCaptureFixture, code: str, reference: str, reason: str
) -> None:
    install("leaves", code, sencha=reference)
    install("whole", yuzu="whole:sencha")
    catalogue = teas()
    assert list(catalogue.sound()) == ["black", "yuzu"]
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    with pytest.raises(PluginError, match=f"^tea 'sencha' of leaves 1.0 cannot be used: .*{reason}.*; mend") as caught:
        catalogue.choose("sencha")
    assert "\n" not in str(caught.value)
    assert str(caught.value) == caplog.messages[0]
    assert [(one.plugin.name, bool(one.fault)) for one in catalogue.listed()] == [("sencha", True), ("yuzu", False)]


def test_a_thing_of_the_wrong_class_is_refused(install: Install) -> None:
    install("leaves", sencha="leaves:sencha")
    catalogue: PluginCatalogue[Path] = PluginCatalogue("tea", {}, group=GROUP, check=is_a("pathlib:Path"))
    with pytest.raises(PluginError, match=r"leaves:sencha is a function, and should be a pathlib\.Path"):
        catalogue.choose("sencha")


def test_a_built_in_name_stays_what_it_was(install: Install, caplog: pytest.LogCaptureFixture) -> None:
    install("leaves", black="leaves:sencha", sencha="leaves:sencha")
    catalogue = teas()
    assert list(catalogue) == ["black", "sencha"]
    assert catalogue.choose("black") is black
    assert caplog.messages == [
        "tea 'black' of leaves 1.0 is left out: the name is that of a built-in tea of boxwright; it needs another"
    ]
    assert list(catalogue) == ["black", "sencha"]
    assert len(caplog.messages) == 1


def test_a_name_that_two_claim_is_neither_s_and_both_are_named(install: Install) -> None:
    install("leaves", sencha="leaves:sencha")
    install("petals", sencha="petals:sencha", rose="petals:sencha")
    catalogue = teas()
    assert list(catalogue) == ["black", "rose"]
    with pytest.raises(PluginError, match=r"'sencha' comes with leaves 1\.0 and with petals 1\.0; uninstall one"):
        catalogue.choose("sencha")
    faults = {one.plugin.provider: one.fault for one in catalogue.listed() if one.plugin.name == "sencha"}
    assert faults["leaves 1.0"] == "petals 1.0 has one of that name too; uninstall one of them"
    assert faults["petals 1.0"] == "leaves 1.0 has one of that name too; uninstall one of them"


@pytest.mark.parametrize("name", ["green/plain", "timm:green", "green,black", "-green"])
def test_a_name_that_would_be_read_as_something_else_is_left_out(
    install: Install, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    install("leaves", **{name: "leaves:sencha"})
    assert list(teas()) == ["black"]
    assert "a name has letters, digits and . _ - only" in caplog.text


def test_an_unknown_name_is_an_error_that_lists_what_is_added_too(install: Install) -> None:
    install("leaves", sencha="leaves:sencha")
    with pytest.raises(
        InputError, match=r"unknown tea 'sensha'; did you mean sencha\? available: black, sencha, white"
    ):
        teas().choose("sensha", others=["white"])


def test_what_was_made_with_an_addition_says_so_when_it_is_gone(install: Install) -> None:
    install("leaves", sencha="leaves:sencha")
    providers = name_providers([(teas(), "sencha")])
    assert providers == {"tea": "leaves 1.0"}
    assert name_providers([(teas(), "black")]) == {}
    require_providers([(teas(), "sencha")], providers)
    with pytest.raises(PluginError, match=r"tea 'mate' came with leaves 1\.0, .* not installed.*pip install leaves==1"):
        require_providers([(teas(), "mate")], providers)


def test_a_worker_on_a_machine_with_other_plug_ins_refuses(install: Install) -> None:
    home = Home.here()
    _settle_in(home)
    install("leaves", sencha="leaves:sencha")
    assert "leaves 1.0" in plugin_providers()
    assert GROUP in plugin_groups()
    with pytest.raises(ClusterError, match=r"has other plug-ins \(.*leaves 1\.0\) than the one that asks"):
        _settle_in(home)


@pytest.mark.parametrize("catalogue", OPEN_CATALOGUES, ids=lambda catalogue: catalogue.group)
def test_everything_built_in_can_be_loaded_and_is_what_an_addition_has_to_be(catalogue: PluginCatalogue[Any]) -> None:
    assert len(catalogue) > 1
    for name in catalogue:
        assert catalogue._check(catalogue[name]) == "", name


def test_the_document_shows_what_the_example_distribution_has_and_every_group() -> None:
    page = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
    files = [*(ROOT / "tests" / "plugin").rglob("*.py"), ROOT / "tests" / "plugin" / "pyproject.toml"]
    sources = [path.read_text(encoding="utf-8") for path in files]
    shown = re.findall(r"^```(?:python|toml)\n(.*?)^```", page, flags=re.MULTILINE | re.DOTALL)
    pieces = [piece.strip() for block in shown for piece in block.split("\n\n\n")]
    assert len(pieces) > 7
    assert [piece for piece in pieces if not any(piece in source for source in sources)] == []
    assert re.findall(r"^\| `(boxwright\.\w+)`", page, flags=re.MULTILINE) == [one.group for one in OPEN_CATALOGUES]
