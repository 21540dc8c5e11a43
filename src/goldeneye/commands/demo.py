"""`goldeneye demo`: the shop, where the SDK that it is instrumented with is installed."""

from goldeneye.errors import GoldeneyeError


def demo(once: bool, rate: float) -> int:
    """Run the shop; 0 when everything that it made was sent."""
    try:
        from goldeneye.demo import shop
    except ImportError as error:
        raise GoldeneyeError(
            f"the demo needs the OpenTelemetry SDK ({error.name} is missing): "
            "run `pip install 'goldeneye[demo]'`"
        ) from error
    summary = shop.run(once=once, rate=rate)
    print(summary)
    return 1 if summary.failures else 0
