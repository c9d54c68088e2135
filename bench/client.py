"""The reader who measures: one kept connection for single requests, many of them at once for throughput."""

import http.client
import select
import selectors
import socket
import time
from dataclasses import dataclass, field

PROXY = {"X-Forwarded-Proto": "https"}  # what the proxy before a server in production says


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes
    seconds: float
    first_byte: float = field(default=0.0)

    @property
    def text(self):
        return self.body.decode()


class Client:
    """One kept connection to a port of this machine."""

    def __init__(self, port):
        self.port = port
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)

    def get(self, path, **headers):
        return self.ask("GET", path, headers)

    def ask(self, method, path, headers=None, body=None):
        """The Answer, with the seconds until its first byte and its last had come; its body is whole."""
        self.keep()
        start = time.perf_counter()
        self.connection.request(method, path, body, {**PROXY, **(headers or {})})
        response = self.connection.getresponse()
        first = response.read(1)
        first_byte = time.perf_counter() - start
        body = first + response.read()
        return Answer(response.status, dict(response.getheaders()), body, time.perf_counter() - start, first_byte)

    def drain(self, path):
        """Reads an answer of any length without keeping it; returns how many bytes it had."""
        self.keep()
        self.connection.request("GET", path, headers=PROXY)
        response = self.connection.getresponse()
        return sum(len(piece) for piece in iter(lambda: response.read(1 << 20), b""))

    def keep(self):
        """Connects where there is no connection, or the server has closed it: Datasette's does after five seconds."""
        sock = self.connection.sock
        if sock is not None and select.select([sock], [], [], 0)[0]:  # nothing was asked: this is its end
            self.close()
        if self.connection.sock is None:
            self.connection.connect()

    @property
    def socket(self):
        self.keep()
        return self.connection.sock

    def close(self):
        self.connection.close()


def throughput(port, path, seconds, connections=8, **headers):
    """Answers a second to the same request over several connections at once; raises ValueError unless all are alike.

    By hand, since a client that takes more of the machine than the server would be what is measured.
    """
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in {**PROXY, **headers}.items())]
    request = ("\r\n".join(lines) + "\r\n\r\n").encode()
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(request)
        selector.register(connection, selectors.EVENT_READ, bytearray())
    sizes, answers, start = set(), 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds:
        for key, _ in selector.select():
            key.data.extend(key.fileobj.recv(1 << 20))
            if (size := whole(key.data)) is not None:
                sizes.add((bytes(key.data[9:12]), size))
                answers += 1
                key.data.clear()
                key.fileobj.sendall(request)
    for key in list(selector.get_map().values()):
        key.fileobj.close()
    if len(sizes) != 1:
        raise ValueError(f"{path} was answered in different ways: {sorted(sizes)[:3]}")
    return answers / elapsed


def whole(data):
    """The size of the body in `data`, once it is there to its end; None before."""
    head = data.find(b"\r\n\r\n")
    if head < 0:
        return None
    headers = bytes(data[:head]).lower()
    if b"content-length:" not in headers:
        return 0 if headers[9:12] in (b"304", b"204") else chunks_end(data, head)
    length = int(headers.split(b"content-length:")[1].split(b"\r\n")[0])
    return length if len(data) >= head + 4 + length else None


def chunks_end(data, head):
    return len(data) - head if data.endswith(b"0\r\n\r\n") else None
