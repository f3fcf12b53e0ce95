"""What the rigs hold a results file against can tell right from wrong."""
import unittest

from rig import Rig, eventually


class TruthTest(unittest.TestCase):
    def test_one_message_more_or_less_or_other_is_found(self):
        with Rig() as rig:
            self.assertTrue(rig.start())
            rig.send(2)
            eventually(lambda: all(sender.base > 20 for sender in rig.senders), "acknowledgements")
            rig.finish_senders()
            rig.stop()
            self.assertEqual(rig.differences(), [])
            batch = rig.senders[0].batches[5]
            for i, message in enumerate(list(batch)):
                with self.subTest(message.kind):
                    del batch[i]
                    self.assertNotEqual(rig.differences(), [])
                    batch[i:i] = [message, message]
                    self.assertNotEqual(rig.differences(), [])
                    batch[i:i + 2] = [message._replace(time_us=message.time_us + 10_000_000)]
                    self.assertEqual(rig.differences() != [],
                                     message.kind in ("add_hit", "startTest", "stopTest"))
                    batch[i] = message
            for change in (dict(elapsed_us=1 << 40), dict(status=999), dict(label="GET other"),
                           dict(success=None)):
                with self.subTest(change):
                    batch[1] = batch[1]._replace(**change)
                    self.assertNotEqual(rig.differences(), [])
            self.assertEqual(batch[1].kind, "add_hit")


if __name__ == "__main__":
    unittest.main()
