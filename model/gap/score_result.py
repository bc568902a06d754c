"""What a score holds, and its forms: JSON values and text for a terminal."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from base.counting import counted
from model.evaluation.evaluate import Evaluation
from model.gap.coverage import Neighbours
from model.gap.crop_statistics import Described
from model.gap.domain import Domain, Gap
from model.splitting.folds import name_of

GAPS_SHOWN = 8
UNCOVERED_SHOWN = 10


@dataclass(frozen=True)
class DatasetScore:
    """How a synthetic data set stands to a real one.

    `balanced` are the synthetic crops that `domain` was measured with, of the real crops' mix of classes;
    `neighbours` are the real crops, uncovered first; `saw_real` tells that the model was trained on real crops as well.
    """

    dataset: Path
    real_folder: Path
    model: Path
    out: Path
    saw_real: bool
    evaluation: Evaluation
    real: Described
    synthetic: Described
    balanced: Described
    domain: Domain
    neighbours: tuple[Neighbours, ...]

    @property
    def uncovered(self) -> int:
        """Return the number of real crops that nothing synthetic resembles."""
        return sum(item.uncovered for item in self.neighbours)

    @property
    def control(self) -> float:
        """Return the mean AUC with shuffled labels."""
        return sum(self.domain.control) / len(self.domain.control)

    def real_name(self, index: int) -> str:
        """Return a real crop's name below its folder."""
        return name_of(self.real.examples[index], self.real_folder)

    def synthetic_name(self, index: int) -> str:
        """Return a synthetic crop's name below its folder, as in metadata.jsonl."""
        return name_of(self.synthetic.examples[index], self.dataset)

    def to_dict(self) -> dict[str, Any]:
        """Return the score as JSON values; `coverage.crops` has a row for each real crop."""
        domain = {name: value for name, value in asdict(self.domain).items() if name not in ("real", "synthetic")}
        return {
            "dataset": str(self.dataset),
            "real": str(self.real_folder),
            "model": {"folder": str(self.model), "saw_real": self.saw_real},
            "pictures": {"real": len(self.real.examples), "synthetic": len(self.synthetic.examples)},
            "evaluation": self.evaluation.to_dict(),
            "domain": {**domain, "synthetic_pictures": len(self.balanced.examples)},
            "coverage": {"uncovered": self.uncovered, "crops": [self._crop(item) for item in self.neighbours]},
        }

    def _crop(self, item: Neighbours) -> dict[str, Any]:
        return {
            "file_name": self.real_name(item.real),
            "label": self.real.examples[item.real].label,
            "percentile": item.percentile,
            "agreement": item.agreement,
            "alike": item.alike,
            "real_score": float(self.domain.real[item.real]),
            "neighbours": [
                {
                    "file_name": self.synthetic_name(index),
                    "label": self.synthetic.examples[index].label,
                    "family": self.synthetic.examples[index].family,
                    "distance": distance,
                }
                for index, distance in zip(item.nearest, item.distances, strict=True)
            ],
        }

    def to_text(self) -> str:
        """Return the score as a report for a terminal."""
        return "\n".join([*self._accuracy_lines(), "", *self._domain_lines(), "", *self._coverage_lines()])

    def _accuracy_lines(self) -> Iterator[str]:
        evaluation = self.evaluation
        low, high = evaluation.interval
        source = "synthetic and real" if self.saw_real else "synthetic"
        yield (
            f"trained on {source}, tested on {counted(evaluation.n, 'real crop')}: accuracy {evaluation.accuracy:.1%} "
            + (f"(95 % interval {low:.1%} to {high:.1%}), macro-F1 {evaluation.macro_f1:.3f}")
        )
        for row in evaluation.per_class:
            yield (
                f"  {row.name}: precision {row.precision:.3f}, recall {row.recall:.3f}, {counted(row.support, 'crop')}"
            )

    def _domain_lines(self) -> Iterator[str]:
        low, high = self.domain.interval
        yield f"real told from synthetic: AUC {self.domain.auc:.3f} ({low:.3f} to {high:.3f}); " + (
            f"{self.control:.3f} with shuffled labels; 0.5 would be indistinguishable"
        )
        yield "  by part of the evidence: " + ", ".join(f"{name} {auc:.3f}" for name, auc in self.domain.views.items())
        yield f"  {'differs most':20} {'AUC':>6}  real 10, 50, 90 %       synthetic 10, 50, 90 %"
        for gap in self.domain.gaps[:GAPS_SHOWN]:
            yield f"  {gap.name:20} {gap.auc:6.3f}  {show_tails(gap.real):23} {show_tails(gap.synthetic)}"

    def _coverage_lines(self) -> Iterator[str]:
        yield (
            f"uncovered: {self.uncovered} of {counted(len(self.neighbours), 'real crop')} look like nothing synthetic "
            + ("(farther off than 95 % of the synthetic crops are from each other)")
        )
        for item in self.neighbours[: min(self.uncovered, UNCOVERED_SHOWN)]:
            yield f"  {self.real_name(item.real)}, beyond {item.percentile:.1%}"


def show_tails(values: tuple[float, ...]) -> str:
    """Return percentiles with three digits each."""
    return ", ".join(show_number(value) for value in values)


def show_number(value: float) -> str:
    """Return a number with about three digits and no exponent."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def explain_gap(gap: Gap) -> str:
    """Say in a few words which way a statistic differs."""
    return f"real crops have {'more' if gap.auc > 0.5 else 'less'}"
