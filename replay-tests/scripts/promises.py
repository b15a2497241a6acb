"""What a writer acknowledged, and whether a checker finds it again.

The writer prints, each on a line of its own,
    ack KEY VALUE       KEY must be found again with exactly this value
    also KEY VALUE      from here to its next ack, KEY may as well have this value
    least KEY NUMBER    KEY must be found again with this number or a greater one
and the checker prints `have KEY VALUE`, and fails if the store does not open or is not whole.
"""

import collections


class Promises:
    """What the writer acknowledged on one image."""

    def __init__(self):
        self.exact = {}
        self.also = {}
        self.least = {}

    def take(self, text):
        """Notes what was printed; counts it by the first word of its keys."""
        taken = collections.Counter()
        # A line that the kill cut off was not printed whole, so it promises nothing.
        whole = text[: text.rfind("\n") + 1]
        for line in whole.splitlines():
            words = line.split(" ")
            if len(words) != 3:
                continue
            kind, key, value = words
            if kind == "ack":
                self.exact[key] = value
                self.also.pop(key, None)
            elif kind == "also":
                self.also.setdefault(key, set()).add(value)
            elif kind == "least":
                self.least[key] = max(int(value), self.least.get(key, 0))
            if kind in ("ack", "least"):
                taken[key.split("/")[0]] += 1
        return taken

    def broken(self, found_text):
        found = {}
        for line in found_text.splitlines():
            words = line.split(" ")
            if len(words) == 3 and words[0] == "have":
                found[words[1]] = words[2]
        lost = [key for key, value in self.exact.items() if not self.kept(key, value, found)]
        late = [key for key, value in self.least.items() if int(found.get(key, 0)) < value]
        return lost + late

    def kept(self, key, value, found):
        """Whether a key is there as promised; what it was found as is promised from here on."""
        now = found.get(key)
        if now != value and now not in self.also.get(key, ()):
            return False
        self.exact[key] = now
        self.also.pop(key, None)
        return True

    def count(self):
        return len(self.exact) + len(self.least)
