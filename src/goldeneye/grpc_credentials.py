"""TLS of a gRPC server, whose certificates may change while it runs."""

import grpc

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


def _configuration(certificates: Certificates) -> grpc.ServerCertificateConfiguration:
    pairs = [(certificates.key, certificates.cert)]
    return grpc.ssl_server_certificate_configuration(pairs, certificates.client_ca)
