"""Finished runs put into a results file by SQL, as large and as old as a test wants them."""
import sqlite3
import time

from broker_process import BrokerProcess

DAY_S = 86_400


def make_store(db):
    """An empty results file."""
    with BrokerProcess(db=db) as broker:
        broker.stop()


def add_run(db, run_id, hits=0, ended_days_ago=0.0, baseline=0):
    """A run that ended then, with so many raw hits of about 150 bytes."""
    ended_us = int((time.time() - ended_days_ago * DAY_S) * 1e6)
    database = sqlite3.connect(db, timeout=20)
    try:
        number = database.execute(
            "INSERT INTO runs (run_id, state, started_us, ended_us, baseline) "
            "VALUES (?, 'finished', ?, ?, ?)",
            (run_id, ended_us - 60_000_000, ended_us, baseline)).lastrowid
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO hits (run, label, worker, started_us, elapsed_us, status, success, url) "
            "SELECT ?, 0, 'w', i, 1000, 200, 1, 'http://h/' || hex(zeroblob(50)) FROM n WHERE ? > 0",
            (hits, number, hits))
        database.commit()
    finally:
        database.close()
    return number
