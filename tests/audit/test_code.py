import ast

from tests.audit.birds import make_audit
from vlmdiag_widgets.audit.code import world_arguments


def settings_in(code):
    call = next(n for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call) and n.keywords)
    return {k.arg: k.value for k in call.keywords}


def test_code_says_all_settings_that_are_not_defaults(audit):
    audit.edit(slice_by=["place"], gap="closed", target_class="landbird", focus=7)
    code = audit.code()
    said = settings_in(code)
    assert ast.literal_eval(said["attributes"]) == audit.attributes
    assert ast.literal_eval(said["label_of"]) == audit.label_of
    assert ast.literal_eval(said["group_of"]) == audit.group_of
    assert ast.literal_eval(said["templates"]) == audit.templates
    assert ast.literal_eval(said["slice_by"]) == ["place"]
    assert ast.literal_eval(said["gap"]) == "closed"
    assert "ensemble" not in said
    assert "audit.focus = 7" in code


def test_the_settings_in_the_code_make_the_same_audit(audit):
    audit.edit(attributes={**audit.attributes, "place": ["ocean", "forest"]})
    said = {
        k: ast.literal_eval(v) for k, v in settings_in(audit.code()).items() if k in audit.traits()
    }
    again = make_audit(**said)
    assert again._state == audit._state


def test_quotes_in_values_do_not_break_the_code(audit):
    audit.edit(attributes={**audit.attributes, "place": ['d\'Or "x"', "a\nb"]})
    said = settings_in(audit.code())
    assert ast.literal_eval(said["attributes"])["place"] == ['d\'Or "x"', "a\nb"]


def test_rendered_data_are_named_with_what_made_them():
    class Data:
        def __init__(self):
            self.provenance = {"world": "waterbirds", "seed": 3, "size": 64}
            self.provenance["knobs"] = {"spurious": 0.9}

        def __len__(self):
            return 50

    expected = {"n": 50, "seed": 3, "size": 64, "spurious": 0.9}
    assert world_arguments(Data()) == ("waterbirds", expected)
    assert world_arguments(None) is None
