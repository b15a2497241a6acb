"""A school board on the real binary: three schools, an account for each role, signed in over HTTP.

Only Python's own library. Everything that an account does goes over HTTP; the binary itself makes the
installation, the tenant and the first administrator, as the guide for the operator says.
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import re
import struct
import subprocess
import time
import urllib.parse
import uuid

PASSWORD = "een lange zin voor iedereen"
SCHOOLS = [("De Regenboog", "99ZZ"), ("Het Kompas", "98ZZ"), ("De Vliegenier", "97ZZ")]
# Role, what it reaches (the number of a school, or the board), and the first name of who has it.
ROLES = [
    ("tenant-administrator", "board", "Ada"),
    ("school-leader", 0, "Lea"),
    ("observer", 0, "Otto"),
    ("teacher", 0, "Tess"),
    ("analyst", "board", "Anna"),
    ("privacy-officer", "board", "Pim"),
    ("authorised-contact", "board", "Cas"),
    ("fg", "board", "Fenna"),
    ("auditor", "board", "Aukje"),
    ("support", "board", "Siem"),
    ("platform-operator", "board", "Pien"),
]
SECRET = b"12345678901234567890"


def totp(secret, at=None):
    """The code of six digits (RFC 6238, SHA-1, 30 s)."""
    counter = struct.pack(">Q", int(at if at is not None else time.time()) // 30)
    digest = hmac.new(secret, counter, hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def address(name):
    """The address that the demonstration invents for a name."""
    return f"{name.lower().replace(' ', '.')}@voorbeeld.example"


class Refused(Exception):
    """An answer that was not the wanted one."""


class Campus:
    def __init__(self, directory, log):
        self.begin(directory, log)
        self.command("init")
        self.tenant = self.command("tenant", "start", "--name", "Stichting Voorbeeld")["tenant"]
        added = self.command(
            "person", "add", "--tenant", self.tenant, given="Ada Voorbeeld\nada@bestuur.example\n"
        )
        self.people["tenant-administrator"] = added["subject"]
        opened = self.command(
            *("account", "open", "--tenant", self.tenant),
            *("--person", self.people["tenant-administrator"]),
            *("--login", "ada@bestuur.example", "--role", "tenant-administrator"),
        )
        self.accounts["tenant-administrator"] = opened["account"]
        self.serve()
        self.begins("tenant-administrator", "ada@bestuur.example", opened["code"])

    def begin(self, directory, log):
        self.binary = os.environ["ZEGEL_BIN"]
        self.data = os.path.join(directory, "data")
        self.log = log
        self.server = None
        self.address = None
        self.cookies = {}
        self.people = {}
        self.accounts = {}
        self.schools = []
        self.password = PASSWORD
        self.metrics = None

    def command(self, *words, given=None):
        """Runs the binary and reads its JSON."""
        done = subprocess.run(
            [self.binary, "--json", *words, "--data", self.data],
            input=given,
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            raise Refused(f"{words}: {done.stderr}")
        return json.loads(done.stdout)

    def run(self, words):
        """Runs the binary without a data directory, whatever it says."""
        done = subprocess.run([self.binary, *words], capture_output=True, text=True)
        return done.stdout + done.stderr

    def serve(self):
        words = ["serve", "--listen", "127.0.0.1:0", "--data", self.data]
        if self.metrics is not None:
            words += ["--metrics", "127.0.0.1:0"]
        self.server = subprocess.Popen(
            [self.binary, *words],
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        for line in self.server.stdout:
            found = re.search(r"http://([^ /]+)(/metrics)?", line.strip())
            if found and found.group(2):
                self.metrics = found.group(1)
            elif found:
                self.address = found.group(1)
            if self.address and self.metrics != "":
                return
        raise Refused("the server did not say where it listens")

    def stop(self):
        self.server.terminate()
        if self.server.wait(60) != 0:
            raise Refused("the server did not end well")

    def ask(self, method, path, role=None, body=None, key=None, headers=None):
        """One request below the tenant; gives status, headers and bytes."""
        sent = {"Accept-Language": "nl", **(headers or {})}
        if role:
            sent["Cookie"] = self.cookies[role]
        if method == "POST":
            sent["Idempotency-Key"] = key or uuid.uuid4().hex
            sent["Content-Type"] = "application/json"
            body = json.dumps({} if body is None else body)
        connection = http.client.HTTPConnection(self.address, timeout=60)
        connection.request(method, f"/v1/tenants/{self.tenant}{path}", body, sent)
        answer = connection.getresponse()
        read = answer.read()
        connection.close()
        return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), read

    def fetch(self, path, address=None, cookie=None):
        """What stands at a path; without a cookie, what anybody may read."""
        connection = http.client.HTTPConnection(address or self.address, timeout=60)
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        read = connection.getresponse().read()
        connection.close()
        return read

    def get(self, path, role, reason=None):
        headers = {"Zegel-Reason": urllib.parse.quote(reason)} if reason else None
        status, _, read = self.ask("GET", path, role, headers=headers)
        if status != 200:
            raise Refused(f"GET {path} as {role}: {status} {read.decode()}")
        return json.loads(read)

    def post(self, path, role, body=None, status=(200, 201, 204)):
        found, _, read = self.ask("POST", path, role, body)
        if found not in status:
            raise Refused(f"POST {path} as {role}: {found} {read.decode()}")
        return json.loads(read) if read else {}

    def begins(self, role, login, code):
        """Sets the first password with a code, and signs in."""
        self.post("/new-password", None, {"login": login, "code": code, "password": PASSWORD})
        self.sign_in(role, login)

    def sign_in(self, role, login, secret=None):
        body = {"login": login, "password": self.password, "code": totp(secret) if secret else None}
        status, headers, read = self.ask("POST", "/sign-in", None, body)
        if status != 200:
            raise Refused(f"sign-in as {role}: {status} {read.decode()}")
        self.cookies[role] = headers["set-cookie"].split(";")[0]

    def second_factor(self, role, login):
        """Sets a second factor, and signs in with it once its next code is there."""
        secret = base64.b32encode(SECRET).decode()
        self.post("/own/second-factor", role, {"secret": secret, "code": totp(SECRET)})
        # A code is taken once.
        time.sleep(30 - time.time() % 30 + 0.5)
        self.sign_in(role, login, SECRET)

    def fill(self):
        """Three schools, and an account for each role."""
        for name, brin in SCHOOLS:
            made = self.post("/schools", "tenant-administrator", {"name": name, "brin": brin})
            self.schools.append(made["id"])
        for role, reach, name in ROLES[1:]:
            self.account(role, reach, name)

    def account(self, role, reach, name, key=None):
        key = key or role
        admin, login = "tenant-administrator", f"{name.lower()}@bestuur.example"
        person = {"name": f"{name} Voorbeeld", "email": login}
        self.people[key] = self.post("/people", admin, person)["id"]
        school = self.schools[reach if isinstance(reach, int) else 0]
        joining = {"school": school, "position": "staff"}
        self.post(f"/people/{self.people[key]}/joining", admin, joining)
        opened = self.post("/accounts", admin, {"person": self.people[key], "login": login})
        self.accounts[key] = opened["id"]
        code = self.post(f"/accounts/{opened['id']}/password-reset", admin)["code"]
        end = int((time.time() + 300 * 86_400) * 1_000_000) if role == "auditor" else None
        to = "board" if reach == "board" else f"school:{school}"
        grant = {"account": opened["id"], "role": role, "reach": to, "until": end}
        self.post("/grants", admin, grant)
        self.begins(key, login, code)


class Demo(Campus):
    """The board that `zegel demo` makes, with all its accounts signed in."""

    def __init__(self, directory, log, metrics=False):
        self.begin(directory, log)
        self.metrics = "" if metrics else None
        shown = self.command("demo", "--no-serve")
        self.shown, self.tenant = shown, shown["tenant"]
        self.given = {account["role"]: account for account in shown["accounts"]}
        self.serve()
        self.sign_in_all()

    def sign_in_all(self):
        for role, account in self.given.items():
            self.password = account["password"]
            self.sign_in(role, account["login"], base64.b32decode(account["second_factor"]))
            self.people[role] = account["person"]
        self.schools = [row["school"] for row in self.get("/organisation", "fg")["schools"]]
