"""`make docs`: write the site's source, have Sphinx make HTML of it, and check what came out."""

import argparse
import shutil
import sys
from pathlib import Path

from sphinx.cmd.build import main as run_sphinx

from website.assembling import assemble
from website.checking import find_faults
from website.contents import ContentsError
from website.pages import ROOT, LinkTargetError

SPHINX_MARK = ".buildinfo"
"""What Sphinx leaves in each site."""


def main() -> int:
    """Build the site and return the exit code: 1 where anything at all is wrong with it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "site", help="the folder of the site")
    parser.add_argument("--gallery", type=int, help="draw up to so many families of a kind; all by default")
    given = parser.parse_args()
    out = given.out.resolve()
    if out.exists() and any(out.iterdir()) and not (out / SPHINX_MARK).exists():
        print(f"Error: {out} is not empty, and no site that was built before; name another folder", file=sys.stderr)
        return 1
    shutil.rmtree(out, ignore_errors=True)
    source, cache = out.with_name(f"{out.name}-source"), ROOT / "build" / "site-cache"
    try:
        assemble(source, cache, gallery_size=given.gallery)
    except (ContentsError, LinkTargetError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    trees = out.with_name(f"{out.name}-trees")
    options = ["--fail-on-warning", "--keep-going", "--quiet", "--fresh-env", "--write-all"]
    code = run_sphinx([*options, "-d", str(trees), "-c", str(ROOT / "website"), str(source), str(out)])
    if code:
        return code
    faults = find_faults(out, forbidden=(str(ROOT), f"{Path.home()}/"))
    print(*(f"Error: {fault}" for fault in faults), sep="\n", file=sys.stderr, end="\n" if faults else "")
    if not faults:
        print(f"{out / 'index.html'}: {len(list(out.rglob('*.html')))} pages, every link leads somewhere")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
