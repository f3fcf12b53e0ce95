"""The files of a broker that was killed, for tests of what can be made of them."""
import json
import os
import sqlite3

from broker_process import BrokerProcess, eventually, weir


def hits(run_id, count):
    """So many hits of a run, as lines."""
    hit = {"data_type": "add_hit", "worker_id": "w", "run_id": run_id, "url": "http://h/x",
           "method": "GET", "status": 200, "elapsed": 0.01}
    return (json.dumps(hit) + "\n") * count


def send_acked(broker, lines):
    """Returns when the broker has them on disk."""
    sent = weir("send", "-", "--acked", "--to", broker.endpoints["acked"], input=lines)
    if sent.returncode != 0:
        raise AssertionError(sent.stderr)


def crashed_store(folder, hits_count=100, runs=("a", "b"), settings=()):
    """Runs of acknowledged hits: of the first the database has all, of the last nothing."""
    words = [word for setting in settings for word in ("--set", setting)]
    with BrokerProcess("--tick-ms", "100", *words,
                       db=os.path.join(folder, "weir.db")) as broker:
        for run_id in runs[:-1]:
            send_acked(broker, hits(run_id, hits_count))
            eventually(lambda run=run_id: broker.query(
                "SELECT 1 FROM runs WHERE run_id = ? AND count = ?", run, hits_count), run_id)
        # A checkpoint cannot be made while somebody else writes.
        other = sqlite3.connect(broker.db, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        send_acked(broker, hits(runs[-1], hits_count))
        broker.process.kill()
        broker.process.wait()
        other.close()
