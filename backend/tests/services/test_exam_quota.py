import pytest

from app.services.exam_quota import DailyMinutesUsed, ExamQuota, TooManyExams


def test_a_quota_lets_in_what_is_below_it() -> None:
    quota = ExamQuota(exams=2, daily_minutes=10)
    quota.check(under_way=1, sent_ms=599_999)
    with pytest.raises(TooManyExams):
        quota.check(under_way=2, sent_ms=0)
    with pytest.raises(DailyMinutesUsed):
        quota.check(under_way=0, sent_ms=600_000)


def test_nothing_is_any_number() -> None:
    assert not ExamQuota().is_bounded
    ExamQuota().check(under_way=1_000, sent_ms=10**9)
    ExamQuota(exams=1).check(under_way=0, sent_ms=10**9)
    ExamQuota(daily_minutes=1).check(under_way=1_000, sent_ms=0)
