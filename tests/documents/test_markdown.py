"""Markdown becomes HTML that shows, and never HTML that runs."""

import pytest

from engage.documents.markdown import to_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Plain.", "<p>Plain.</p>\n"),
        ("**Bold** and *soft*", "<p><strong>Bold</strong> and <em>soft</em></p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("# Head", "<h3>Head</h3>\n"),
        ("###### Deep", "<h6>Deep</h6>\n"),
        ("[x](https://a.example/)", '<p><a href="https://a.example/" rel="noopener noreferrer nofollow">x</a></p>\n'),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](data:text/html,y)", "<p>[x](data:text/html,y)</p>\n"),
        ("<img src=x onerror=y>", "<p>&lt;img src=x onerror=y&gt;</p>\n"),
        ('**a** <p style="x">', '<p><strong>a</strong> &lt;p style="x"&gt;</p>\n'),
    ],
)
def test_what_becomes_of_a_text(text, html):
    assert to_html(text) == html


def test_a_remote_image_is_no_image():
    assert "<img" not in to_html("![p](https://a.example/p.png)")
