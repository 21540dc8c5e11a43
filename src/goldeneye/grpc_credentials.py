"""Credentials of gRPC: a server's certificates, which may change, and the tokens of calls."""

from typing import Any

import grpc
import grpc.aio

from goldeneye.tls import Certificates, Tls


def credentials(tls: Tls) -> grpc.ServerCredentials:
    """Changes are asked for at each handshake."""
    used = tls.current()

    def changed() -> grpc.ServerCertificateConfiguration | None:
        nonlocal used
        before, used = used, tls.current()
        return None if used is before else _configuration(used)

    return grpc.dynamic_ssl_server_credentials(
        _configuration(used),
        changed,  # type: ignore[arg-type]  # None is "no change", which the stubs do not know
        tls.is_mutual,
    )


def authorization(context: "grpc.aio.ServicerContext[Any, Any]") -> str | None:
    """What a call says under that name, if anything."""
    metadata = context.invocation_metadata() or ()
    return next((str(value) for key, value in metadata if key == "authorization"), None)


def _configuration(certificates: Certificates) -> grpc.ServerCertificateConfiguration:
    pairs = [(certificates.key, certificates.cert)]
    return grpc.ssl_server_certificate_configuration(pairs, certificates.client_ca)
