"""XML of unknown origin, parsed without trusting it, and a view of its elements that never takes one of two.

No document type, hence no entities; nothing is fetched; size, depth and number of elements are bounded.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from registry.interchange.findings import shown
from registry.interchange.statements.fields import UTF8_BOM, Place

MOST_TAGS = 4_000_000
"""A statement of 64 MB has some two million; as many empty elements as fit would take two gigabytes of memory."""
_DECLARED = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_ENCODINGS = {"utf-8": "utf-8", "utf8": "utf-8", "gb18030": "gb18030", "gbk": "gb18030", "gb2312": "gb18030"}
_SPACE = " \t\r\n"


@dataclass(frozen=True, slots=True)
class Node:
    """An element of one namespace, with its path from where its place begins."""

    element: etree._Element
    place: Place
    path: str

    def all(self, name: str) -> list[Node]:
        """The children of this name, in the order of the file."""
        space = etree.QName(self.element).namespace
        path = f"{self.path}/{name}" if self.path else name
        return [Node(child, self.place, path) for child in self.element.iterchildren(f"{{{space}}}{name}")]

    def optional(self, *names: str) -> Node | None:
        """The one element below this path; None where a step is absent. A step that stands twice is refused."""
        node = self
        for name in names:
            found = node.all(name)
            if len(found) > 1:
                raise node.place.error("repeated_element", found[0].path, "", "stands more than once")
            if not found:
                return None
            node = found[0]
        return node

    def one(self, *names: str) -> Node:
        node = self.optional(*names)
        if node is None:
            path = "/".join((self.path, *names) if self.path else names)
            raise self.place.error("missing_element", path, "", "is missing")
        return node

    def text(self) -> str:
        """What stands in the element, without the space around it."""
        if len(self.element):
            raise self.place.error("malformed_text", self.path, "", "must hold text, and holds elements")
        return (self.element.text or "").strip(_SPACE)

    def moved(self, where: str) -> Node:
        """The same element as the beginning of a place of its own."""
        return Node(self.element, self.place.at(where), "")


def parse(data: bytes, place: Place) -> etree._Element:
    """The root element."""
    text = _decoded(data, place)
    # The parser reads this very text, so that what does not stand in it cannot come in by another encoding.
    if "<!DOCTYPE" in text:
        raise place.error("document_type", "file", "<!DOCTYPE", "declares a document type, which may hold entities")
    if text.count("<") > MOST_TAGS:
        raise place.error("too_many_elements", "file", text.count("<"), f"has more than {MOST_TAGS} tags")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        no_network=True,
        huge_tree=False,
        recover=False,
        # A comment inside an amount would cut it short: text is what stands between the tags without them.
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise place.error("malformed_xml", "file", "", f"cannot be read as XML: {shown(error.msg)}") from error


def _decoded(data: bytes, place: Place) -> str:
    """By the declaration; a file that has none, or a byte order mark, is in UTF-8."""
    declared = _DECLARED.match(data.removeprefix(UTF8_BOM)[:1_000])
    stated = declared[1].decode("ascii") if declared else "utf-8"
    encoding = _ENCODINGS.get(stated.lower())
    if encoding is None or (data.startswith(UTF8_BOM) and encoding != "utf-8"):
        raise place.error("unknown_encoding", "encoding", stated, "must be UTF-8, or GB18030 without a byte order mark")
    try:
        return data.removeprefix(UTF8_BOM).decode(encoding)
    except UnicodeDecodeError as error:
        rule = f"is not {stated} at byte {error.start}"
        raise place.error("broken_encoding", "encoding", stated, rule) from error
