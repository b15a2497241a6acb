"""The console in a real browser: every page and form, both languages, by keyboard, without script.

Usage: console.py AXE_JS FORMS [SCREENSHOTS]

ZEGEL_BIN names the binary; AXE_JS is the file of axe-core, FORMS the names of all forms joined by commas, and
SCREENSHOTS a directory to write pictures into. A school with invented people is prepared with the
binary; everything that has a form is then done in the form. The first pass runs with script allowed
and with axe, the second one with script blocked.
"""

import base64
import json
import os
import re
import struct
import sys
import tempfile
import time
import zlib
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import campus

AXE, FORMS = open(sys.argv[1]).read(), sys.argv[2].split(",")
SHOTS = sys.argv[3] if len(sys.argv) > 3 else None
PASSWORD = "een lange zin om mee te openen"
ROLES = ["tenant-administrator", "privacy-officer", "authorised-contact", "fg", "school-leader",
         "analyst", "platform-operator"]
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--lang=en-US", "--window-size=1280,900", "--force-color-profile=srgb",
]
LOCAL = ZoneInfo("Europe/Amsterdam")
# Pictures that are kept.
PICTURES = (
    "sign-in-nl sign-in-en work-nl work-en incidents-clocks-nl incidents-clocks-en "
    "incidents-phone dossier-nl dossier-en form-incident-nl form-incident-en "
    "form-board-wrong-en organisation-nl organisation-en people-nl people-en accounts-nl "
    "accounts-en agreements-nl agreements-en annex-nl annex-en registers-nl registers-en "
    "results-nl results-en requests-nl requests-en trail-nl trail-en journal-nl journal-en "
    "verified-en own-nl own-en"
).split()


def fail(text):
    sys.exit(f"console: {text}")


def totp(secret):
    return campus.totp(base64.b32decode(secret))


def small(png, rows=600):
    """The upper rows of a picture: enough to see a page, and within 100 KB."""
    at, packed, chunks = 8, b"", []
    while at < len(png):
        length = int.from_bytes(png[at:at + 4], "big")
        kind, data = png[at + 4:at + 8], png[at + 8:at + 8 + length]
        at += length + 12
        if kind == b"IDAT":
            packed += data
        elif kind == b"IHDR":
            width, height = struct.unpack(">II", data[:8])
            bytes_of_pixel = {2: 3, 6: 4}[data[9]]
            rows = min(rows, height)
            chunks.append((kind, struct.pack(">II", width, rows) + data[8:]))
    lines = zlib.decompress(packed)[:rows * (width * bytes_of_pixel + 1)]
    chunks += [(b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")]
    written = [struct.pack(">I", len(data)) + kind + data
               + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks]
    return png[:8] + b"".join(written)


class School(campus.Campus):
    """An installation with one invented school, whose accounts have no password yet, served."""

    def __init__(self, directory, log):
        self.begin(directory, log)
        self.codes, self.secrets, self.password = {}, {}, PASSWORD
        self.command("init")
        self.tenant = self.command("tenant", "start", "--name", "horizon")["tenant"]
        for role in ROLES:
            of = ["--tenant", self.tenant]
            name = f"Lid {role.replace('-', ' ').title()}\n{role}@horizon.example\n"
            self.people[role] = self.command("person", "add", *of, given=name)["subject"]
            opened = self.command("account", "open", *of, "--person", self.people[role], "--login",
                                  f"{role}@horizon.example", "--role", role)
            self.codes[role] = opened["code"]
        self.serve()
        self.port = int(self.address.split(":")[1])
        # A name that a browser trusts like TLS: the cookies of the console are `Secure`.
        self.base = f"http://localhost:{self.port}/console/{self.tenant}"

    def api(self, method, path, cookie="", body=None):
        status, headers, read = self.ask(method, path, body=body, headers={"Cookie": cookie})
        return status, headers.get("set-cookie"), json.loads(read or b"{}")

    def session(self, role):
        self.sign_in(role, f"{role}@horizon.example")
        return self.cookies[role]


class Visitor:
    """Somebody at a keyboard."""

    def __init__(self, school, with_script):
        self.school, self.with_script = school, with_script
        self.pages, self.forms, self.shots, self.audits = set(), set(), 0, 0
        options = Options()
        self.profile = tempfile.TemporaryDirectory()
        for flag in [*FLAGS, f"--user-data-dir={self.profile.name}"]:
            options.add_argument(flag)
        if not with_script:
            options.add_experimental_option(
                "prefs", {"profile.managed_default_content_settings.javascript": 2})
        self.browser = webdriver.Chrome(options=options, service=Service("/usr/bin/chromedriver"))
        self.browser.set_page_load_timeout(30)
        self.browser.implicitly_wait(0)

    def close(self):
        self.browser.quit()

    # What is on the page.

    def open(self, path):
        self.browser.get(path if path.startswith("http") else f"{self.school.base}/{path}")

    def heading(self):
        return self.browser.find_element(By.TAG_NAME, "h1").text

    def text(self):
        return self.browser.find_element(By.TAG_NAME, "main").text

    def path(self):
        return self.browser.current_url.split(self.school.base, 1)[-1].strip("/")

    def active(self):
        return self.browser.switch_to.active_element

    def look(self, state, shot=None):
        """Audits the page as it stands, and takes a picture of it."""
        lang = self.browser.find_element(By.TAG_NAME, "html").get_attribute("lang")
        if lang not in ("nl", "en") or not self.browser.title.endswith("– Zegel"):
            fail(f"{self.path()}: no language or title")
        if len(self.browser.find_elements(By.TAG_NAME, "h1")) != 1:
            fail(f"{self.path()}: not one h1")
        if self.with_script:
            found = self.audit()
            if found:
                fail(f"{self.path()} ({state}, {lang}): {found}")
        self.pages.add((self.path().split("?")[0], state, lang))
        if SHOTS and shot:
            self.keep(f"{shot}-{lang}")

    def adapts(self):
        """The page as it stands, in the dark and on a telephone."""
        if not self.with_script:
            return
        def media(value):
            features = [{"name": "prefers-color-scheme", "value": value}]
            self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        media("dark")
        found = self.audit()
        media("light")
        if found:
            fail(f"{self.path()} in the dark: {found}")
        screen = {"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": False}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
        wide = self.browser.execute_script("return document.documentElement.scrollWidth")
        if SHOTS and self.path() == "incidents":
            self.keep("incidents-phone")
        self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        if wide > 360:
            fail(f"{self.path()} is {wide} wide on a telephone of 360")

    def keep(self, name):
        """Keeps a picture of what stands on the screen, if it is one of those that are shown."""
        if name not in PICTURES:
            return
        with open(os.path.join(SHOTS, f"{name}.png"), "wb") as file:
            file.write(small(self.browser.get_screenshot_as_png()))
        self.shots += 1

    def audit(self):
        """What axe finds that is serious or critical."""
        self.browser.execute_script(AXE)
        result = self.browser.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa',"
            "'best-practice']}).then(r => done(r.violations)).catch(e => done([{id: String(e),"
            "impact: 'critical', nodes: []}]));")
        self.audits += 1
        grave = [v for v in result if v["impact"] in ("serious", "critical")]
        return [(v["id"], [n.get("html", "")[:160] for n in v["nodes"][:3]]) for v in grave]

    # What hands do.

    def press(self, *keys):
        chain = ActionChains(self.browser, duration=0)
        for key in keys:
            chain.send_keys(key)
        chain.perform()

    def tab_to(self, wanted, limit=150):
        """Walks with the tab key until the focus is where it should be."""
        for _ in range(limit):
            self.press(Keys.TAB)
            at = self.active()
            if wanted(at):
                return at
        fail(f"{self.path()}: the tab key does not reach it")

    def fill(self, values):
        """Fills in a form field by field, in the order of the page, by keyboard alone."""
        for field in self.browser.find_elements(By.CSS_SELECTOR, "main form [name]"):
            name, kind = field.get_attribute("name"), field.get_attribute("type")
            if kind in ("hidden", "submit") or name not in values:
                continue
            value = values[name]
            here = field.get_attribute("id")
            at = self.tab_to(lambda it: it.get_attribute("id") == here)
            if kind == "checkbox":
                if value and not at.is_selected():
                    self.press(Keys.SPACE)
            elif at.tag_name == "select":
                for _ in range(40):
                    chosen = at.get_attribute("value")
                    if chosen == value or (value is None and chosen):
                        break
                    self.press(Keys.ARROW_DOWN)
                else:
                    fail(f"{self.path()}: {name} has no {value}")
            elif kind == "datetime-local":
                self.press(value.strftime("%m%d%Y"), Keys.ARROW_RIGHT, value.strftime("%I%M%p"))
            elif kind == "date":
                self.press(value.strftime("%m%d%Y"))
            else:
                self.press(Keys.CONTROL + "a", Keys.NULL, value) if at.get_attribute("value") \
                    else self.press(value)

    def send(self):
        self.tab_to(lambda it: it.tag_name == "button"
                    and it.get_attribute("type") == "submit"
                    and it.find_elements(By.XPATH, "ancestor::main"))
        self.enter()

    def enter(self):
        """Presses Enter on what leads to another page, and waits for that page."""
        before = self.browser.find_element(By.TAG_NAME, "html")
        self.press(Keys.ENTER)

        def gone(_):
            try:
                before.is_enabled()
            except WebDriverException:
                return True
            return False

        WebDriverWait(self.browser, 20, 0.02).until(gone)
        self.browser.find_element(By.CSS_SELECTOR, "body > footer")

    def form(self, address, values, next_path, shot=None):
        """A form as it is empty, wrong, filled in and sent."""
        name = address.split("/")[1].split("?")[0] if address.startswith("form/") else address
        self.open(address)
        if self.with_script:
            here = self.browser.find_element(By.TAG_NAME, "html").get_attribute("lang")
            self.speaks("en" if here == "nl" else "nl")
            self.look("empty form", shot)
            self.speaks(here)
        self.look("empty form", shot)
        needs = self.browser.find_elements(By.CSS_SELECTOR, "main form [name]:not([type=hidden])")
        if values and needs:
            self.send()
            if self.browser.find_elements(By.ID, "errors"):
                self.look("wrong form", shot and f"{shot}-wrong")
                if self.active().get_attribute("id") != "errors":
                    fail(f"{address}: the focus is not on what is wrong")
        self.fill(values)
        self.send()
        if not re.fullmatch(next_path, self.path()):
            wrong = self.browser.find_elements(By.ID, "errors")
            fail(f"{address} led to {self.path()}: {(wrong[0].text if wrong else self.text())[:600]}")
        self.forms.add(name)
        return self.path()

    def speaks(self, language):
        if self.browser.find_element(By.TAG_NAME, "html").get_attribute("lang") != language:
            self.tab_to(lambda it: it.get_attribute("lang") == language)
            self.enter()
        if self.browser.find_element(By.TAG_NAME, "html").get_attribute("lang") != language:
            fail(f"{self.path()} does not speak {language}")

    def signs_in(self, role, shot=None):
        self.browser.delete_cookie("__Host-zegel")
        values = {"login": f"{role}@horizon.example", "password": PASSWORD}
        if role in self.school.secrets:
            values["code"] = self.fresh_code(role)
        self.form("sign-in", values, "work", shot)

    def fresh_code(self, role):
        """A code that was not shown yet: each is taken once."""
        secret, last = self.school.secrets[role]
        while totp(secret) == last:
            time.sleep(1)
        self.school.secrets[role] = (secret, totp(secret))
        return totp(secret)

    def sets_factor(self, role):
        self.open("form/set-own-second-factor")
        secret = self.browser.find_element(By.NAME, "secret").get_attribute("value")
        self.look("empty form", "second-factor")
        self.fill({"code": totp(secret)})
        self.send()
        if self.path() != "sign-in?done=1":
            fail(f"second factor: {self.text()[:300]}")
        self.school.secrets[role] = (secret, None)
        self.forms.add("set-own-second-factor")
        self.signs_in(role)

    def visits_places(self, shots):
        """Every place that may be gone to, in both languages."""
        links = self.browser.find_elements(By.CSS_SELECTOR, "nav.places a")
        addresses = [link.get_attribute("href") for link in links]
        for address in addresses:
            for language in ("nl", "en"):
                self.open(address)
                self.speaks(language)
                name = address.rsplit("/", 1)[-1]
                self.look("page", name if name in shots else None)
            self.adapts()
        return [address.rsplit("/", 1)[-1] for address in addresses]


def ago(hours):
    return datetime.now(LOCAL) - timedelta(hours=hours)


def administrator(v, once):
    done = r"\?done=1"
    v.form("form/describe-board", {"name": "Stichting De Horizon", "kvk": "90000001",
           "contact": "info@horizon.example", "fg_contact": "fg@horizon.example"},
           "organisation" + done, "form-board")
    v.form("form/add-school", {"name": f"De Regenboog {once}", "brin": f"9{once}ZZ"},
           "organisation" + done)
    v.form("form/form-team", {"school": None, "name": f"Bovenbouw {once}"}, "organisation" + done)
    person = v.form("form/register-person", {"name": f"Mees Voorbeeld {once}",
                    "email": f"mees{once}@horizon.example"}, "people/[0-9a-f]{32}" + done)
    person = person.split("/")[1].split("?")[0]
    child = v.form("form/register-person", {"name": f"Kind Voorbeeld {once}"},
                   "people/[0-9a-f]{32}" + done).split("/")[1].split("?")[0]
    of = rf"people/[0-9a-f]{{32}}{done}"
    v.form(f"form/person-joins/{person}", {"school": None, "position": "staff"}, of)
    v.form(f"form/person-joins/{child}", {"school": None, "position": "pupil"}, of)
    v.form(f"form/team-join/{person}", {"team": None}, of)
    v.look("page", "person")
    v.form(f"form/team-leave/{person}", {"team": None}, of)
    v.form(f"form/record-representation/{child}", {"representative": person, "authority": True}, of)
    v.form(f"form/end-representation/{child}", {"representative": person, "authority": True}, of)
    v.form(f"form/person-leaves/{child}", {"school": None, "position": "pupil"}, of)
    v.form("form/open-account", {"person": person, "login": f"mees{once}@horizon.example"},
           "accounts" + done)
    account = [a for a in v.school.api("GET", "/accounts", cookie(v))[2]["accounts"]
               if a["login"] == f"mees{once}@horizon.example"][0]["account"]
    v.form(f"form/reset-password/{account}", {}, f"form/reset-password/{account}")
    v.look("shown once")
    v.form(f"form/grant-role?account={account}", {"role": "observer", "reach": "board"},
           "accounts" + done)
    grant = [g for g in v.school.api("GET", "/grants", cookie(v))[2]["grants"]
             if g["account"] == account][-1]["grant"]
    v.form(f"form/revoke-role/{grant}", {}, "accounts" + done)
    v.form(f"form/suspend-account/{account}", {}, "accounts" + done)
    v.look("page")
    v.form(f"form/resume-account/{account}", {}, "accounts" + done)
    v.form(f"form/revoke-sessions/{account}", {}, "accounts" + done)
    v.form("form/open-support", {"reason": "de koppeling hapert", "until": ago(-24)},
           "accounts" + done)
    support = v.school.api("GET", "/support", cookie(v))[2]["supports"]
    support = [one for one in support if one["closed"] is None][0]["support"]
    v.form(f"form/close-support/{support}", {}, "accounts" + done)
    schools = v.school.api("GET", "/organisation", cookie(v))[2]["schools"]
    teams = [team["team"] for school in schools for team in school["teams"]]
    v.form(f"form/dissolve-team/{teams[0]}", {}, "organisation" + done)
    school = v.school.api("GET", "/organisation", cookie(v))[2]["schools"]
    schools = [s for s in school if s["name"].endswith(once)]
    v.form(f"form/remove-school/{schools[-1]['school']}", {}, "organisation" + done)


def cookie(v):
    found = v.browser.get_cookie("__Host-zegel")
    if not (found and found["httpOnly"] and found["secure"] and found["sameSite"] == "Strict"):
        fail("the session's cookie is not what it should be")
    return f"__Host-zegel={found['value']}"


def incident(v, once):
    done = r"\?done=1"
    v.form("form/report-incident", {"kind": "misaddressed", "detected_by": "staff",
           "discovered_at": ago(5), "people.min": "1", "people.max": "3",
           "story": "Het rapport ging naar de verkeerde ouder."}, "incidents" + done,
           "form-incident")
    rows = v.school.api("GET", "/incidents", cookie(v))[2]["incidents"]
    case = rows[-1]["incident"]["incident"]
    of, at = f"incidents/{case}{done}", f"/{case}"
    reason = "Wij hebben dit nagegaan."
    v.form("form/note-incident" + at, {"story": "De ouder heeft het vernietigd."}, of)
    v.form("form/classify-incident" + at, {"severity": "medium", "risk": "present",
           "personal_data": "yes", "broken.confidentiality": True}, of)
    v.form("form/confirm-breach" + at, {"confirmed_at": ago(4), "term.hours": "24"}, of)
    v.form("form/freeze-breach-scope" + at, {"groups.0.group": "pupils", "groups.0.people.min": "1",
           "groups.0.people.max": "3", "kinds.0.kind": "results", "protection": "none"}, of)
    v.form("form/state-notice" + at, {"version": "1", "summary": "Een rapport ging verkeerd.",
           "risk": "present", "contact": "Loket privacy"}, of)
    v.form("form/record-awareness" + at, {"at": ago(3)}, of)
    for language in ("nl", "en"):
        v.speaks(language)
        v.look("page", "dossier")
    v.open("incidents")
    for language in ("en", "nl"):
        v.speaks(language)
        v.look("clocks running", "incidents-clocks")
    v.form("form/reported-to-authority" + at, {"reported.phase": "first", "reported.at": ago(1),
           "reported.reference": f"K-{once}"}, of)
    v.form("form/people-informed" + at, {"informed.at": ago(1), "informed.means": "letter",
           "informed.people.min": "3", "informed.people.max": "3"}, of)
    v.form("form/record-costs" + at, {"text": reason}, of)
    v.form("form/record-lesson" + at, {"text": reason}, of)
    return case


def second_incident(v):
    done = r"\?done=1"
    v.form("form/report-incident", {"kind": "lost", "detected_by": "staff",
           "discovered_at": ago(9)}, "incidents" + done)
    rows = v.school.api("GET", "/incidents", cookie(v))[2]["incidents"]
    case = rows[-1]["incident"]["incident"]
    of, at = f"incidents/{case}{done}", f"/{case}"
    reason = "Het papier is teruggevonden."
    v.form("form/classify-incident" + at, {"severity": "low", "risk": "unlikely",
           "personal_data": "yes", "broken.availability": True}, of)
    v.form("form/confirm-breach" + at, {"confirmed_at": ago(8), "term.hours": "24"}, of)
    v.form("form/not-reported-to-authority" + at, {"not-reported.reason": reason}, of)
    v.form("form/people-not-informed" + at, {"not-informed.because": "no-high-risk",
           "not-informed.reason": reason}, of)
    v.form("form/withdraw-breach" + at, {"reason": reason}, of)
    v.form("form/close-incident" + at, {"outcome": "no-breach", "reason": reason}, of)
    v.form("form/reopen-incident" + at, {"text": reason}, of)


def agreement(v, once):
    done = r"\?done=1"
    v.form("form/sign-agreement", {
        "controller.name": "Stichting De Horizon", "controller.kvk": "90000001",
        "controller.seat": "Zeist", "controller.contact": "info@horizon.example",
        "processor.name": "Lesvenster BV", "processor.kvk": "90000002",
        "processor.seat": "Zeist", "processor.contact": "info@lesvenster.example",
        "model": "covenant-4", "terms.starts": ago(1), "terms.objection": "P6W",
        "terms.breach_hours": "24"}, "agreements" + done)
    shown = v.school.api("GET", "/agreements", cookie(v))[2]
    signed = shown["agreements"][-1]["agreement"]
    v.form(f"form/authorise-contact/{signed}", {
        "side": "controller", "may_instruct": True, "name": "Noor de Wit",
        "person": v.school.people["authorised-contact"], "function": "bestuurssecretaris",
        "email": "noor@horizon.example"}, "agreements" + done)
    return signed


CONTENTS = {
    "general": {
        "product": "Lesvenster", "explanation": "Onderzoeken en lesobservaties voor scholen.",
        "supplier_url": "https://lesvenster.example", "product_url": "https://lesvenster.example/p",
        "sectors": ["vo"], "users": ["staff", "pupil"], "supply": "information-system"},
    "services": [
        {"id": "onderzoek", "description": "Onderzoeken", "processing": "Antwoorden verwerken",
         "necessity": "inseparable", "modules": ["surveys"]},
        {"id": "observatie", "description": "Lesobservaties", "processing": "Observaties vastleggen",
         "necessity": "optional", "modules": ["observation"]}],
    "purposes": [
        {"id": "kwaliteit", "text": "De kwaliteit van het onderwijs verbeteren",
         "modules": ["surveys", "observation"]}],
    "fields": [
        {"kind": "staff", "modules": ["surveys", "observation"], "field": "given-name", "ticked": True,
         "law": None, "note": None},
        {"kind": "staff", "modules": ["surveys", "observation"], "field": "surname", "ticked": True,
         "law": None, "note": None},
        {"kind": "staff", "modules": ["surveys"], "field": "answers", "ticked": True, "law": None,
         "note": None},
        {"kind": "pupil", "modules": ["surveys"], "field": "given-name", "ticked": True,
         "law": None, "note": None},
        {"kind": "pupil", "modules": ["surveys"], "field": "surname", "ticked": True,
         "law": None, "note": "niet de antwoorden"}],
    "retention": [
        {"scope": "antwoorden", "rule": "Tot twee jaar na de ronde", "trigger": "period-end",
         "period": "P2Y", "action": "erase"}],
    "locations": [{"service": None, "place": "Amsterdam", "country": "NL"}],
    "transfers": [],
    "subprocessors": [
        {"name": "Wolkhuis BV", "task": "Servers", "categories": "alle gegevens",
         "storage_country": "NL", "seat_country": "NL", "parent_country": "US",
         "safeguard": "versleuteld met eigen sleutels"}],
    "couplings": [],
    "security": "Versleuteld, met twee factoren en een verzegeld journaal.",
}


def annex(v, signed, once):
    done = r"\?done=1"
    operator = v.school.session("platform-operator")
    status, _, told = v.school.api("POST", f"/agreements/{signed}/annexes", operator, {
        "annex": None, "version": 5, "date": "2025-02-01", "contents": CONTENTS})
    if status != 200:
        fail(f"the annex is not published: {status} {told}")
    at, of = told["id"], f"annexes/{told['id']}{done}"
    v.open("work")
    v.look("something waits", "work-annex")
    v.form(f"form/accept-annex/{at}", {"version": "5"}, of)
    for language in ("en", "nl"):
        v.speaks(language)
        v.look("page", "annex")
    v.form(f"form/state-legal-basis/{at}", {"purpose": None, "basis": "public-task"}, of)
    status, _, told = v.school.api("POST", f"/agreements/{signed}/annexes", operator, {
        "annex": at, "version": 6, "date": "2026-02-01", "contents": CONTENTS})
    v.form(f"form/refuse-annex/{at}", {"version": "6"}, of)
    return at


def councils(v):
    done = r"\?done=1"
    v.form("form/record-participation-consent", {"module": "observation", "council": "participation",
           "date": ago(48), "reference": "besluit 12"}, "agreements" + done)
    v.form("form/withdraw-participation-consent", {"module": "observation"}, "agreements" + done)


def operator(v):
    """An incident at the processor, which the processor tells the school of."""
    micros = int(ago(6).timestamp()) * 1_000_000
    status, _, told = v.school.api("POST", "/incidents", cookie(v), {
        "kind": "unavailable", "detected_by": "processor", "discovered_at": micros,
        "operator_case": "ca" * 16})
    if status != 200:
        fail(f"the processor's incident: {status} {told}")
    of, at = rf"incidents/{told['id']}\?done=1", f"/{told['id']}"
    v.form("form/classify-incident" + at, {"severity": "medium", "risk": "present",
           "personal_data": "yes", "broken.availability": True}, of)
    v.form("form/confirm-breach" + at, {"confirmed_at": ago(5), "term.hours": "24"}, of)
    v.form("form/state-notice" + at, {"version": "1", "summary": "De dienst lag stil."}, of)
    v.form("form/notify-school" + at, {"to": True, "at": ago(2), "means": "email", "version": "1"},
           of)
    v.form("form/state-notice" + at, {"version": "2", "summary": "De dienst werkt weer."}, of)
    v.form("form/follow-up-incident" + at, {"at": ago(1), "means": "email", "version": "2",
           "measures": "Hersteld uit de reservekopie."}, of)


def analysis(v):
    """A round that twelve people answer, and how its results are shown."""
    def told(path, body, who=None):
        status, _, answer = v.school.api("POST", path, who or "", body)
        if status != 200:
            fail(f"{path.split('/')[-1]}: {status} {answer}")
        return answer
    who = cookie(v)
    survey = told("/surveys", {"title": "Lessen", "questions": [
        {"text": "De les is duidelijk", "kind": "agree-5"}]}, who)["id"]
    v.open(f"surveys/{survey}")
    v.look("nothing yet")
    at = told(f"/surveys/{survey}/rounds", {
        "name": "Najaar", "floor": 5, "module": "surveys", "kind": "staff", "purpose": "kwaliteit",
        "school": None, "together": True}, who)["id"]
    v.open(f"results/{at}")
    v.look("not there")
    codes = told(f"/rounds/{at}/codes", {"group": None, "count": 12, "uses": 1}, who)["codes"]
    for score, code in enumerate(codes):
        told("/answers", {"code": code, "answers": [{"score": 4 + score % 2}]})
    told(f"/rounds/{at}/closing", {}, who)
    v.open("surveys")
    v.tab_to(lambda it: it.tag_name == "a" and it.text == "Lessen")
    v.enter()
    v.tab_to(lambda it: it.tag_name == "a" and "/results/" in (it.get_attribute("href") or ""))
    for language in ("nl", "en"):
        v.speaks(language)
        v.look("page")
    v.tab_to(lambda it: it.tag_name == "a" and "/results/" in (it.get_attribute("href") or ""))
    v.enter()
    for language in ("nl", "en"):
        v.speaks(language)
        v.look("page", "results")
    if len(v.browser.find_elements(By.CSS_SELECTOR, "main svg[role=img] title")) != 1:
        fail("the results have no chart with a title")
    if "12" not in v.browser.find_element(By.CSS_SELECTOR, "main table").text:
        fail("the table does not say how many answered")
    v.adapts()


def request(v):
    """A request that came in stands in the register with its clock."""
    v.school.api("POST", "/requests", cookie(v), {
        "person": v.school.people["school-leader"], "kind": "access",
        "school_at": int(ago(30).timestamp()) * 1_000_000})
    v.open("requests")
    for language in ("nl", "en"):
        v.speaks(language)
        v.look("clocks running", "requests")
    if len(v.browser.find_elements(By.CSS_SELECTOR, "main tbody tr")) < 1:
        fail("the request is not in the register")


def lasts(v):
    """What takes something away comes last."""
    done = r"\?done=1"
    v.signs_in("authorised-contact")
    contact = v.school.api("GET", "/agreements", cookie(v))[2]["people"][0]["contact"]
    v.form(f"form/revoke-contact/{contact}", {}, "agreements" + done)
    account = v.school.api("GET", "/own/account", cookie(v))[2]["account"]
    v.signs_in("tenant-administrator")
    v.form(f"form/remove-second-factor/{account}", {}, "accounts" + done)
    del v.school.secrets["authorised-contact"]


def refused(v):
    """What is not there, and what the role does not allow."""
    v.open("incidents/00000000000000000000000000000000")
    v.look("not there")
    v.open("nothing-of-ours")
    v.look("not there")
    v.open("http://localhost:%d/console" % v.school.port)
    v.look("welcome")


def walks(v, once):
    """Everything that a school does, each in the role that does it."""
    for role in ROLES:
        if once == "1":
            v.browser.delete_all_cookies()
            v.form("new-password", {"login": f"{role}@horizon.example", "code": v.school.codes[role],
                   "password": PASSWORD}, r"sign-in\?done=1",
                   "new-password" if role == ROLES[0] else None)
    places = set()
    if once == "1":
        v.signs_in(ROLES[0], "sign-in")
        v.look("nothing yet", "work-empty")
        v.visits_places(set())
    # Nobody joins and nothing is asked before an agreement holds and an annex is accepted.
    for role, shots in [
        ("authorised-contact", {"agreements"}),
        ("tenant-administrator", {"organisation", "people", "accounts", "journal", "own"}),
        ("privacy-officer", {"incidents", "trail", "work", "registers"}),
        ("analyst", set()),
        ("fg", set()),
        ("school-leader", set()),
        ("platform-operator", set()),
    ]:
        v.signs_in(role)
        if once == "1" and role in ("tenant-administrator", "authorised-contact"):
            v.sets_factor(role)
        if role == "tenant-administrator":
            administrator(v, once)
        if role == "privacy-officer":
            incident(v, once)
            second_incident(v)
            request(v)
        if role == "authorised-contact" and once == "1":
            at = annex(v, agreement(v, once), once)
            service = [s["id"] for s in CONTENTS["services"] if s["necessity"] == "optional"]
            if service:
                of = rf"annexes/{at}\?done=1"
                v.form(f"form/enable-service/{at}", {"service": service[0]}, of)
                v.form(f"form/withdraw-service/{at}", {"service": service[0]}, of)
        if role == "analyst" and once == "1":
            analysis(v)
        if role == "school-leader":
            councils(v)
        if role == "platform-operator" and once == "1":
            operator(v)
        if role == "fg":
            v.form("form/verify-journal", {}, "form/verify-journal")
            v.look("verified", "verified")
            if not re.search(r"(ja|yes)\b.*(ja|yes)\b.*\b0\b.*\b0\b", v.text(), re.S):
                fail(f"the journal is not well: {v.text()}")
            refused(v)
        places.update(v.visits_places(shots))
    return places


def own(v):
    """Forms that end one's own sessions come last."""
    v.signs_in("fg")
    v.form("form/set-own-password", {"current": PASSWORD, "password": PASSWORD + " zelf"},
           r"sign-in\?done=1")
    v.browser.delete_cookie("__Host-zegel")
    v.form("sign-in", {"login": "fg@horizon.example", "password": PASSWORD + " zelf"}, "work")
    v.form("form/set-own-password", {"current": PASSWORD + " zelf", "password": PASSWORD},
           r"sign-in\?done=1")
    v.signs_in("fg")
    v.form("form/revoke-own-sessions", {}, r"sign-in\?done=1")


def planted(v):
    """The negative control: what is wrong on purpose is found."""
    v.open("sign-in")
    v.browser.execute_script(
        "document.querySelector('label').remove(); document.querySelector('main').style.color ="
        "'#999'; document.documentElement.removeAttribute('lang');")
    found = {name for name, _ in v.audit()}
    if not {"label", "html-has-lang", "color-contrast"} <= found:
        fail(f"planted faults were not found: {found}")


def without_script_is_without_script(v):
    v.browser.get("data:text/html,<title>no</title><script>document.title='script ran'</script>")
    if v.browser.title != "no":
        fail("script is not blocked in the second pass")


def main():
    with tempfile.TemporaryDirectory() as directory, open(f"{directory}/log", "w") as log:
        school = School(directory, log)
        visitor = None
        try:
            visitor = Visitor(school, with_script=True)
            places = walks(visitor, "1")
            own(visitor)
            lasts(visitor)
            planted(visitor)
            visited, forms = visitor.pages, visitor.forms
            print(f"pass 1: {len(visited)} pages and states, {len(forms)} forms, "
                  f"{visitor.audits} audits, {visitor.shots} pictures; places {sorted(places)}")
            visitor.close()
            visitor = Visitor(school, with_script=False)
            without_script_is_without_script(visitor)
            walks(visitor, "2")
            print(f"pass 2, without script: {len(visitor.pages)} pages and states, "
                  f"{len(visitor.forms)} forms")
            missing = set(FORMS) - forms
            if missing:
                fail(f"forms that nobody filled in: {sorted(missing)}")
        finally:
            if visitor:
                visitor.close()
            school.stop()
    print("console: passed")


main()
