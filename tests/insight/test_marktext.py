"""What a person typed reads the same in a Markdown page, by a reader that knows the rules."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given, strategies as st
from markdown_it import MarkdownIt

from tokenpal.insight.marktext import block, inline, plain, single

READER = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
ALLOWED = {"p", "br", "ul", "ol", "li"}


class Tags(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


def rendered(markdown: str) -> Tags:
    return Tags(READER.render(markdown))


@pytest.mark.parametrize(
    "text",
    ["# a heading", "## Tried", "    code", "\tcode", "```\ncode\n```", "~~~\nx", "[link](http://x)", "![picture](http://x)", "<http://x>", "<b>bold</b>", "<!-- gone -->", "> quote", "**bold** _it_ __b__",
     "a\n===", "a\n---", "---", "* * *", "___", "`code`", "~~gone~~", "| a | b |\n|---|---|\n| 1 | 2 |", "[x]: http://y", "&amp; &copy; &#35;", "snake_case_name", "C:\\dir\\*", "\\# x", "a  \nb", "#", ">", "-", "1.", "+"],
)  # fmt: skip
def test_no_mark_gets_a_meaning(text: str) -> None:
    page = rendered("\n".join(block(text)))
    assert page.tags <= ALLOWED
    assert page.words.split() == text.replace("\t", " ").split()
    one = rendered(f"- {single(text)}")
    assert one.tags <= {"p", "ul", "li"}
    assert one.words.split() == text.split()


def test_lines_and_lists_stay_what_they_are() -> None:
    assert "<br" in READER.render("\n".join(block("first\nsecond")))
    assert READER.render("\n".join(block("- one\n- two"))).count("<li>") == 2
    assert READER.render("\n".join(block("1. one\n2. two"))).count("<li>") == 2
    assert inline("snake_case") == "snake_case"


printed = st.text(st.characters(categories=["L", "N", "P", "S"]) | st.sampled_from(list(" \n#*_`[]()<>~|-+=&;\\.1")), max_size=60)


@given(printed)
def test_whatever_is_typed_is_read_back(text: str) -> None:
    lines = [line.rstrip() for line in text.splitlines()]
    assert plain("\n".join(block(text))).rstrip() == "\n".join(lines).rstrip()


@given(printed)
def test_whatever_is_typed_is_no_heading_link_code_or_table(text: str) -> None:
    assert rendered("\n".join(block(text))).tags <= ALLOWED
    assert rendered(f"- {single(text)}").tags <= {"p", "ul", "li"}
