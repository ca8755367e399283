import datetime as dt

import numpy as np
import pandas as pd
import pytest

from stancelib import DataError, PanelWarning
from stancelib.grouping import make_groups


def groups_of(names, metadata, *, date="date", errors="raise", articles=None, columns=None):
    frame = pd.DataFrame(metadata)
    articles = np.arange(len(frame)) if articles is None else np.array(articles)
    names = [names] if isinstance(names, str) else names
    return make_groups(names, frame, articles, columns or {}, date=date, errors=errors)


def test_columns_make_groups():
    found = groups_of("outlet", {"outlet": ["b", "a", "b"]}, articles=[0, 0, 1, 2, 2])
    assert found.names == ("outlet",)
    assert found.keys == [("a",), ("b",)]
    assert found.codes.tolist() == [1, 1, 0, 1, 1]


def test_several_columns_make_combinations_that_occur():
    found = groups_of(["outlet", "year"], {"outlet": ["b", "a", "b"], "year": [3, 2, 1]})
    assert found.keys == [("a", 2), ("b", 1), ("b", 3)]
    assert found.codes.tolist() == [2, 0, 1]


def test_no_column_makes_one_group():
    found = groups_of([], {"outlet": ["b", None]}, articles=[0, 1, 1])
    assert found.keys == [()]
    assert found.codes.tolist() == [0, 0, 0]
    assert groups_of([], {"outlet": ["b"]}, articles=np.zeros(0, int)).keys == []


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("year", ["2023", "2024", "2024"]),
        ("quarter", ["2023-Q1", "2024-Q4", "2024-Q4"]),
        ("month", ["2023-01", "2024-10", "2024-12"]),
        ("week", ["2022-W52", "2024-W40", "2025-W01"]),
        ("day", ["2023-01-01", "2024-10-01", "2024-12-31"]),
    ],
)
def test_dates_make_periods(period, expected):
    found = groups_of(period, {"date": ["2023-01-01", "2024-10-01", "2024-12-31"]})
    assert [found.keys[code] for code in found.codes] == [(label,) for label in expected]


@pytest.mark.parametrize(
    "value",
    [
        "2024-05-31",
        " 2024-05-31T23:30:00 ",
        "2024-05-31T23:30:00Z",
        "2024-05-31T23:30:00-05:00",
        "20240531",
        dt.date(2024, 5, 31),
        dt.datetime(2024, 5, 31, 23, 30),
        pd.Timestamp("2024-05-31 23:30", tz="Asia/Tokyo"),
        np.datetime64("2024-05-31"),
    ],
)
def test_all_kinds_of_dates(value):
    frame = pd.DataFrame({"date": pd.Series([value], dtype=object)})
    assert groups_of("day", frame).keys == [("2024-05-31",)]


def test_columns_of_timestamps_by_another_name():
    frame = {"published": pd.to_datetime(["2024-05-31", "2023-05-31"])}
    assert groups_of("year", frame, date="published").keys == [("2023",), ("2024",)]


def test_a_column_goes_before_a_period_of_its_name():
    assert groups_of("year", {"year": ["dragon"], "date": ["2024-01-01"]}).keys == [("dragon",)]


def test_columns_of_sentences():
    found = groups_of(
        ["voice", "outlet"],
        {"outlet": ["a", "b"]},
        articles=[0, 0, 1],
        columns={"voice": np.array(["quoted", "outlet", "quoted"])},
    )
    assert found.keys == [("outlet", "a"), ("quoted", "a"), ("quoted", "b")]
    assert found.codes.tolist() == [1, 0, 2]


MISSING = {
    "outlet": ["a", None, " ", "b"],
    "date": ["2024-01-01", "May 2024", pd.NaT, "2024-01-02"],
}


def test_all_that_is_missing_is_named_at_once():
    with pytest.raises(DataError) as caught:
        groups_of(["outlet", "month", "year"], MISSING)
    assert str(caught.value).split("\n") == [
        "'outlet' is missing in 2 of 4 articles: 1, 2; fill it in, or leave them out with "
        "errors='warn'",
        "'date' is missing in 1 of 4 articles: 2; fill it in, or leave them out with errors='warn'",
        "'date' is not a date in 1 of 4 articles: 1, the first 'May 2024'; write dates as in "
        "2024-05-31, or leave them out with errors='warn'",
    ]


def test_what_is_missing_can_be_left_out():
    with pytest.warns(PanelWarning, match="'outlet' is missing in 2 of 4 articles: 1, 2"):
        found = groups_of(["outlet", "month"], MISSING, errors="warn", articles=[0, 1, 1, 2, 3])
    assert found.keys == [("a", "2024-01"), ("b", "2024-01")]
    assert found.codes.tolist() == [0, -1, -1, -1, 1]


def test_nothing_may_be_left():
    with pytest.warns(PanelWarning, match="missing in 1 of 1"):
        found = groups_of("outlet", {"outlet": [pd.NA]}, errors="warn")
    assert (found.keys, found.codes.tolist()) == ([], [-1])


def test_values_that_cannot_be_groups():
    with pytest.raises(DataError, match=r"'tags' cannot be put in order: .*; make it text"):
        groups_of("tags", {"tags": [["x"], ["y"]]})


def test_columns_that_are_not_there():
    with pytest.raises(ValueError, match=r"no column 'paper'; metadata have \['outlet'\], and a"):
        groups_of("paper", {"outlet": ["a"]})
    with pytest.raises(ValueError, match="no column 'date' to make a month of; name the column"):
        groups_of("month", {"outlet": ["a"]})
    with pytest.raises(ValueError, match="errors is 'ignore', expected 'raise' or 'warn'"):
        groups_of("outlet", {"outlet": ["a"]}, errors="ignore")
