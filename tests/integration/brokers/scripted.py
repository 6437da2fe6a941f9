"""A broker that says what a test tells it to: for answers that no broker at hand gives."""

import socket
import threading

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = (
    1, 2, 3, 4, 8, 9, 10, 11, 12, 13, 14)


def text(data, at):
    """A length and that many bytes, and where the next field begins."""
    size = int.from_bytes(data[at:at + 2], "big")
    return data[at + 2:at + 2 + size].decode(), at + 2 + size


def packet(kind, body, flags=0):
    size, length = len(body), bytearray()
    while True:
        length.append(size % 128 | (128 if size >= 128 else 0))
        size //= 128
        if not size:
            return bytes([kind << 4 | flags]) + bytes(length) + body


class Scripted:
    """Answers as MQTT asks, unless `on_packet(connection, kind, body)` returns True; keeps what it was sent."""

    def __init__(self, connack=None, on_packet=None):
        self.connack = connack or (lambda level: bytes([0, 0]) + (b"\0" if level == 5 else b""))
        self.on_packet = on_packet or (lambda *unused: False)
        self.levels, self.subscribed, self.published, self.pings, self.connections = [], [], [], 0, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    @staticmethod
    def packets(connection):
        stream = connection.makefile("rb")
        while head := stream.read(1):
            size = shift = 0
            while True:
                byte = stream.read(1)[0]
                size |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            yield head[0], stream.read(size)

    def serve(self, connection):
        level = 4
        try:
            for head, body in self.packets(connection):
                kind = head >> 4
                if kind == CONNECT:
                    level = body[2 + int.from_bytes(body[:2], "big")]
                    self.levels.append(level)
                if not self.on_packet(connection, kind, body):
                    self.answer(connection, kind, head, body, level)
        except (OSError, IndexError):
            pass
        connection.close()

    def answer(self, connection, kind, head, body, level):
        extra = b"\0" if level == 5 else b""
        if kind == CONNECT:
            answer = self.connack(level)
            if answer is None:
                connection.shutdown(socket.SHUT_RDWR)
                return
            connection.sendall(packet(CONNACK, answer))
        elif kind == SUBSCRIBE:
            self.subscribed.append(text(body, 3 if level == 5 else 2)[0])
            connection.sendall(packet(SUBACK, body[:2] + extra + bytes([body[-1] & 3])))
        elif kind == UNSUBSCRIBE:
            connection.sendall(packet(UNSUBACK, body[:2] + extra + (b"\0" if level == 5 else b"")))
        elif kind == PUBLISH:
            topic, at = text(body, 0)
            qos = head >> 1 & 3
            if qos:
                connection.sendall(packet(PUBACK, body[at:at + 2]))
                at += 2
            self.published.append((topic, body[at + (1 if level == 5 else 0):]))
        elif kind == PINGREQ:
            self.pings += 1
            connection.sendall(packet(PINGRESP, b""))
