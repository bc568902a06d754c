"""The catalogue of strategies, by the names that `queue --strategy` takes. It loads none of them."""

from typing import TYPE_CHECKING

from base.plugins import PluginCatalogue, takes

if TYPE_CHECKING:
    from active.choosing.strategies import Strategy

STRATEGIES: "PluginCatalogue[Strategy]" = PluginCatalogue(
    "strategy",
    {
        "random": "active.choosing.strategies:by_random",
        "least_confidence": "active.choosing.strategies:by_least_confidence",
        "margin": "active.choosing.strategies:by_margin",
        "entropy": "active.choosing.strategies:by_entropy",
        "power_margin": "active.choosing.strategies:by_power_margin",
        "badge": "active.choosing.strategies:badge",
        "clue": "active.choosing.strategies:clue",
        "k_center": "active.choosing.strategies:k_center",
        "typiclust": "active.choosing.strategies:typiclust",
        "cluster_margin": "active.choosing.strategies:cluster_margin",
        "disagreement": "active.choosing.strategies:disagreement",
    },
    group="boxwright.strategies",
    check=takes(3),
)
