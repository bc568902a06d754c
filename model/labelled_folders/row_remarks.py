"""What rows of metadata say and is not used: groups that are none, columns that contradict those which are read."""

from collections.abc import Iterator, Mapping

from base.counting import counted
from base.tabular.missing_values import is_missing
from base.tabular.rival_columns import LABEL_LIKE, PICTURE_LIKE, describe_rivals
from model.labelled_folders.metadata_values import MetadataRow


def remark_on_rows(rows: Mapping[str, MetadataRow], labels: Mapping[str, str], *, labels_are: str) -> Iterator[str]:
    """Yield a line for each thing.

    Args:
        rows: by the picture's name.
        labels: of the pictures that have one, by name.
        labels_are: where these come from.
    """
    ungrouped = {name: row.no_group for name, row in rows.items() if row.no_group and is_missing(row.no_group)}
    if ungrouped:
        name, word = next(iter(ungrouped.items()))
        says = counted(len(ungrouped), "row of the metadata has", "rows of the metadata have")
        yield f"{says} a group that is taken for none, as {word!r} ({name})"
    labelled = [(name, labels[name], row.others) for name, row in rows.items() if name in labels]
    yield from describe_rivals(labelled, what="label", used=labels_are, likely=LABEL_LIKE)
    named = [(name, row.file_name, row.others) for name, row in rows.items()]
    yield from describe_rivals(named, what="picture", used="column file_name", likely=PICTURE_LIKE)
    unread = dict.fromkeys(column for row in rows.values() for column in row.unread)
    if unread:
        shown = ", ".join(map(repr, list(unread)[:5])) + (", …" if len(unread) > 5 else "")
        are = counted(len(unread), "column of the metadata is", "columns of the metadata are")
        yield (f"{are} not used: {shown}; used are file_name, label, group, family, kind, box, window and split")
