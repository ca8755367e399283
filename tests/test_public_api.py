import types

import stancelib


def test_all_is_what_is_visible():
    visible = {
        name
        for name, value in vars(stancelib).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    imported_for_types = {"TYPE_CHECKING", "Any", "Iterable", "Iterator", "Path", "default_model"}
    imported_when_asked_for = {"OutOfFold", "Panel", "predict_out_of_fold", "train"}
    assert (visible - imported_for_types) | imported_when_asked_for == set(stancelib.__all__)
    assert stancelib.__all__ == sorted(stancelib.__all__)


def test_everything_public_is_documented():
    for name in stancelib.__all__:
        thing = getattr(stancelib, name)
        assert thing.__doc__, name
        for attribute, value in vars(thing).items() if isinstance(thing, type) else ():
            if not attribute.startswith("_") and isinstance(value, types.FunctionType | property):
                assert value.__doc__, f"{name}.{attribute}"


def test_errors_are_one_family():
    assert issubclass(stancelib.DataError, stancelib.StanceError)
    assert issubclass(stancelib.DataError, ValueError)
    assert issubclass(stancelib.ModelFileError, stancelib.StanceError)
