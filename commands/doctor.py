"""The state of the installation, and a demonstration."""

from pathlib import Path
from typing import Annotated

import typer

from commands.support.options import Browser, Seed
from commands.support.shared import progress_bars


def doctor(
    browser: Browser = None,
    install_browser: Annotated[
        bool, typer.Option("--install-browser", help="Install a browser where none is found.")
    ] = False,
) -> None:
    """Say what is installed, what is wrong and how to mend it."""
    from commands.support.installation import examine

    if install_browser:
        from generator.rendering.browser_install import install_browser as install

        install(on_step=lambda step: typer.echo(f"{step} …", err=True))
    broken = False
    for finding in examine(browser=browser):
        mark = "✗" if finding.fatal else "!" if finding.mend else "✓"
        typer.echo(f"{mark} {finding.name:19} {finding.value}")
        if finding.mend:
            typer.echo(f"  {'':19} → {finding.mend}")
        broken |= finding.fatal
    if broken:
        raise typer.Exit(1)


def demo(
    pool: Annotated[Path | None, typer.Argument(help="Your images; default: crops of families held out.")] = None,
    out: Annotated[Path, typer.Option(help="The folder for data, models, labels and the report.")] = Path("demo"),
    minutes: Annotated[
        float | None, typer.Option(help="How long it may take: the machine is measured, and the demo made to fit.")
    ] = None,
    seed: Seed = None,
) -> None:
    """Go round the whole loop once and write an HTML report."""
    from active.demo.demo import check_demo_pool, run_demo
    from active.demo.demo_report import summarize_demo, write_demo_report
    from active.demo.sizing import DemoSettings, fit_demo
    from base.settings import load_settings

    wanted = load_settings(DemoSettings, "demo", {"seed": seed, "minutes": minutes})
    check_demo_pool(pool)
    with progress_bars() as bar:
        settings = fit_demo(wanted, out, say=lambda line: typer.echo(line, err=True), on_progress=bar)
        outcome = run_demo(pool, out, settings=settings, on_progress=bar)
        write_demo_report(outcome)
    typer.echo(summarize_demo(outcome))
