import shutil
from pathlib import Path

import pytest

from base.errors import InputError, PackageError
from generator.datasets.adding import add_libraries
from generator.libraries.bundle import bundle_path, read_bundle
from generator.libraries.installed import load_libraries
from generator.libraries.npm import remove_library
from tests.kits import install_kit, write_kit, write_package


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("BOXWRIGHT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def need_npm() -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed here")


def test_npm_fetches_a_package_and_what_is_needed_of_it_is_kept(tmp_path: Path, cache: Path) -> None:
    need_npm()
    kit = write_kit(tmp_path / "templates", version=str(write_package(tmp_path)))
    steps: list[str] = []
    assert add_libraries(("kit",), folder=kit, on_step=steps.append) == {"kit": {"kit": "1.0.0"}}
    assert "data:image/svg+xml;base64," in read_bundle("kit").css
    assert [path.name for path in cache.rglob("*") if path.is_file()] == ["kit.json"]
    assert steps[0].startswith("npm install ")
    assert remove_library(load_libraries(("kit",), folder=kit)["kit"])
    assert not bundle_path("kit").exists()


def test_a_package_that_cannot_be_had_is_an_error_and_leaves_nothing(tmp_path: Path, cache: Path) -> None:
    need_npm()
    kit = write_kit(tmp_path / "templates", version=str(tmp_path / "missing.tgz"))
    with pytest.raises(PackageError, match=r"npm install for kit failed: .*missing"):
        add_libraries(("kit",), folder=kit)
    assert not list(cache.rglob("*.json"))


def test_a_script_needs_esbuild_among_the_packages(tmp_path: Path) -> None:
    need_npm()
    kit = write_kit(tmp_path / "templates", version=str(write_package(tmp_path)))
    declaration = kit / "libraries" / "kit" / "library.toml"
    declaration.write_text(declaration.read_text().replace("[packages]", "script = \"import 'kit'\"\n[packages]"))
    with pytest.raises(PackageError, match="kit has a script, which needs node, and esbuild among its packages"):
        add_libraries(("kit",), folder=kit)


def test_without_npm_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PackageError, match="npm is needed to install kit; get it with Node"):
        add_libraries(("kit",), folder=write_kit(tmp_path / "templates"))


def test_all_leaves_alone_what_is_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kit = write_kit(tmp_path / "templates")
    install_kit(kit)
    for name in load_libraries():
        install_kit(kit, name=name)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert add_libraries((), every=True, folder=kit) == {}
    with pytest.raises(InputError, match="name the libraries to install, or say --all or --icons"):
        add_libraries(())
