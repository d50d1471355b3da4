"""`python -m provision`, and the command `provision`."""

from provision.cli.signals import LEAVING, listen, on_signal


def start() -> None:
    """Hears signals before anything else is loaded, then is the command line."""
    listen(on_signal)
    with LEAVING.in_order():
        from provision.cli.main import main  # noqa: PLC0415  signals are heard first
    main()


if __name__ == "__main__":
    start()
