"""Prints what pypdf finds of language, title, tags and outline of a PDF."""

import sys
from collections import Counter

from pypdf import PdfReader

reader = PdfReader(sys.argv[1], strict=True)
root = reader.trailer["/Root"]
print("lang", root["/Lang"])
print("marked", root["/MarkInfo"]["/Marked"])
print("display title", root["/ViewerPreferences"]["/DisplayDocTitle"])
print("info", sorted(reader.metadata.keys()))
print("title", reader.metadata.title.encode().hex())
xmp = root["/Metadata"].get_data().decode()
print("ua", "pdfuaid:part>1<" in xmp, "a", "pdfaid:part>2<" in xmp and "conformance>A<" in xmp)
print("tabs", all(page["/Tabs"] == "/S" for page in reader.pages))

tags, scopes, shapes = Counter(), Counter(), set()


def kids(element):
    found = element.get("/K", [])
    found = found if isinstance(found, list) else [found]
    objects = (kid.get_object() for kid in found)
    return [kid for kid in objects if isinstance(kid, dict) and "/S" in kid]


def walk(element, above):
    tag = element["/S"]
    tags[f"{above}{tag}"] += 1
    if tag == "/TH":
        attributes = element["/A"]
        attributes = attributes if isinstance(attributes, list) else [attributes]
        scopes.update(str(part.get_object().get("/Scope")) for part in attributes)
    if tag == "/TR":
        shapes.add(len(kids(element)))
    for kid in kids(element):
        walk(kid, tag)


for kid in kids(root["/StructTreeRoot"]):
    walk(kid, "")
for tag, count in sorted(tags.items()):
    print("tag", tag, count)
print("scopes", dict(scopes))
print("cells in a row", sorted(shapes))


def outline(entries, depth):
    for entry in entries:
        if isinstance(entry, list):
            outline(entry, depth + 1)
        else:
            print("outline", depth, entry.title.encode().hex())


outline(reader.outline, 0)
