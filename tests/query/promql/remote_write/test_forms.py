"""As what floats are stored."""

import pytest

from query.promql.naming.metric_kind import MetadataType
from query.promql.remote_write.forms import Form, form_of_floats
from query.promql.remote_write.series import Metadata, Series


@pytest.mark.parametrize(
    ("name", "type_", "form"),
    [
        ("a", "counter", Form.COUNTER),
        ("a_total", "unknown", Form.COUNTER),
        ("a_total", "gauge", Form.GAUGE),
        ("a", "unknown", Form.GAUGE),
        ("a_count", "unknown", Form.GAUGE),
        ("a_bucket", "unknown", Form.GAUGE),
        ("a_bucket", "histogram", Form.COUNTER),
        ("a_sum", "histogram", Form.COUNTER),
        ("a_count", "summary", Form.COUNTER),
        ("a", "summary", Form.GAUGE),
        ("a_bucket", "gaugehistogram", Form.GAUGE),
        ("a", "info", Form.GAUGE),
    ],
)
def test_forms(name: str, type_: MetadataType, form: Form) -> None:
    assert form_of_floats(Series({"__name__": name}, Metadata(type_))) is form


def test_a_bucket_is_known_by_its_bound() -> None:
    series = Series({"__name__": "a_bucket", "le": "1"}, Metadata())
    assert form_of_floats(series) is Form.COUNTER
