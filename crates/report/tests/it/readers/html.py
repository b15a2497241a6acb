"""Prints language, title, headings and cells of an HTML page, and refuses what must not be there."""

import sys
from html.parser import HTMLParser

VOID = {"meta", "link", "img", "br"}
KEPT = {"title", "h1", "h2", "h3", "p", "dt", "dd", "li", "caption", "th", "td"}


class Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.text = [], ""

    def handle_starttag(self, tag, attributes):
        assert tag not in {"script", "link", "img", "iframe", "object", "form", "b"}, tag
        names = dict(attributes)
        for name in names:
            assert not name.startswith("on") and name not in {"style", "src", "href"}, name
        if tag == "html":
            print("lang", names["lang"])
        if tag == "th":
            assert names["scope"] == "col"
        if tag not in VOID:
            self.open.append(tag)
        if tag in KEPT:
            self.text = ""

    def handle_data(self, data):
        self.text += data

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"{tag} closes something else"
        if tag in KEPT:
            print(tag, self.text.encode().hex())


reader = Reader()
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    reader.feed(file.read())
reader.close()
assert reader.open == [], reader.open
