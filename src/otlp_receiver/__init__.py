"""OTLP over gRPC and HTTP: admission, decoding, acknowledgement."""
