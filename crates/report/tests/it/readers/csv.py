"""Prints each row of a CSV file as its fields in hexadecimal UTF-8."""

import csv
import sys

with open(sys.argv[1], newline="", encoding="utf-8-sig") as file:
    for row in csv.reader(file, strict=True):
        print(" ".join(field.encode().hex() or "-" for field in row))
