from stancelib import errors


def test_the_drawn_tree_names_every_error():
    defined = {
        n for n, v in vars(errors).items() if getattr(v, "__module__", "") == errors.__name__
    }
    defined = {n for n in defined if isinstance(vars(errors)[n], type)}
    assert all(name in errors.__doc__ for name in defined)
