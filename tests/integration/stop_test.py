"""A clean stop in the middle of everything leaves nothing out that had been received."""
import contextlib
import json
import signal
import sqlite3
import threading
import unittest

import zmq

from broker_process import ANYWHERE, BrokerProcess, eventually, weir

MESSAGES = 1_000_000


class StopTest(unittest.TestCase):
    def flood(self, broker, worker, stopped):
        """Sends hits with seq until the broker has stopped or nobody takes them any more."""
        head = json.dumps({"data_type": "add_hit", "worker_id": worker, "run_id": "flood",
                           "url": "http://h/", "method": "GET", "status": 200, "elapsed": 0.01,
                           "epoch": 1})[:-1]
        with broker.push() as socket:
            socket.setsockopt(zmq.SNDTIMEO, 1000)
            socket.setsockopt(zmq.LINGER, 0)
            try:
                for seq in range(1, MESSAGES + 1):
                    socket.send_string(f'{head},"seq":{seq}}}')
                    if stopped.is_set():
                        break
            except zmq.Again:
                pass

    def stop_in_a_flood(self, number):
        with BrokerProcess() as broker:
            stopped = threading.Event()
            threads = [threading.Thread(target=self.flood, args=(broker, f"w{index}", stopped))
                       for index in range(2)]
            for thread in threads:
                thread.start()
            try:
                broker.status(lambda status: status["decoded"] > 20_000, "the flood")
                code, seconds = broker.stop(number)
            finally:
                stopped.set()
                for thread in threads:
                    thread.join()
            self.assertEqual(code, 0)
            self.assertLess(seconds, 5)
            workers = broker.query("select messages, missing, duplicate from workers")
            counted, = broker.query("select sum(count) from runs")[0]
            intervals, = broker.query("select sum(count) from intervals where label = 0")[0]
            state, = broker.query("select state from runs")[0]
            received = sum(messages for messages, _, _ in workers)
            self.assertGreater(received, 20_000)
            self.assertLess(received, 2 * MESSAGES)  # it was in the middle
            # No hole: what was received of a worker is what it sent first.
            self.assertEqual([(missing, doubled) for _, missing, doubled in workers],
                             [(0, 0)] * len(workers))
            self.assertEqual(counted, received)
            self.assertEqual(intervals, received)
            self.assertEqual(state, "finished")
            logged = [line for line in broker.read_log().splitlines() if "event=stopped" in line]
            self.assertIn(f"messages={received}", logged[0])

    def test_sigterm_in_the_middle_of_a_million_messages(self):
        self.stop_in_a_flood(signal.SIGTERM)

    def test_sigint_does_the_same(self):
        self.stop_in_a_flood(signal.SIGINT)

    def test_neither_a_tick_nor_the_stop_waits_for_a_queue_of_large_frames(self):
        frames, elements = 3_000, 20_000
        frame = "[" + ",".join("1" * elements) + "]"
        with BrokerProcess() as broker, broker.push() as push:
            push.setsockopt(zmq.SNDTIMEO, 1000)
            push.setsockopt(zmq.LINGER, 0)

            def send():
                with contextlib.suppress(zmq.Again):
                    for _ in range(frames):
                        push.send_string(frame)

            sender = threading.Thread(target=send)
            sender.start()
            status = broker.status(lambda status: status["rejected"]["not_object"] > 0)
            self.assertLess(status["rejected"]["not_object"], frames * elements)
            code, seconds = broker.stop()
            sender.join()
            self.assertLess(seconds, 5)
            # What it had received and could not take in by then, it owns up to.
            self.assertEqual(code == 1, "event=frames_left_out" in broker.read_log())

    def test_a_worker_that_owes_its_stop_shows_in_the_state(self):
        with BrokerProcess() as broker:
            with broker.push() as push:
                push.send_string('{"data_type":"startTestRun","worker_id":"w","run_id":"r"}')
            broker.status(lambda status: status["decoded"] == 1)
            broker.stop()
            self.assertEqual(broker.query("select state from runs"), [("aborted_by_system",)])

    def test_a_subscriber_sees_the_final_summary_of_a_stopped_broker(self):
        with BrokerProcess() as broker, broker.subscribe("summary/") as feed:
            with broker.push() as push:
                push.send_string('{"data_type":"startTest","test":"t","worker_id":"w",'
                                 '"run_id":"r"}')
            self.assertFalse(json.loads(feed.recv_multipart()[1])["final"])
            broker.process.send_signal(signal.SIGTERM)
            while not json.loads(feed.recv_multipart()[1])["final"]:
                pass
            self.assertEqual(broker.process.wait(timeout=20), 0)


class LockedStoreTest(unittest.TestCase):
    def locked(self, broker):
        database = sqlite3.connect(broker.db, isolation_level=None, check_same_thread=False)
        self.addCleanup(database.close)
        database.execute("begin immediate")
        return database

    def test_rows_that_found_no_room_are_stored_once_the_file_is_free(self):
        labels = 3_000
        with BrokerProcess("--tick-ms", "100", "--set", "store.queue_rows=1000") as broker:
            hit = {"data_type": "add_hit", "worker_id": "w", "run_id": "r", "method": "GET",
                   "url": "http://h/", "status": 200, "elapsed": 0.01}
            with broker.push() as push:
                push.send_string(json.dumps(hit))
                eventually(lambda: broker.query("select 1 from labels"), "the first row")
                lock = self.locked(broker)
                broker.status(lambda status: status["store"]["write_errors"] > 0)
                for part in range(3):
                    push.send_string("\n".join(json.dumps(hit | {"label": f"{part} {number}"})
                                               for number in range(labels // 3)))
                    broker.status(lambda status: status["decoded"] >= 1 + labels // 3 * (part + 1))
                broker.status(lambda status: status["store"]["rows_dropped"] > 0)
                lock.execute("rollback")
            eventually(lambda: broker.query("select count(*), sum(count) from labels")
                       == [(labels + 1, labels + 1)], "every label")

    def test_a_file_that_stays_locked_does_not_keep_the_broker_from_stopping(self):
        with BrokerProcess() as broker:
            with broker.push() as push:
                push.send_string('{"data_type":"startTest","test":"t"}')
            broker.status(lambda status: status["decoded"] == 1)
            self.locked(broker)
            code, seconds = broker.stop()
            self.assertEqual(code, 1)
            self.assertLess(seconds, 5)
            self.assertIn("event=rows_not_written", broker.read_log())


class SecondBrokerTest(unittest.TestCase):
    def test_a_second_broker_on_the_same_file_is_refused(self):
        with BrokerProcess() as broker:
            second = weir("serve", "--db", broker.db, *(p for flag in ANYWHERE.items() for p in flag))
            self.assertEqual(second.returncode, 1)
            self.assertRegex(second.stderr, r"weir: serve: .*weir\.db.*" + str(broker.process.pid))
            self.assertEqual(len(second.stderr.strip().splitlines()), 1)

    def test_a_taken_port_is_named(self):
        with BrokerProcess() as broker:
            second = weir("serve", "--db", broker.db + "2", "--data", broker.db + "2-data",
                          "--ingest", broker.endpoints["ingest"], "--feed", "tcp://127.0.0.1:*",
                          "--acked", "tcp://127.0.0.1:*", "--http", "127.0.0.1:0")
            self.assertEqual(second.returncode, 1)
            self.assertIn(broker.endpoints["ingest"], second.stderr)

    def test_numbers_and_runs_go_on_after_a_restart(self):
        message = '{"data_type":"startTest","test":"t","run_id":"%s"}'
        with BrokerProcess() as first:
            with first.push() as push:
                push.send_string(message % "mine")
            first.status(lambda status: status["decoded"] == 1)
            first.stop()
            self.assertEqual(first.query("select state from runs"), [("finished",)])
            with BrokerProcess(db=first.db) as second:
                with second.push() as push:
                    push.send_string(message % "mine")
                    push.send_string(message % "other")
                eventually(lambda: second.query("select id from runs where run_id = 'other'"),
                           "the new run")
                self.assertEqual(
                    second.query("select r.id, r.run_id, r.state, t.started from runs r "
                                 "join tests t on t.run = r.id order by r.id"),
                    [(1, "mine", "running", 2), (2, "other", "running", 1)])
                self.assertEqual(
                    second.query("select run, kind from events where kind not like 'worker%' "
                                 "order by id"),
                    [(0, "broker_started"), (1, "started"), (1, "finished"), (0, "broker_stopped"),
                     (0, "broker_started"), (1, "reopened"), (2, "started")])

    def test_a_run_that_ended_by_itself_stays_ended_after_a_restart(self):
        settings = ("--set", "run.end_grace_s=0.1", "--set", "run.late_grace_s=0.1")
        with BrokerProcess(*settings) as first:
            with first.push() as push:
                for kind in ("startTestRun", "stopTestRun"):
                    push.send_string('{"data_type":"%s","run_id":"mine"}' % kind)
            eventually(lambda: first.query("select id from runs where state = 'finished'"),
                       "the end of the run")
            first.stop()
            with BrokerProcess(*settings, db=first.db) as second, second.push() as push:
                push.send_string('{"data_type":"startTest","test":"t","run_id":"mine"}')
                second.status(lambda status: status["rejected"]["closed_run"] == 1)


class ReadWhileWritingTest(unittest.TestCase):
    def test_the_results_of_a_runner_that_is_done_are_stored_before_the_next_tick(self):
        with BrokerProcess("--tick-ms", "60000") as broker, broker.push() as push:
            for kind in ("startTestRun", "socket_open", "stopTestRun"):
                push.send_string(f'{{"data_type":"{kind}","run_id":"r","worker_id":"w"}}')
            eventually(lambda: broker.query("select opened from sockets") == [(1,)],
                       "the rows of a run that is done")

    def test_another_process_reads_rising_totals_while_the_broker_writes(self):
        with BrokerProcess("--tick-ms", "100") as broker, broker.push() as push:
            seen = set()
            sent = 0

            def look():
                nonlocal sent
                for _ in range(50):
                    push.send_string('{"data_type":"add_hit","run_id":"r","worker_id":"w",'
                                     '"url":"http://h/","method":"GET","status":200,'
                                     '"elapsed":0.01}')
                sent += 50
                for count, in broker.query("select count from runs"):
                    self.assertLessEqual(count, sent)
                    seen.add(count)
                return len(seen) >= 5
            eventually(look, "five different totals")


if __name__ == "__main__":
    unittest.main()
