"""The metrics as an answer."""

from sessions_app.api.v2.dto import MetricDto, MetricsDto
from sessions_app.api.v2.present.plain import moment
from sessions_app.metrics import Metric, MetricsReport


def metrics_dto(report: MetricsReport) -> MetricsDto:
    return {
        "since": moment(report.since),
        "undatedSessions": report.undated_sessions,
        "cutMetric": report.cut_metric,
        "metrics": {name: _metric(metric) for name, metric in report.metrics.items()},
    }


def _metric(metric: Metric) -> MetricDto:
    return {
        "value": metric.value,
        "wanted": metric.wanted,
        "target": metric.target,
        "isMet": metric.is_met,
        "reason": metric.reason,
        "figures": dict(metric.figures),
    }
