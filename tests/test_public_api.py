import types

import stancelib


def test_all_is_what_is_visible():
    visible = {
        name
        for name, value in vars(stancelib).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    for_itself = {"TYPE_CHECKING", "Any", "Iterable", "Iterator", "Path"}
    for_itself |= {"default_model", "import_module"}
    assert (visible - for_itself) | set(stancelib._LATER) == set(stancelib.__all__)
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
