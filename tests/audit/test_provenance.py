import json

from tests.audit.birds import make_audit
from vlmdiag_widgets.audit.provenance import plain


def test_provenance_is_json_with_versions_seeds_hashes_and_timings(audit):
    audit.slices()
    record = json.loads(json.dumps(audit.provenance()))
    assert {"python", "numpy", "torch"} <= set(record["versions"])
    assert record["seed"] == 0
    assert record["encoder"] == {"name": "words"}
    assert record["classifier"] == {"kind": "probe", "title": "linear probe"}
    assert record["methods"]["classifier"]["epochs"] == 25
    assert record["methods"]["directions"]["n_permutations"] == 99
    assert record["dataset"]["evaluated"] == 192
    assert record["seconds"]["classifier"] > 0
    assert set(record["results"]) >= {"slices", "influence"}


def test_the_same_audit_has_the_same_hashes_and_another_one_does_not():
    one, same = make_audit().provenance(), make_audit().provenance()
    other = make_audit(attributes={"species": ["owl", "swan"], "place": ["ocean"]}).provenance()
    assert one["results"] == same["results"]
    assert one["dataset"]["digest"] == same["dataset"]["digest"]
    assert one["results"]["slices"] != other["results"]["slices"]
    assert one["state"] != other["state"]


def test_what_json_cannot_hold_becomes_text():
    assert plain({"a": {1}, "b": object}) == {"a": [1], "b": "<class 'object'>"}
