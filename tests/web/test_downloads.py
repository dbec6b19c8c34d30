"""A file of ours is saved, never shown as a page."""

from engage.web.downloads import attachment


def test_a_file_is_an_attachment_that_browsers_do_not_guess_at(app):
    with app.test_request_context("/"):
        answer = attachment(b"%PDF-1.7", "Memo für 東京.pdf")
        answer.direct_passthrough = False

        assert answer.get_data() == b"%PDF-1.7"
        assert answer.mimetype == "application/pdf"
        assert answer.headers["Content-Disposition"].startswith("attachment; ")
        assert "filename*=UTF-8''Memo%20f%C3%BCr%20%E6%9D%B1%E4%BA%AC.pdf" in answer.headers["Content-Disposition"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.content_length == 8
