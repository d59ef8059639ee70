"""Laws of the mask that hold for any text at all."""

from hypothesis import given, settings
from hypothesis import strategies as st

from midan.bench.labelled.addresses import Generator
from midan.core.masking.address import fold, mask_address

PIECES = [
    *"0123456789ABab一二三四五十〇百零号楼栋幢单元室座层户门铺店东西南北中左甲乙第附负地下之路街道巷村镇区期米",
    *"- ,.()（）#/*收先生王张女士１２①Ⅳ\u3000\u200b",
    *(
        "中山路",
        "10号大街",
        "SOHO",
        "商场",
        "13800001234",
        "国道",
        "三里屯",
        "弄",
        "之二",
        "江门市",
        "胡同",
        "收件人",
        "\uffff",
    ),
]
ADDRESS_LIKE = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)
ANY = st.text(max_size=60) | ADDRESS_LIKE


@given(ANY)
@settings(max_examples=600)
def test_every_character_stays_or_becomes_one_star(text: str) -> None:
    masked = mask_address(text)

    assert len(masked) == len(text)
    assert all(after in ("*", before) for before, after in zip(text, masked, strict=True))


@given(ANY)
@settings(max_examples=600)
def test_masking_a_masked_address_changes_nothing(text: str) -> None:
    masked = mask_address(text)

    assert mask_address(masked) == masked


@given(ADDRESS_LIKE, st.integers(min_value=100, max_value=10**9))
@settings(max_examples=300)
def test_no_run_of_three_digits_is_visible_at_the_end(text: str, number: int) -> None:
    assert not mask_address(f"{text}{number}").endswith(tuple("0123456789"))


@given(
    st.text(
        alphabet=st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF, exclude_categories=()), max_size=5
    )
)
@settings(max_examples=50)
def test_broken_text_is_masked_without_an_error(text: str) -> None:
    assert len(mask_address(f"阳光花园3栋{text}501")) == len(text) + 9


@given(ANY)
@settings(max_examples=300)
def test_folding_keeps_every_position(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.integers(min_value=0, max_value=10_000))
@settings(max_examples=200)
def test_full_width_writing_hides_exactly_the_same_characters(seed: int) -> None:
    text = fold(Generator(seed).make().text)
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and c != "*" else c for c in text)

    hidden = [at for at, c in enumerate(mask_address(text)) if c == "*"]
    hidden_wide = [at for at, c in enumerate(mask_address(wide)) if c == "*"]

    assert hidden_wide == hidden


@given(ADDRESS_LIKE)
@settings(max_examples=300)
def test_lines_are_masked_one_by_one_or_the_caller_splits_them(text: str) -> None:
    masked = mask_address(text)

    assert masked.count("\n") <= text.count("\n")
