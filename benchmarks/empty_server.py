"""A bare grpc.aio server that answers every Export at once and keeps nothing: the sender's ceiling.

python benchmarks/empty_server.py PORT
"""

import sys

import grpc
import uvloop


class _Anything(grpc.GenericRpcHandler):
    def service(self, details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        return grpc.unary_unary_rpc_method_handler(_answer)


async def _answer(body: bytes, context: object) -> bytes:
    return b""


async def main(port: int) -> None:
    options = [("grpc.max_receive_message_length", -1), ("grpc.so_reuseport", 0)]
    server = grpc.aio.server(options=options)
    server.add_generic_rpc_handlers((_Anything(),))
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
