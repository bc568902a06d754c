from pathlib import Path
from urllib.error import URLError

import pytest
import torch

from base.errors import InputError, MissingError, ModelError
from model.networks.backbone_catalogue import BACKBONES, TRUNKS
from model.networks.backbones import build_backbone
from model.networks.published_weights import fetch_weights
from model.networks.torchvision_shim import import_torchvision

RESNET18 = "resnet18-f37072fd.pth"
ADDRESS = f"https://download.pytorch.org/models/{RESNET18}"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of torch's, on a machine without a network."""

    def unreachable(*_: object, **__: object) -> None:
        raise URLError("no route to host")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", unreachable)
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    return tmp_path / "hub" / "checkpoints"


def test_weights_come_from_torch_s_cache(cache: Path) -> None:
    published = import_torchvision().models.resnet18(weights=None)
    torch.save(published.state_dict(), cache / RESNET18)
    network = build_backbone("resnet18", 2, weights="imagenet")
    state = network.body.state_dict()
    assert all(torch.equal(state[name], weight) for name, weight in published.state_dict().items() if name in state)
    assert set(published.state_dict()) - set(state) == {"fc.weight", "fc.bias"}
    assert network.head.out_features == 2


@pytest.mark.parametrize("name", TRUNKS)
def test_weights_that_are_not_there_are_an_error_that_says_what_to_put_where(cache: Path, name: str) -> None:
    with pytest.raises(MissingError, match=rf"cannot fetch .*get https://\S+/{name}\S+pth .*put it at {cache}/{name}"):
        build_backbone(name, 2, weights="imagenet")


@pytest.mark.parametrize("name", sorted(set(BACKBONES) - set(TRUNKS)))
def test_our_own_networks_have_no_published_weights(name: str) -> None:
    with pytest.raises(InputError, match=rf"no imagenet weights for {name}; networks that have them: resnet18, .*vit"):
        build_backbone(name, 2, weights="imagenet")


def test_a_file_that_is_no_weights_says_so(cache: Path) -> None:
    (cache / RESNET18).write_text("<html>not found</html>")
    with pytest.raises(ModelError, match=rf"{RESNET18} is not a file of weights; delete it"):
        build_backbone("resnet18", 2, weights="imagenet")


def test_another_network_s_weights_are_an_error(cache: Path) -> None:
    torch.save({"conv1.weight": torch.zeros(1)}, cache / RESNET18)
    with pytest.raises(ModelError, match=r"does not fit resnet18: .*Missing key"):
        build_backbone("resnet18", 2, weights="imagenet")


def test_a_download_goes_into_the_cache_and_is_checked_by_its_name(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def download(url: str, path: str, hash_prefix: str | None, *, progress: bool) -> None:
        Path(path).write_text(f"{url} {hash_prefix} {progress}")

    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    path = fetch_weights(ADDRESS)
    assert path == cache / RESNET18
    assert path.read_text() == f"{ADDRESS} f37072fd False"
