from __future__ import annotations

from pathlib import Path

import pytest

from everypath import sam
from everypath.errors import TemplateError
from tests.unit.sam.conftest import Write

RESOURCE = """
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.handler, Runtime: python3.13}
"""


def message(path: str = "template.yaml", **options: object) -> str:
    with pytest.raises(TemplateError) as caught:
        sam.read(path, **options)  # type: ignore[arg-type]
    return str(caught.value)


def test_a_template_that_is_not_there_is_named(write: Write) -> None:
    write({})
    assert message() == "template.yaml: no such template"


def test_a_directory_is_searched_for_its_template(write: Write) -> None:
    write({"app/template.yml": RESOURCE})
    assert sam.read("app").path == Path("app/template.yml")


def test_a_directory_without_a_template_is_named(write: Write) -> None:
    write({"app/other.yaml": RESOURCE})
    assert message("app") == (
        "app: contains no template (looked for template.yaml, template.yml, template.json, cdk.out)"
    )


def test_broken_yaml_is_told_with_line_and_column(write: Write) -> None:
    write({"template.yaml": "Resources:\n  Fn:\n   - a\n  b: [1\n"})
    assert message().startswith("template.yaml:5:1: not valid YAML: ")


def test_broken_json_is_told_with_line_and_column(write: Write) -> None:
    write({"template.json": '{\n  "Resources": {,}\n}'})
    assert message("template.json") == (
        "template.json:2:17: not valid JSON: Expecting property name enclosed in double quotes"
    )


def test_the_last_of_two_equal_keys_counts_and_a_warning_names_both_places(write: Write) -> None:
    write({"template.yaml": "Resources:\n  Fn: {Type: A}\n  Fn: {Type: AWS::Lambda::Function}\n"})
    template = sam.read("template.yaml")
    assert list(template.functions) == ["Fn"]
    assert template.warnings == (
        "template.yaml:3:3: the key 'Fn' is also at 2:3 in the same mapping; the last one counts",
    )


def test_the_last_of_two_equal_keys_counts_in_json_too(write: Write) -> None:
    write({"template.json": '{"Resources": {"Fn": {"Type": "A"}, "Fn": {"Type": "AWS::Lambda::Function"}}}'})
    template = sam.read("template.json")
    assert list(template.functions) == ["Fn"]
    assert template.warnings == (
        "template.json:1:37: the key 'Fn' is also at 1:16 in the same mapping; the last one counts",
    )


def test_the_first_template_by_the_names_that_the_sam_cli_looks_for_is_taken(write: Write) -> None:
    write({"template.json": "{}", "template.yml": RESOURCE})
    assert sam.read(".").path == Path("template.yml")


def test_a_byte_order_mark_is_no_part_of_a_template(write: Write) -> None:
    write({"template.yaml": "\ufeff" + RESOURCE.lstrip()})
    assert sam.read("template.yaml").warnings == ()


def test_a_template_that_is_nested_too_deeply_is_told(write: Write) -> None:
    write({"template.yaml": "Resources: " + "[" * 300_000})
    assert message() == "template.yaml: nested too deeply"


def test_aliases_that_double_a_template_are_told_at_once(write: Write) -> None:
    doubled = "\n".join(f"  a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12))
    write({"template.yaml": f"Metadata:\n  a0: &a0 [l]\n{doubled}\n{RESOURCE}"})
    assert message().endswith("aliases repeat too much: write out what is needed")


def test_an_alias_that_contains_itself_is_told(write: Write) -> None:
    write({"template.yaml": "Resources: &a\n  Fn: *a\n"})
    assert message() == "template.yaml:1:12: an alias that contains itself"


def test_a_yaml_tag_of_neither_yaml_nor_cloudformation_is_told(write: Write) -> None:
    write({"template.yaml": "Resources: !!python/name:os.system x"})
    assert message() == "template.yaml:1:12: the tag !!python/name:os.system is not supported"


def test_text_that_is_not_utf_8_is_told(write: Write) -> None:
    write({})
    Path("template.yaml").write_bytes(b"Resources: \xff")
    assert message() == "template.yaml: expected UTF-8 text: invalid start byte at byte 11"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "template.yaml: expected a template (a mapping with Resources), got nothing"),
        ("- a", "template.yaml: expected a template (a mapping with Resources), got a list"),
        ("Resources:", "template.yaml:1: expected a mapping Resources, got nothing"),
        ("Parameters: {}", "template.yaml:1: expected a mapping Resources, got nothing"),
        (
            "Resources:\n  Fn: text",
            'template.yaml:2: Resources/Fn: expected a resource with a Type, got "text"',
        ),
        (
            "Resources:\n  Fn: {Properties: {}}",
            "template.yaml:2: Resources/Fn: expected a resource with a Type, got a mapping",
        ),
    ],
)
def test_what_is_not_a_template_is_told(write: Write, text: str, what: str) -> None:
    write({"template.yaml": text})
    assert message() == what


def test_a_json_template_is_read_like_a_yaml_one(write: Write) -> None:
    write(
        {
            "template.json": """
            {"Resources": {"Fn": {
              "Type": "AWS::Serverless::Function",
              "Properties": {"Handler": "app.handler", "Runtime": "python3.13",
                             "Environment": {"Variables": {"ARN": {"Fn::Sub": "arn:${AWS::Region}"}}}}}}}
            """
        }
    )
    assert sam.read("template.json").functions["Fn"].environment == {"ARN": "arn:us-east-1"}


def test_dates_and_keys_of_a_yaml_template_stay_text(write: Write) -> None:
    write(
        {
            "template.yaml": """
            AWSTemplateFormatVersion: 2010-09-09
            Resources:
              Fn:
                Type: AWS::Serverless::Function
                Properties:
                  Handler: app.handler
                  Runtime: python3.13
                  Environment: {Variables: {DAY: 2026-01-01, on: "yes", 1: one}}
            """
        }
    )
    assert sam.read("template.yaml").functions["Fn"].environment == {
        "DAY": "2026-01-01",
        "on": "yes",
        "1": "one",
    }


def test_yaml_anchors_and_merges_are_followed(write: Write) -> None:
    write(
        {
            "template.yaml": """
            Common: &common {Runtime: python3.12, Timeout: 7}
            Resources:
              Fn:
                Type: AWS::Serverless::Function
                Properties:
                  <<: *common
                  Timeout: 9
                  Handler: app.handler
            """
        }
    )
    function = sam.read("template.yaml").functions["Fn"]
    assert (function.runtime, function.timeout) == ("python3.12", 9.0)
