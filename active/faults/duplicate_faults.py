"""Pictures that are there more than once: exact copies, near ones, and either across splits."""

from collections.abc import Iterator, Sequence

from active.faults.audited_set import AuditedSet
from active.faults.findings import FaultCheck, FaultFinding
from base.split_words import TEST, TRAIN, VALIDATION


def find_copies(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find all but the first of pictures that show the same pixels, whatever their files are."""
    for group in audited.copies:
        yield from _find_spare(audited, group, "the same pixels as")


def find_near_copies(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find all but the first of pictures that are nearly one."""
    from scipy.cluster.hierarchy import DisjointSet  # it takes long to load, and not everybody needs it

    joined = DisjointSet(sorted({place for pair in audited.near_pairs for place in pair}))
    for one, other in audited.near_pairs:
        joined.merge(one, other)
    for group in joined.subsets():
        yield from _find_spare(audited, audited.in_order(sorted(group)), "nearly the same as")


def _find_spare(audited: AuditedSet, group: Sequence[int], words: str) -> Iterator[FaultFinding]:
    """Yield the copies of a group; where their labels differ nobody can tell which is right, and all are."""
    kept, *spare = group
    disputed = len({audited.label(place) for place in group}) > 1
    for place in group if disputed else spare:
        other = kept if place != kept else next(each for each in spare if audited.label(each) != audited.label(kept))
        label = f", which is labelled {audited.label(other)}" if disputed else ""
        reason = f"{words} {audited.shown(other)}{label}"
        yield FaultFinding((place, other), reason, 1.0 if disputed else 0.5, leave_out=True, ask=disputed)


def find_leaks_between_splits(audited: AuditedSet) -> Iterator[FaultFinding]:
    """Find pictures to train on that a split to measure with has too, exactly or nearly."""
    exact = [(group[0], place) for group in audited.copies for place in group[1:]]
    told = set()
    for pairs, words in ((exact, "also"), (audited.near_pairs, "nearly also")):
        for kept, place in pairs:
            splits = {audited.split(kept), audited.split(place)}
            if len(splits) > 1 and splits <= {TRAIN, VALIDATION, TEST} and place not in told:
                told.add(place)
                reason = f"in {audited.split(place)} and {words} in {audited.split(kept)}, as {audited.shown(kept)}"
                yield FaultFinding((place, kept), reason, 1.0 if words == "also" else 0.9, leave_out=True)


EXACT_CHECK = FaultCheck(
    find_copies,
    meaning="shows the same pixels as another picture, in whatever file",
    misses="a copy whose pixels were changed at all, which is for the check near",
)
NEAR_CHECK = FaultCheck(
    find_near_copies,
    meaning="is another picture compressed, scaled, brightened or cut by a few pixels",
    misses="copies that were turned or mirrored, cut by more than 8 px, scaled below half, blurred, or recoloured; "
    "the same widget with other words beside it, which is another picture; copies of which the model reads "
    "different states",
)
LEAKAGE_CHECK = FaultCheck(
    find_leaks_between_splits,
    meaning="is in a split to train on and, exactly or nearly, in one to measure with",
    misses="what the check near misses; crops of one site in both splits, which boxwright split keeps together; "
    "splits that neither folders nor a column name",
)
