"""What tells who somebody is does not leave as it was said, and comes back where it stood."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.pii import Masker, names_said, redacted


@pytest.mark.parametrize(
    ("said", "masked"),
    [
        ("write to aziz.karimov+ielts@mail.example.uz please", "write to [EMAIL_1] please"),
        ("my email is aziz dot karimov at gmail dot com okay", "my email is [EMAIL_1] okay"),
        ("find me as @aziz_karimov there", "find me as [HANDLE_1] there"),
        ("call +998 90 123 45 67 or me", "call [PHONE_1] or me"),
        ("call 90 123-45-67 now", "call [PHONE_1] now"),
        ("call +44 20 7946 0958 now", "call [PHONE_1] now"),
        ("my card is 8600 1234 5678 9011.", "my card is [NUMBER_1]."),
        ("my card is 4111-1111-1111-1111.", "my card is [CARD_1]."),
        ("my passport is AA 1234567 you know", "my passport is [PASSPORT_1] you know"),
        ("my number is 31204987654321 there", "my number is [NUMBER_1] there"),
        ("it is nine zero, one two three, double four five six seven", "it is [NUMBER_1]"),
        ("I live at 12 Amir Temur Street, flat 45 in the city", "I live at [ADDRESS_1] in the city"),
        ("I live on Bunyodkor avenue 7 with her", "I live on [ADDRESS_1] with her"),
        ("we live in house 5, flat 12 on Chilonzor ko‘chasi now", "we live in [ADDRESS_1] now"),
    ],
)
def test_what_is_private_gets_a_placeholder(said: str, masked: str) -> None:
    assert redacted(said) == masked
    assert redacted(masked) == masked


@pytest.mark.parametrize(
    "said",
    [
        "In 2019 and 2020 I worked for 150 000 soums and 3,000,000 people live here",
        "I have two or three brothers, one sister, four cousins and five nephews",
        "I meet my friends at the park at six dot",
        "There are 25 shops in the main street and we walked down the road for 20 minutes",
        "I was born on 12 05 1999 in Tashkent",
        "My house number is on the wall",
        "GET /api/v1/sessions/12345678-1234-4abc-8123-123456789012 took 7 ms",
        "He is a B2 student with a 7.5 in the exam of 2024",
    ],
)
def test_ordinary_speech_stays_as_it_is(said: str) -> None:
    assert Masker(("Delnoza",)).mask(said) == said


def test_names_given_at_the_beginning_are_masked_wherever_they_come() -> None:
    names = names_said(["Hello. My full name is Delnoza Yusupova.", "You can call me Ali, please."])
    assert names == ("Delnoza", "Yusupova", "Ali")
    masked = Masker(names).mask("People call DELNOZA or delnoza's friend Ali; an alibi, Yusupova.")
    assert masked == "People call [NAME_1] or [NAME_2]'s friend [NAME_3]; an alibi, [NAME_4]."


def test_the_same_thing_is_the_same_placeholder_in_texts_that_belong_together() -> None:
    masker = Masker(("Delnoza",))
    value = masker.mask_all(
        {"answer": "I am Delnoza, a@b.uz", "quotes": ["Delnoza", "c@d.uz", 7], "part": 1, "none": None}
    )
    assert value == {
        "answer": "I am [NAME_1], [EMAIL_1]",
        "quotes": ["[NAME_1]", "[EMAIL_2]", 7],
        "part": 1,
        "none": None,
    }


def test_a_reply_gets_back_what_was_said() -> None:
    masker = Masker(('D"el\\noza',))
    masked = masker.mask('I am D"el\\noza from here')
    reply = json.dumps({"quote": masked, "other": "[NAME_7] [EMAIL_1]"})
    assert json.loads(masker.unmask_json(reply)) == {
        "quote": 'I am D"el\\noza from here',
        "other": "[NAME_7] [EMAIL_1]",
    }


PIECES = st.lists(
    st.sampled_from(
        [
            "Delnoza",
            "a@b.uz",
            "+998901234567",
            "4111 1111 1111 1111",
            "AA1234567",
            "[NAME_1]",
            "I go",
            "at",
            "é",
        ]
    )
    | st.text(max_size=8),
    max_size=8,
).map(" ".join)


@given(PIECES)
def test_whatever_is_said_comes_back_and_nothing_known_leaves(text: str) -> None:
    masker = Masker(("Delnoza",))
    masked = masker.mask(text)
    for secret in ("delnoza", "a@b.uz", "998901234567", "4111 1111 1111 1111"):
        if f" {secret} " in f" {text.lower()} ":
            assert f" {secret} " not in f" {masked.lower()} "
    if "[NAME_1]" not in text:
        clean = text.encode("utf-8", "replace").decode()
        again = Masker(("Delnoza",))
        back = again.unmask_json(json.dumps(again.mask(clean), ensure_ascii=False))
        assert json.loads(back) == clean
