import pytest

from stancelib import errors
from stancelib.errors import DataError, PanelWarning, listed, report_faults


def test_the_drawn_tree_names_every_error():
    classes = {n: v for n, v in vars(errors).items() if isinstance(v, type)}
    defined = {n for n, v in classes.items() if v.__module__ == errors.__name__}
    assert "PanelWarning" in defined
    assert all(name in errors.__doc__ for name in defined)


def test_faults_are_raised_or_warned_of():
    with pytest.raises(DataError, match=r"^one\ntwo$"):
        report_faults(["one", "two"], "raise")
    with pytest.warns(PanelWarning, match=r"^one\ntwo$"):
        report_faults(["one", "two"], "warn")
    report_faults([], "raise")
    report_faults([], "warn")
    with pytest.raises(ValueError, match="errors is None, expected 'raise' or 'warn'"):
        report_faults([], None)


def test_lists_are_cut():
    assert listed([]) == ""
    assert listed(["a", "b"]) == "a, b"
    assert listed(iter("abc"), 2) == "a, b and 1 more"
