"""The native decoder where it is installed, else the slow one."""

from goldeneye.decoded import Decoder
from goldeneye.schemas import PromotedKeys
from otlp_receiver.decoding.slow import SlowDecoder


def decoder(promoted: PromotedKeys) -> Decoder:
    """The best decoder of this installation; its `name` says which it is."""
    try:
        from otlp_receiver.decoding.native import NativeDecoder
    except ImportError:
        return SlowDecoder(promoted)
    return NativeDecoder(promoted)
