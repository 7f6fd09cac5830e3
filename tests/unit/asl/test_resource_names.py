import pytest

from everypath.asl.resource_names import SPECIAL_CHARACTERS, is_resource_name


@pytest.mark.parametrize("name", ["a", "Order-7_v1.2", "x" * 80, "été", "订单", "(a)+='@!"])
def test_a_name_of_up_to_80_characters_is_taken(name: str) -> None:
    assert is_resource_name(name)


@pytest.mark.parametrize(
    "name", ["", "x" * 81, "a b", "a\tb", "a\n", "\x00", "\x7f", "\u00a0", "\ud800", "\uffff", "\U0010ffff"]
)
def test_white_space_control_characters_and_what_is_no_character_are_refused(name: str) -> None:
    assert not is_resource_name(name)


@pytest.mark.parametrize("character", SPECIAL_CHARACTERS)
def test_special_characters_are_refused(character: str) -> None:
    assert not is_resource_name(f"a{character}b")


def test_the_special_characters_are_those_of_the_api_reference() -> None:
    assert set(SPECIAL_CHARACTERS) == {*"<>{}[]", *"?*", *'"#%\\^|~`$&,;:/'}
