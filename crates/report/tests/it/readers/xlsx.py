"""Prints properties, sheets and cells of a workbook as openpyxl reads them."""

import datetime
import sys

import openpyxl

book = openpyxl.load_workbook(sys.argv[1])
found = book.properties
print("title", found.title.encode().hex())
print("creator", found.creator.encode().hex())
print("created", found.created.isoformat())
for custom in book.custom_doc_props.props:
    print("custom", custom.name, custom.value)
for sheet in book:
    print("sheet", sheet.title.encode().hex(), sheet.freeze_panes, sheet.auto_filter.ref)
    for row in sheet.iter_rows():
        for cell in row:
            value = cell.value
            if value is None:
                continue
            where = f"{cell.row} {cell.column}"
            if isinstance(value, str):
                assert cell.data_type == "s", cell.data_type
                print(where, "text", value.encode().hex(), "bold" if cell.font.b else "plain")
            elif isinstance(value, datetime.datetime):
                assert value.time() == datetime.time(), value
                print(where, "date", value.date().isoformat())
            elif isinstance(value, (datetime.timedelta, datetime.time)):
                if isinstance(value, datetime.time):
                    value = datetime.timedelta(hours=value.hour, minutes=value.minute)
                print(where, "minutes", round(value.total_seconds() / 60))
            else:
                assert cell.data_type == "n", cell.data_type
                places = len(cell.number_format.partition(".")[2])
                print(where, "number", f"{value:.{places}f}")
