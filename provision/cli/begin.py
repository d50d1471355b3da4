"""The commands for a beginning: a site of people who do not exist, and a demonstration on one."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from provision.cli.options import DayOption, JsonOption, day_of
from provision.errors import UsageError


def sample(
    folder: Annotated[Path, typer.Argument(help="The folder to make; a new one or an earlier sample.", metavar="DIR")],
    pupils: Annotated[int | None, typer.Option("--pupils", help="How many; default Hemne's 640.", min=1)] = None,
    schools: Annotated[int | None, typer.Option("--schools", help="How many; default by the pupils.", min=1)] = None,
    municipalities: Annotated[
        int | None, typer.Option("--municipalities", help="A folder of so many sites that share mappings.", min=1)
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same people.")] = 0,
    day: DayOption = None,
    dialect: Annotated[
        Literal["pifu_ims", "oneroster_1.1", "oneroster_1.2"],
        typer.Option("--dialect", help="What the SIS exports; the same people in each, as far as it can say them."),
    ] = "pifu_ims",
    as_json: JsonOption = False,
) -> None:
    """Make a whole site with a municipality of people who do not exist, ready for `provision run nightly`."""
    from provision.cli import commands

    if municipalities is not None:
        if pupils is not None or schools is not None:
            raise UsageError("--municipalities makes each as large as it likes; leave out --pupils and --schools")
        commands.sample_cooperation(
            folder, municipalities=municipalities, seed=seed, day=day_of(day), dialect=dialect, as_json=as_json
        )
        return
    commands.sample(
        folder, pupils=pupils, schools=schools, seed=seed, day=day_of(day), dialect=dialect, as_json=as_json
    )


def demo(
    folder: Annotated[
        Path, typer.Argument(help="Where; a new folder or an earlier demonstration.", metavar="DIR")
    ] = Path("var/demo"),
) -> None:
    """Make a sample municipality and take it through two nights: no server, no account, nothing to set up."""
    from provision.cli import demo as demonstration

    raise typer.Exit(demonstration.demo(folder))
