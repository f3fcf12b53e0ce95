"""Holds a results file against what was sent: counts, sums, extremes and percentiles are worked out
anew from every single value. Never asks the broker."""
import collections
import contextlib
import sqlite3

LABEL_INTERVAL_US, RUN_INTERVAL_US = 10_000_000, 1_000_000
QUANTILES = (("p50_us", 500_000), ("p90_us", 900_000), ("p95_us", 950_000), ("p99_us", 990_000),
             ("p999_us", 999_000))
FIGURES = ("count", "failed", "sum_us", "min_us", "max_us", *(name for name, _ in QUANTILES))


def upper_edge(value):
    """Of the bucket of docs/sketch-format.md that the value falls into."""
    shift = max(value.bit_length() - 11, 0)
    return (((value >> shift) + 1) << shift) - 1


def figures(hits):
    """The columns FIGURES of so many (elapsed_us, success)."""
    values = sorted(elapsed for elapsed, _ in hits)
    quantiles = [min(upper_edge(values[max(1, -(-len(values) * ppm // 1_000_000)) - 1]), values[-1])
                 for _, ppm in QUANTILES]
    return (len(hits), sum(not success for _, success in hits), sum(values), values[0],
            values[-1], *quantiles)


class Truth:
    """What should be in the results file once these senders' messages are, each once."""

    def __init__(self, messages_of):
        """`messages_of` is {worker_id: [Message, ...]}."""
        self.workers = {}
        self.labels, self.seconds, self.tens = (collections.defaultdict(list) for _ in range(3))
        self.status, self.errors = collections.Counter(), collections.Counter()
        self.tests = collections.defaultdict(collections.Counter)
        self.counters = collections.Counter()
        for worker_id, messages in messages_of.items():
            self.workers[worker_id] = len(messages)
            started_us = 0
            for message in messages:
                if message.kind == "add_hit":
                    self.add_hit(message)
                elif message.kind == "startTest":
                    started_us = message.time_us
                    self.tests[message.label]["started"] += 1
                elif message.kind == "stopTest":
                    self.tests[message.label].update(
                        finished=1, sum_us=message.time_us - started_us)
                elif message.kind in ("addSuccess", "addFailure"):
                    self.tests[message.label][message.kind] += 1
                elif message.kind not in ("startTestRun", "stopTestRun"):
                    self.counters[message.label if message.kind == "incr_counter"
                                  else message.kind] += 1

    def add_hit(self, hit):
        value = (hit.elapsed_us, hit.success)
        self.labels[hit.label].append(value)
        self.seconds[hit.time_us // RUN_INTERVAL_US * RUN_INTERVAL_US].append(value)
        self.tens[hit.label, hit.time_us // LABEL_INTERVAL_US * LABEL_INTERVAL_US].append(value)
        self.status[hit.label, hit.status] += 1
        if hit.error:
            self.errors[hit.error] += 1

    @property
    def hits(self):
        return [value for values in self.labels.values() for value in values]

    def differences(self, db, run_id):
        """What is wrong with the file, in words; empty if nothing is."""
        found = []

        def compare(what, stored, true):
            wrong = sorted(key for key in {*stored, *true} if stored.get(key) != true.get(key))
            found.extend(f"{what} {key}: stored {stored.get(key)}, true {true.get(key)}"
                         for key in wrong[:3])
            if wrong[3:]:
                found.append(f"{what}: {len(wrong) - 3} more are wrong")

        with contextlib.closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True, timeout=20)) as file:
            sound = file.execute("PRAGMA integrity_check").fetchall()
            if sound != [("ok",)]:
                found.append(f"integrity_check: {sound[:3]}")
            run = file.execute(f"SELECT id, {', '.join(FIGURES)} FROM runs WHERE run_id = ?",
                               (run_id,)).fetchone()
            if run is None:
                return [*found, f"there is no run {run_id}"]
            self.compare_run(compare, file, run[0])
            compare("run", dict(zip(FIGURES, run[1:])), dict(zip(FIGURES, figures(self.hits))))
            compare("rejects", dict(file.execute("SELECT reason, count FROM rejects")), {})
        return found

    def compare_run(self, compare, file, run):
        columns = ", ".join(FIGURES)

        def stored(sql, keys=1):
            return {row[0] if keys == 1 else row[:keys]: row[keys] if len(row) == keys + 1 else
                    row[keys:] for row in file.execute(sql, (run,))}

        def true(groups):
            return {key: figures(hits) for key, hits in groups.items()}

        compare("label", stored(f"SELECT label, {columns} FROM labels WHERE run = ?"),
                true(self.labels))
        compare("second", stored(f"SELECT start_us, {columns} FROM intervals WHERE run = ? AND "
                                 "label = 0 AND count > 0"), true(self.seconds))
        compare("ten seconds of",
                stored("SELECT l.label, i.start_us, " + ", ".join(f"i.{name}" for name in FIGURES) +
                       " FROM intervals i JOIN labels l ON l.id = i.label WHERE i.run = ? AND "
                       "i.count > 0", 2), true(self.tens))
        compare("status", stored("SELECT l.label, s.status, s.count FROM status_counts s JOIN "
                                 "labels l ON l.id = s.label WHERE s.run = ?", 2), self.status)
        compare("error", stored("SELECT message, sum(count) FROM errors WHERE run = ? AND "
                                "kind = 'hit' GROUP BY 1"), self.errors)
        compare("test", stored("SELECT test, started, finished, success, failure, sum_us FROM tests "
                               "WHERE run = ?"),
                {name: tuple(test[key] for key in ("started", "finished", "addSuccess",
                                                   "addFailure", "sum_us"))
                 for name, test in self.tests.items()})
        compare("counter", stored("SELECT name, count FROM counters WHERE run = ?"), self.counters)
        compare("messages of worker",
                stored("SELECT worker_id, messages FROM workers WHERE run = ?"), self.workers)


def truth_of(senders):
    return Truth({sender.worker_id: [message for batch in sender.batches for message in batch]
                  for sender in senders})
