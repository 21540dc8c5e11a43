"""`goldeneye import FILE…`: files of the Collector's file exporter, into a server or a folder."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import httpx
from google.protobuf.message import DecodeError
from google.rpc.status_pb2 import Status

from goldeneye.clock import SystemClock
from goldeneye.commands.credentials import NO_CREDENTIALS, Credentials
from goldeneye.decoded import BodyResult, Decoded, Decoder, Group
from goldeneye.errors import ConfigurationError, GoldeneyeError, InvalidRequest
from goldeneye.export_files import Export, read_exports
from goldeneye.offline import opened
from goldeneye.schemas import DEFAULT_TENANT, SIGNALS, Signal, well_known_keys
from otlp_receiver.decoding.choose import decoder as choose_decoder
from otlp_receiver.reasons import ITEMS

# Makes one request durable; raises GoldeneyeError where it could not.
Deliver = Callable[[Group], None]
_CONTENT_TYPES: Final = {"json": "application/json", "protobuf": "application/x-protobuf"}
_TIMEOUT_S: Final = 120.0
_ATTEMPTS: Final = 30


def import_files(
    files: Sequence[Path],
    endpoint: str,
    data_dir: Path | None,
    signal: str | None,
    credentials: Credentials = NO_CREDENTIALS,
) -> int:
    """Store every request of the files; 0 where each was taken whole."""
    wanted = _signal(signal)
    if data_dir is None:
        options = credentials.http_options()
        with httpx.Client(base_url=endpoint, timeout=_TIMEOUT_S, **options) as client:
            decoder = choose_decoder(well_known_keys())
            return _import(files, wanted, decoder, lambda group: _post(client, group))
    with opened(data_dir, read_only=False) as folder:
        return _import(files, wanted, folder.decoder, lambda group: folder.storage.commit([group]))


def _signal(name: str | None) -> Signal | None:
    found = next((signal for signal in SIGNALS if signal == name), None)
    if name is not None and found is None:
        raise ConfigurationError(f"--signal {name}: must be one of {', '.join(SIGNALS)}")
    return found


def _import(
    files: Sequence[Path], signal: Signal | None, decoder: Decoder, deliver: Deliver
) -> int:
    whole = True
    for file in files:
        counts: Counter[str] = Counter()
        for export in read_exports(file, signal, decoder):
            whole &= _store(export, decoder, deliver, counts)
        kept = [f"{counts[name]} {ITEMS[name]}" for name in SIGNALS if counts[name]]
        rest = f"{counts['rejected']} items rejected, {counts['refused']} requests refused"
        print(f"{file}: {', '.join(kept) or 'nothing'} stored, {rest}")
    return 0 if whole else 1


def _store(export: Export, decoder: Decoder, deliver: Deliver, counts: Counter[str]) -> bool:
    """Whether the request was taken whole; what was not is named with its place."""
    try:
        result = _deliver(export, decoder, deliver)
    except InvalidRequest as error:
        counts["refused"] += 1
        print(f"{export.place}: {error}", file=sys.stderr)
        return False
    except GoldeneyeError as error:
        raise GoldeneyeError(f"{export.place}: {error} (what precedes it is stored)") from error
    counts[export.signal or ""] += result.accepted
    counts["rejected"] += result.rejected_count
    if result.rejected:
        print(f"{export.place}: rejected: {dict(result.rejected)}", file=sys.stderr)
    return not result.rejected


def _deliver(export: Export, decoder: Decoder, deliver: Deliver) -> BodyResult:
    if export.fault is not None or export.signal is None:
        raise InvalidRequest(export.fault or "does not tell its signal")
    received_time_ns = [SystemClock().now_ns()]
    decoded: Decoded = decoder.decode(
        export.signal, export.encoding, [export.body], received_time_ns
    )
    result = decoded.results[0]
    if result.error is not None:
        raise InvalidRequest(result.error)
    if result.accepted:
        deliver(
            Group(
                tenant=DEFAULT_TENANT,
                signal=export.signal,
                encoding=export.encoding,
                bodies=[export.body],
                received_time_ns=received_time_ns,
                decoded=decoded,
            )
        )
    return result


def _post(client: httpx.Client, group: Group) -> None:
    """Send one body as OTLP over HTTP, again where the server asks for that."""
    for _ in range(_ATTEMPTS):
        try:
            answer = client.post(
                f"/v1/{group.signal}",
                content=group.bodies[0],
                headers={"Content-Type": _CONTENT_TYPES[group.encoding]},
            )
        except httpx.HTTPError as error:
            raise GoldeneyeError(
                f"no answer from {client.base_url}: {error}. Is `goldeneye serve` running there? "
                "Without a server, write the folder with --data-dir."
            ) from error
        if answer.status_code not in (
            httpx.codes.TOO_MANY_REQUESTS,
            httpx.codes.SERVICE_UNAVAILABLE,
        ):
            break
        time.sleep(float(answer.headers.get("Retry-After", "1")))
    if answer.status_code == httpx.codes.BAD_REQUEST:
        raise InvalidRequest(_reason(answer))
    if answer.status_code != httpx.codes.OK:
        raise GoldeneyeError(
            f"{answer.request.url} answered {answer.status_code}: {_reason(answer)}"
        )


def _reason(answer: httpx.Response) -> str:
    """The message of the google.rpc.Status, in whichever encoding, or all there is."""
    try:
        if answer.headers.get("Content-Type") == _CONTENT_TYPES["protobuf"]:
            return str(Status.FromString(answer.content).message)
        return str(answer.json()["message"])
    except (DecodeError, ValueError, KeyError, TypeError):
        return answer.text
