"""A TCP proxy that treats connections badly: what no kernel here can do to a loopback."""
import random
import socket
import struct
import threading
import time

FAULTS = ("none", "delay", "drip", "stall", "reset", "swallow answers", "swallow requests", "again")
LIFE_S = 2.0   # about; then a connection is reset
STALL_S = 3.0  # longer than a sender waits: what was held comes when it has given up
REMEMBERED_BYTES = 4 << 20
GREETING_BYTES = 64  # of ZMTP; a frame of its READY follows: flags, length, that many bytes


class Proxy:
    """Listens until close(). Until heal() the connections suffer the faults in turn."""

    def __init__(self, port, to_port, seed):
        self.to, self.chance, self.deck = ("127.0.0.1", to_port), random.Random(seed), []
        self.suffered = dict.fromkeys(FAULTS, 0)
        self.healed, self.open, self.lock = False, [], threading.Lock()
        self.server = socket.create_server(("127.0.0.1", port))
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def heal(self):
        """All present connections are reset; those that come are left in peace."""
        self.healed = True
        with self.lock:
            for connection in self.open:
                connection.reset()

    def close(self):
        self.heal()
        self.server.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.server.close()

    def accept(self):
        while True:
            try:
                client, _ = self.server.accept()
            except OSError:
                return
            with self.lock:
                self.deck = self.deck or self.chance.sample(FAULTS, len(FAULTS))
                fault = "none" if self.healed else self.deck.pop()
                life_s = 3600 if self.healed else self.chance.uniform(0.3, 2 * LIFE_S)
                self.suffered[fault] += 1
                try:
                    broker = socket.create_connection(self.to)
                except OSError:
                    client.close()
                    continue
                self.open = [each for each in self.open if not each.over]
                self.open.append(Connection(client, broker, fault, life_s, self.chance.random()))


class Connection:
    def __init__(self, client, broker, fault, life_s, seed):
        self.client, self.broker, self.fault = client, broker, fault
        self.chance, self.over, self.seen = random.Random(seed), False, bytearray()
        self.from_s = time.monotonic() + self.chance.uniform(0.1, 0.5)  # when the fault sets in
        self.timer = threading.Timer(life_s, self.end)
        self.timer.daemon = True
        self.timer.start()
        for end in (client, broker):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for source, target in ((client, broker), (broker, client)):
            threading.Thread(target=self.pump, args=(source, target), daemon=True).start()

    def pump(self, source, target):
        try:
            while chunk := source.recv(1 << 16):
                self.pass_on(chunk, target)
        except OSError:
            pass
        self.reset()

    def pass_on(self, chunk, target):
        if target is self.broker and len(self.seen) < REMEMBERED_BYTES:
            self.seen += chunk
        acts = time.monotonic() >= self.from_s
        if self.fault == "delay":
            time.sleep(self.chance.uniform(0, 0.1))
        elif self.fault == "drip":
            for at in range(len(chunk)):
                target.sendall(chunk[at:at + 1])
            return
        elif self.fault == "stall" and acts:
            time.sleep(STALL_S)
        elif self.fault == "reset" and acts:
            target.sendall(chunk[:len(chunk) // 2])
            self.reset()
            return
        elif acts and self.fault == ("swallow requests" if target is self.broker
                                     else "swallow answers"):
            return
        target.sendall(chunk)

    def end(self):
        if self.fault == "again":
            self.say_again()
        self.reset()

    def say_again(self):
        """The same bytes on another connection, as if a network had kept and repeated them."""
        said = bytes(self.seen)
        ready = GREETING_BYTES + 2 + said[GREETING_BYTES + 1] if len(said) > GREETING_BYTES else 0
        try:
            with socket.create_connection(self.broker.getpeername()) as again:
                again.settimeout(0.5)
                # No peer of ZeroMQ says anything else before it was introduced to.
                for begin, end in ((0, GREETING_BYTES), (GREETING_BYTES, ready), (ready, None)):
                    again.sendall(said[begin:end])
                    again.recv(1 << 16)
                while again.recv(1 << 16):
                    pass
        except OSError:
            pass

    def reset(self):
        self.over = True
        self.timer.cancel()
        for end in (self.client, self.broker):
            try:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                end.shutdown(socket.SHUT_RDWR)
                end.close()
            except OSError:
                pass
