import subprocess
import sys

import pytest

from riskmodel.late import late

LATE = """
import sys
from riskmodel.late import late
module = late("wave")
before = "wave" in sys.modules
module.open
print(before, "wave" in sys.modules)
"""


def test_a_module_is_imported_when_something_of_it_is_asked_for():
    done = subprocess.run([sys.executable, "-c", LATE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_what_it_gives_is_the_modules_own():
    import json

    assert late("json").loads is json.loads
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = late("json").no_such_name
    with pytest.raises(ModuleNotFoundError):
        _ = late("no_such_module_at_all").anything
