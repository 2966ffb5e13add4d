import subprocess
import sys

import pytest

import vlmdiag_widgets as vd


@pytest.mark.parametrize("name", vd.__all__)
def test_every_public_name_is_there(name):
    assert getattr(vd, name) is not None


def test_tab_completion_shows_the_public_names():
    assert set(dir(vd)) == set(vd.__all__)


def test_a_wrong_name_is_answered_with_a_near_one():
    with pytest.raises(AttributeError, match="Did you mean load_dataset"):
        _ = vd.load_datasets


def test_importing_the_package_loads_no_heavy_library():
    heavy = "{'torch', 'open_clip', 'pandas', 'sklearn', 'anywidget', 'IPython'}"
    code = f"import sys, vlmdiag_widgets; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
