import socket
import threading

from continuity.providers.connection import Timeouts
from continuity.providers.json_api import ANSWER_BYTES, JsonApi

ENDLESS_BYTES = 64 * ANSWER_BYTES


def test_ask_stops_reading_an_answer_that_is_too_long() -> None:
    """The server counts what it could send: a reader that keeps on takes all of it."""
    sent = 0

    def answer_without_end(listener: socket.socket) -> None:
        nonlocal sent
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{")
            try:
                while sent < ENDLESS_BYTES:
                    connection.sendall(b" " * 65536)
                    sent += 65536
            except ConnectionError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=answer_without_end, args=(listener,))
        thread.start()
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        answer = JsonApi(vendor="LTX", base_url=base_url, api_key="key", timeouts=Timeouts()).ask("GET", "/")
        thread.join()
    assert (answer.status, answer.data) == (200, None)
    assert sent < ENDLESS_BYTES / 2
