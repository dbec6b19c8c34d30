"""How a CSV file is taken apart, whatever it holds."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engage.importing.parsed import Problem
from engage.importing.sheet import CELL_LIMIT_CHARACTERS, FILE_LIMIT_BYTES, ROW_LIMIT, read_csv


def rows(content: bytes, **columns):
    sheet = read_csv(content, required=columns.pop("required", ("a", "b")), **columns)
    return [(row.line, *row.cells.values()) for row in sheet.rows], list(sheet.problems)


def test_rows_carry_the_line_on_which_they_begin():
    assert rows(b'a,b\r\n1,"two\r\nlines"\r\n\r\n , \r\n3,4\r\n') == (
        [(2, "1", "two\nlines"), (6, "3", "4")],
        [],
    )


def test_what_spreadsheets_leave_behind_is_passed_over():
    expected = ([(2, "1", "é")], [])

    assert rows(b"\xef\xbb\xbfA , B,,\n1,\xc2\xa0e\xcc\x81 ,,\n,,,\n") == expected
    assert rows("a,b\r1,é\r".encode()) == expected


def test_optional_columns_may_be_absent():
    assert rows(b"b,a,c\n1,2,3\n", optional=("c", "d")) == ([(2, "1", "2", "3")], [])


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (b"", [(0, "", "The file is empty.")]),
        (b"\n \n", [(0, "", "The file is empty.")]),
        (b"a\n1\n", [(1, "b", "This column is missing.")]),
        (b"a,b,colour\n", [(1, "colour", "This column is not known here.")]),
        (b"a,b,a\n", [(1, "a", "This column is there twice.")]),
        (
            b"a;b\n1;2\n",
            [(1, "", "The columns are not separated by commas. Save the file as comma-separated (CSV).")],
        ),
        (b"a,b\n1\n", [(2, "", "The row has 1 cells, the header 2.")]),
        (b"a,b\n\n1,2,3\n", [(3, "", "The row has 3 cells, the header 2.")]),
        (b"a,b,\n1,2,3\n", [(2, "", "A cell stands under a column without a name.")]),
        (b"a,b\n1,\x072\n", [(2, "b", "The cell holds a control character.")]),
        (b"a,b\n1,\x002\n", [(0, "", "The file holds a NUL character (line 2); it is not a text file.")]),
        (b"a,b\n1,\xff\n", [(0, "", "The file is not UTF-8 (line 2). Save it as UTF-8.")]),
        (b"a,b\n1,\xed\xa0\x80\n", [(0, "", "The file is not UTF-8 (line 2). Save it as UTF-8.")]),
        ("a,b\n".encode("utf-16"), [(0, "", "The file is UTF-16. Save it as UTF-8.")]),
        (
            b'a,b\n1,"2\n3,4\n',
            [
                (
                    2,
                    "",
                    "The quotation marks or the length are wrong (unexpected end of data); reading stopped.",
                )
            ],
        ),
        (
            b"a,b\n1," + b"x" * (CELL_LIMIT_CHARACTERS + 1),
            [(2, "b", "The cell is longer than 10,000 characters.")],
        ),
        (b"x" * (FILE_LIMIT_BYTES + 1), [(0, "", "The file is larger than 5 MB.")]),
        (b"a,b\n" + b"1,2\n" * (ROW_LIMIT + 1), [(0, "", "The file has more than 20,000 rows. Split it.")]),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_fault_is_named_by_line_and_reason(content, problems):
    assert rows(content) == ([], [Problem(*problem) for problem in problems])


def test_a_problem_reads_as_a_sentence():
    assert str(Problem(3, "b", "This is missing.")) == "Line 3, b: This is missing."
    assert str(Problem(0, "", "The file is empty.")) == "The file: The file is empty."


def test_a_file_that_is_not_there_is_a_problem(tmp_path):
    sheet = read_csv(tmp_path / "none.csv", required=("a",))

    assert [str(problem) for problem in sheet.problems] == [
        "The file: The file cannot be opened: No such file or directory."
    ]


@given(
    st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: b"a,b\n" + text.encode("utf-8", "replace"))
)
@example(b"a,b\n\x00")
@settings(deadline=None)
def test_no_bytes_make_it_raise(content):
    sheet = read_csv(content, required=("a", "b"))

    assert all(set(row.cells) == {"a", "b"} for row in sheet.rows)
