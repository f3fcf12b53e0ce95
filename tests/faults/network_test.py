"""A network that resets, stalls, swallows, drips and repeats: what was acknowledged counts once."""
import random
import time
import unittest

from network import Namespace
from proxy import FAULTS, Proxy
from rig import LONG, SEED, Rig, free_ports, say

PROXY_S = 600 if LONG else 12
PARTITIONS = 10  # of each kind and direction


class NetworkTest(unittest.TestCase):
    def test_bad_connections(self):
        with Rig() as rig:
            self.assertTrue(rig.start())
            port, = free_ports(1)
            proxy = Proxy(port, rig.ports["acked"], f"{SEED}-proxy")
            self.addCleanup(proxy.close)
            rig.send(4, to=f"tcp://127.0.0.1:{port}", hits=5)
            time.sleep(PROXY_S)
            counts = rig.watch("broker/", lambda _: True, "broker status")["acked"]
            proxy.heal()
            rig.finish_senders()
            rig.stop()
            self.assertEqual(rig.differences(), [])
            self.assertGreater(counts["duplicate"], 0)
            self.assertGreater(min(proxy.suffered.values()), 0, "too short for every fault")
            made = sum(len(sender.batches) for sender in rig.senders)
            say("network", f"{sum(proxy.suffered.values())} connections through {len(FAULTS) - 1} "
                f"faults, {made} batches, {counts['duplicate']} of them sent again, lost 0, "
                "doubled 0")

    def through(self, what, trouble):
        """A broker in a network of its own; trouble(namespace) is what befalls that."""
        with Namespace(what) as namespace, Rig() as rig:
            rig.host = namespace.host
            self.assertTrue(rig.start("--insecure-bind", within=namespace.command))
            rig.send(3, hits=5)
            trouble(namespace)
            before = [sender.base for sender in rig.senders]
            rig.finish_senders()
            rig.stop()
            self.assertEqual(rig.differences(), [])
            say(what, f"survived, {sum(before)} batches by its end, lost 0, doubled 0")

    @unittest.skipUnless(LONG, "the long tier")
    def test_partitions(self):
        def trouble(namespace):
            chance = random.Random(f"{SEED}-partitions")
            for verdict in ("drop", "reject with tcp reset") * PARTITIONS:
                for hook in ("input", "output"):
                    time.sleep(1)
                    namespace.refuse(hook, verdict)
                    time.sleep(chance.uniform(0.1, 5))
                    namespace.allow()
        self.through("partition", trouble)

    @unittest.skipUnless(LONG, "the long tier")
    def test_little_bandwidth(self):
        def trouble(namespace):
            namespace.limit("256kbit")
            time.sleep(60)
            namespace.unlimit()
        self.through("bandwidth", trouble)


if __name__ == "__main__":
    unittest.main()
