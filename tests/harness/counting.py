"""What the code under test has counted since a test began."""

from prometheus_client import Metric

from brokerage import metrics

Labels = tuple[str, ...]


def counts(name: str, *labels: str) -> dict[Labels, float]:
    """Return how often each combination of labels was counted by a histogram."""
    found: list[Metric] = [metric for metric in metrics.REGISTRY.collect() if metric.name == name]
    samples = [sample for metric in found for sample in metric.samples if sample.name == f"{name}_count"]
    return {tuple(sample.labels[label] for label in labels): sample.value for sample in samples}


class Counting:
    """What was counted since this was made."""

    def __init__(self, name: str, *labels: str) -> None:
        self._what = (name, *labels)
        self._before = counts(*self._what)

    @property
    def news(self) -> dict[Labels, float]:
        now = counts(*self._what)
        return {key: now[key] - self._before.get(key, 0) for key in now if now[key] != self._before.get(key, 0)}
