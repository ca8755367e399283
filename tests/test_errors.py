from stancelib import errors


def test_the_drawn_tree_names_every_error():
    defined = {n for n, v in vars(errors).items() if isinstance(v, type)}
    assert all(name in errors.__doc__ for name in defined)
