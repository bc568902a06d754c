import torch

from model.networks.torchvision_shim import import_torchvision
from model.networks.vision_transformer import AnySizeTransformer


def test_features_of_a_picture_of_the_learned_size_are_those_of_the_plain_network() -> None:
    network = import_torchvision().models.VisionTransformer(
        image_size=64, patch_size=16, num_layers=2, num_heads=2, hidden_dim=8, mlp_dim=16
    )
    network.heads = torch.nn.Identity()
    pictures = torch.rand(2, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(AnySizeTransformer(network.eval())(pictures), network(pictures))
