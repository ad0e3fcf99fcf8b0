"""The table in docs/operations.md and the example rules name every metric that there is, and none that there is not."""

import re
from typing import Any

import pytest
import yaml
from django.utils import timezone
from django.utils.text import slugify

from brokerage import metrics
from funding import queues
from funding.gauges import Gauges
from funding.models import Worker
from funding.operations import settlement
from tests import make
from tests.harness.environment import ROOT

pytestmark = pytest.mark.django_db

DOCS = ROOT / "docs"
RULES = (DOCS / "prometheus" / "alerts.yml").read_text()
NAME = re.compile(r"brokerage_[a-z_]+[a-z]")


def there_are() -> set[str]:
    """Return what /metrics tells of, as Prometheus knows it: a counter ends in _total."""
    make.stream_read(settlement.STREAM, timezone.now())
    Worker.objects.create(name="worker", host="here", pid=1)
    found = [*metrics.REGISTRY.collect(), *Gauges().collect()]
    return {f"{metric.name}_total" if metric.type == "counter" else metric.name for metric in found}


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(RULES)["groups"] for rule in group["rules"]]


def test_the_table_names_every_metric_and_no_other() -> None:
    lines = (DOCS / "operations.md").read_text().splitlines()
    named = {name for line in lines if line.startswith("| `brokerage_") for name in NAME.findall(line.split("|")[1])}

    assert named == there_are()


def test_the_rules_ask_for_metrics_that_there_are() -> None:
    histograms = re.compile(r"_(count|bucket|sum)$")
    asked = {histograms.sub("", name) for rule in rules() for name in NAME.findall(rule["expr"])}

    assert asked <= there_are()
    assert len(asked) > 15


def test_the_rules_ask_for_queues_that_there_are() -> None:
    asked = set(re.findall(r'queue="([^"]+)"', RULES))

    assert asked == {"stuck", "to-review"}
    assert asked <= {slugify(queue.title) for queue in queues.everything()}


def test_every_rule_says_what_it_is_and_whom_it_calls() -> None:
    for rule in rules():
        assert {"alert", "expr", "labels", "annotations"} <= rule.keys()
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert rule["annotations"]["summary"]


def test_the_example_reads_the_right_address() -> None:
    jobs = yaml.safe_load((DOCS / "prometheus" / "prometheus.yml").read_text())["scrape_configs"]

    assert {job["job_name"] for job in jobs} == {"brokerage", "brokerage-worker"}
    assert {job["metrics_path"] for job in jobs} == {"/metrics"}
    assert {job["authorization"]["type"] for job in jobs} == {"Bearer"}
