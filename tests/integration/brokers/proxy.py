"""A TCP proxy that does to a connection what a road does: cut, stall, half-open, delay, refuse, hang."""

import asyncio
import contextlib
import threading


class Proxy:
    """Forwards to `target`, from a thread of its own, until it is told otherwise. Remembers the protocol level of each CONNECT."""

    def __init__(self, target):
        self.target = target
        self.levels = []  # 3: MQTT 3.1, 4: 3.1.1, 5: 5
        self.accepted = 0
        self.writers = []
        self.pause = 0.0
        self.hanging = self.stalled = False
        self.loop = asyncio.new_event_loop()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()
        self.port = self.call(self.listen(0))

    def call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(10)

    async def listen(self, port):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", port)
        return self.server.sockets[0].getsockname()[1]

    async def serve(self, reader, writer):
        self.accepted += 1
        self.writers.append(writer)
        if self.hanging:
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.close()
            return
        self.writers.append(far_writer)
        await asyncio.gather(self.copy(reader, far_writer, True), self.copy(far_reader, writer, False))

    async def copy(self, reader, writer, upward):
        first = upward
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if first:
                    self.note_level(data)
                    first = False
                if self.pause:
                    await asyncio.sleep(self.pause)
                if self.stalled:
                    continue  # swallowed: both ends believe that the other is there
                writer.write(data)
                await writer.drain()
        if not self.stalled:
            writer.close()

    def note_level(self, data):
        at = data.find(b"MQTT")
        if at >= 0:
            self.levels.append(data[at + 4])
        elif (at := data.find(b"MQIsdp")) >= 0:
            self.levels.append(data[at + 6])

    def cut(self):
        """Every connection ends at once, with a reset."""

        async def abort():
            for writer in self.writers:
                writer.transport.abort()
            self.writers.clear()

        self.call(abort())

    def stall(self, on=True):
        """Nothing passes in either direction, and nothing is closed."""
        self.stalled = on

    def half_open(self):
        """The broker's end is closed, and the client is not told."""

        async def forget():
            self.stalled = True
            for writer in self.writers:
                if writer.get_extra_info("peername")[1] == self.target:
                    writer.transport.abort()

        self.call(forget())

    def delay(self, seconds):
        self.pause = seconds

    def hang(self, on=True):
        """New connections are accepted and never served."""
        self.hanging = on

    def refuse(self):
        """Nobody listens, and what was connected is cut."""

        async def stop():
            self.server.close()
            await self.server.wait_closed()

        self.call(stop())
        self.cut()

    def accept_again(self):
        self.stalled = self.hanging = False
        self.call(self.listen(self.port))

    def close(self):
        self.refuse()
        self.loop.call_soon_threadsafe(self.loop.stop)
