"""A believable run: its messages, and what is true of it, worked out from plain lists."""
import collections
import datetime
import math
import random

PERCENTILES = {"p50": 50, "p90": 90, "p95": 95, "p99": 99, "p999": 99.9}
UTC = datetime.timezone.utc
HOST = "http://shop.example"
# Of each ten hits: label, method, URL of a hit, label given by the runner.
KINDS = (
    *[("GET " + HOST + "/items/{id}", "GET", HOST + "/items/%d?q=secret", None)] * 5,
    *[("POST " + HOST + "/basket", "POST", HOST + "/basket", None)] * 2,
    *[("checkout", "POST", HOST + "/checkout", "checkout")] * 2,
    ("GET " + HOST + "/slow", "GET", HOST + "/slow", None),
)
WORKERS = ("w0", "w1", "w2")
HITS = 300
TESTS = 30
TRACEBACK = "Traceback (most recent call last):\n  File \"shop.py\", line 7\n<script>alert(1)</script>"


def iso(time):
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def nearest_rank(values, percent):
    """The exact percentile of a list."""
    # Rounded, since 99.9 / 100 * 1000 is a little more than 999.
    return sorted(values)[max(math.ceil(round(percent * len(values) / 100, 9)), 1) - 1]


class Run:
    """`messages` in the order in which they are sent; a hit is (second, label, us, status)."""

    def __init__(self, run_id, slower=1.0, seed=1):
        self.run_id = run_id
        self.tags = {"branch": "main", "build": str(seed)}
        now = datetime.datetime.now(UTC).replace(microsecond=0)
        self.begin = now - datetime.timedelta(seconds=45)
        self.chance = random.Random(seed)
        self.slower, self.epoch = slower, seed
        self.seqs = collections.Counter()
        self.messages, self.hits, self.durations = [], [], []
        self.sent = collections.Counter()
        self.start()
        for number in range(HITS):
            self.hit(number)
        for number in range(TESTS):
            self.test(number)
        self.others()
        self.refused = [{"data_type": "add_hit", "run_id": run_id, "worker_id": "w0"}] * 3
        self.end = [self.message("stopTestRun", worker, 31) for worker in WORKERS]

    def at(self, second):
        return iso(self.begin + datetime.timedelta(microseconds=round(second * 1e6)))

    def message(self, data_type, worker, second, **fields):
        """The next one of a worker; w1 lost two on the way."""
        self.seqs[worker] += 3 if (worker, self.seqs[worker]) == ("w1", 9) else 1
        self.sent[worker] += 1
        return {"data_type": data_type, "worker_id": worker, "run_id": self.run_id, "epoch": self.epoch,
                "seq": self.seqs[worker], "time": self.at(second), **fields}

    def send(self, *arguments, **fields):
        self.messages.append(self.message(*arguments, **fields))

    def start(self):
        for worker in WORKERS:
            self.send("startTestRun", worker, 0, name="nightly", project="shop",
                      scenario="checkout", tags=self.tags, loads_status=[0, 10, 1, 1])

    def hit(self, number):
        label, method, url, given = KINDS[number % len(KINDS)]
        us = int(self.slower * 1000 * self.chance.lognormvariate(3, 0.8))
        status = {17: 500, 41: 404, 63: 0}.get(number % 100, 200)
        second = number / 10
        self.hits.append((second, label, us, status))
        fields = {"url": url % number if "%" in url else url, "method": method, "status": status,
                  "elapsed": us / 1e6, "bytes_sent": 100, "bytes_received": 1000 + number}
        if given:
            fields["label"] = given
        if status == 0:
            fields["error"] = "connection refused"
        self.send("add_hit", WORKERS[number % 3], second, **fields)

    def test(self, number):
        us = 500_000 + 10_000 * number
        worker, name = WORKERS[number % 3], "test_buy" if number % 2 else "test_browse"
        self.durations.append((name, us))
        self.send("startTest", worker, number, test=name)
        if number % 10 == 3:
            self.send("addFailure", worker, number, test=name,
                      exc_info=["AssertionError", "500 != 200", TRACEBACK])
        elif number % 15 == 7:
            self.send("addError", worker, number, test=name,
                      exc_info=["ValueError", "broke", "at shop.py:9"])
        else:
            self.send("addSuccess", worker, number, test=name)
        self.send("stopTest", worker, number + us / 1e6, test=name)

    def others(self):
        for number in range(4):
            self.send("socket_open", "w0", number)
        for number in range(7):
            self.send("socket_message", "w0", number, size=9)
        for number in range(3):
            self.send("socket_close", "w0", 9 + number)
        for number in range(5):
            self.send("widgets-bought", "w2", number, test="test_buy")
        self.messages.append(self.messages[-1])  # seen twice

    @property
    def labels(self):
        """label -> its hits."""
        found = collections.defaultdict(list)
        for hit in self.hits:
            found[hit[1]].append(hit)
        return found

    def by_step(self, step):
        """Start of an interval -> its hits."""
        found = collections.defaultdict(list)
        for hit in self.hits:
            ended = self.begin.timestamp() + hit[0]
            found[int(ended) // step * step].append(hit)
        return dict(sorted(found.items()))


def failed(hits):
    return sum(not 200 <= hit[3] < 400 for hit in hits)


def durations_of(hits):
    return [hit[2] for hit in hits]


def complaints(durations, values_us):
    """What is wrong with a `response_ms` or `duration_ms` of these; empty: nothing."""
    count = len(values_us)
    mean = sum(values_us) / count
    exact = {"count": count, "min": min(values_us) / 1e3, "max": max(values_us) / 1e3}
    wrong = [f"{name}: {durations[name]}, not {value}" for name, value in exact.items()
             if durations[name] != value]
    near = {"mean": mean / 1e3,
            "sd": math.sqrt(sum((value - mean) ** 2 for value in values_us) / count) / 1e3}
    wrong += [f"{name}: {durations[name]}, not {value}" for name, value in near.items()
              if abs(durations[name] - value) > 0.0011]
    return wrong + wrong_percentiles({str(rank): durations[name]
                                      for name, rank in PERCENTILES.items()}, values_us)


def wrong_percentiles(found, values_us):
    """Each is at most 0.1 % high, and never low."""
    wrong = []
    for rank, value in found.items():
        exact = nearest_rank(values_us, float(rank)) / 1e3
        if not exact <= value <= exact * 1.001 + 1e-9:
            wrong.append(f"p{rank}: {value}, not {exact}")
    return wrong
