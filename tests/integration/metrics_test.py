"""/metrics as Prometheus reads it, and what docs/grafana makes of it."""
import json
import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

from api_contract import SOURCE
from broker_process import eventually
from contract_requests import HIT, start
from http_client import Http

GRAFANA = SOURCE / "docs/grafana"
ODD = 'odd "run" \\ {x="y"}'


# (alert, series, its values when all is well, those that it is for), every 15 s.
BROKER = '{job="weir", instance="b:7070"}'
BAD = [(alert, name + BROKER, good, bad) for alert, name, good, bad in (
    ("WeirDown", "up", "1x80", "1x40 0x40"),
    ("WeirRestarted", "weir_uptime_seconds", "0+15x80", "0+15x40 0+15x40"),
    ("WeirMessagesMissing", "weir_messages_missing", "5x80", "5x40 5+1x40"),
    ("WeirAcknowledgedLost", "weir_acked_lost_total", "0x80", "0x40 3x40"),
    ("WeirJournalFails", "weir_journal_ok", "1x80", "1x40 0x40"),
    ("WeirJournalLeftOut", "weir_journal_left_out_total", "7x80", "7x40 7+2x40"),
    ("WeirJournalSlow", "weir_journal_sync_seconds", "0.01x80", "0.01x30 0.9x50"),
    ("WeirStoreFails", "weir_store_ok", "1x80", "1x40 0x40"),
    ("WeirStoreLags", "weir_store_queue_rows", "900x80", "900x30 90000x50"),
    ("WeirWalGrows", "weir_store_wal_bytes", "64000000x80", "64000000x10 2000000000x70"),
    ("WeirPutsOff", "weir_http_retry_later_total", "3x80", "3x40 3+1x40"),
    ("WeirPutsOff", "weir_acked_retry_later_total", "3x80", "3x40 3+1x40"),
    ("WeirRowsDropped", "weir_store_rows_dropped_total", "0x80", "0x40 9x40"),
    ("WeirPauses", "weir_longest_pause_seconds", "0.01x80", "0.01x50 3x30"),
)] + [("WeirRejectsMessages",
       'weir_messages_rejected_total{job="weir", instance="b:7070", reason="not_json"}',
       "9x80", "9x40 9+1x40")]


def promtool(*arguments, **options):
    """Only looks: nothing of Prometheus is running, or started."""
    return subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, check=False, **options)


def metrics_in(expression):
    return set(re.findall(r"\bweir_\w+", expression))


def expressions(part):
    """Every PromQL text of a dashboard."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("expr", "query", "definition") and isinstance(value, str):
                yield value
            yield from expressions(value)
    elif isinstance(part, list):
        for value in part:
            yield from expressions(value)


class MetricsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        broker = start()
        cls.addClassCleanup(broker.__exit__)
        cls.http = Http(broker)
        cls.http.post_messages([{**HIT, "run_id": run_id, "loads_status": [1, 7, 1, 1],
                                 "status": status, "elapsed": 0.25}
                                for run_id in ("r", ODD) for status in (200, 500)])
        cls.http.post_messages([{"data_type": "x"}])
        eventually(lambda: 'run_id="r"' in cls.read(), "the run")
        cls.text = cls.read()

    @classmethod
    def read(cls):
        return cls.http.request("GET", "/metrics").body.decode()

    def value(self, series):
        return next(float(line.rsplit(" ", 1)[1]) for line in self.text.splitlines()
                    if line.rsplit(" ", 1)[0] == series)

    def test_promtool_has_no_complaint(self):
        done = promtool("check", "metrics", input=self.text)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_the_figures_are_those_of_the_runs_and_the_broker(self):
        odd = ODD.replace("\\", "\\\\").replace('"', '\\"')
        for run_id in ("r", odd):
            self.assertEqual(self.value(f'weir_run_hits_total{{run_id="{run_id}"}}'), 2)
            self.assertEqual(self.value(f'weir_run_hits_failed_total{{run_id="{run_id}"}}'), 1)
            self.assertEqual(self.value(f'weir_run_users{{run_id="{run_id}"}}'), 7)
            median = f'weir_run_response_seconds{{run_id="{run_id}",quantile="0.5"}}'
            self.assertEqual(self.value(median), 0.25)
        self.assertEqual(self.value("weir_messages_decoded_total"), 4)
        self.assertEqual(self.value('weir_messages_rejected_total{reason="unknown_type"}'), 1)
        self.assertEqual(self.value("weir_runs_active"), 2)

    def test_counters_only_rise_and_runs_that_are_over_go(self):
        before = self.series(self.text)
        self.http.post_messages([{**HIT, "run_id": "short"}])
        eventually(lambda: 'run_id="short"' in self.read(), "the run")
        self.http.request("POST", "/api/runs/short/stop")
        eventually(lambda: 'run_id="short"' not in self.read(), "its end")
        after = self.series(self.read())
        for name, value in before.items():
            if "_total" in name:
                self.assertGreaterEqual(after[name], value, name)

    @staticmethod
    def series(text):
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
                for line in text.splitlines() if not line.startswith("#")}

    def test_prometheus_takes_the_rules(self):
        done = promtool("check", "rules", GRAFANA / "weir-alerts.yaml")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_each_rule_fires_when_it_should_and_only_then(self):
        rules = yaml.safe_load((GRAFANA / "weir-alerts.yaml").read_text(encoding="utf-8"))
        names = {rule["alert"] for group in rules["groups"] for rule in group["rules"]}
        self.assertEqual({name for name, *_ in BAD}, names)
        calm = [{"series": series, "values": good} for _, series, good, _ in BAD]
        cases = [{"interval": "15s", "input_series": calm, "alert_rule_test": [
            {"eval_time": "15m", "alertname": name, "exp_alerts": []} for name in names]}]
        for name, series, good, bad in BAD:
            self.assertNotEqual(good, bad)
            known = {each["series"]: each for each in calm}
            known[series] = {"series": series, "values": bad}
            # That one fires, whatever it says.
            cases.append({"interval": "15s", "input_series": list(known.values()),
                          "promql_expr_test": [{"expr": f'count(ALERTS{{alertname="{name}",'
                                                        'alertstate="firing"}) > 0',
                                                "eval_time": "15m", "exp_samples": [
                                                    {"labels": "{}", "value": 1}]}]})
        with tempfile.TemporaryDirectory() as folder:
            tests = pathlib.Path(folder) / "tests.yaml"
            tests.write_text(yaml.safe_dump({"rule_files": [str(GRAFANA / "weir-alerts.yaml")],
                                             "evaluation_interval": "15s", "tests": cases}))
            done = promtool("test", "rules", tests)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def assert_known(self, used):
        known = set(re.findall(r"^# TYPE (\S+)", self.text, re.MULTILINE))
        known |= {name + part for name in known for part in ("_sum", "_count")}
        self.assertEqual(used - known, set())

    def test_each_metric_of_the_rules_exists(self):
        rules = yaml.safe_load((GRAFANA / "weir-alerts.yaml").read_text(encoding="utf-8"))
        self.assert_known(set().union(*(metrics_in(rule["expr"]) for group in rules["groups"]
                                        for rule in group["rules"])))

    def test_each_metric_of_the_dashboard_exists(self):
        board = json.loads((GRAFANA / "weir.json").read_text(encoding="utf-8"))
        used = set().union(*map(metrics_in, expressions(board)))
        self.assertGreater(len(used), 20)
        self.assert_known(used)

    def test_the_dashboard_asks_what_prometheus_can_read(self):
        board = json.loads((GRAFANA / "weir.json").read_text(encoding="utf-8"))
        asked = [target["expr"] for panel in board["panels"] for target in panel.get("targets", [])]
        rules = {"groups": [{"name": "g", "rules": [
            {"record": f"weir:asked_{number}",
             "expr": text.replace("$__rate_interval", "1m")} for number, text in enumerate(asked)]}]}
        done = promtool("check", "rules", "/dev/stdin", input=yaml.safe_dump(rules))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        numbers = [panel["id"] for panel in board["panels"]]
        self.assertEqual(len(numbers), len(set(numbers)))


if __name__ == "__main__":
    unittest.main()
