#!/usr/bin/env python3
"""Makes the certificates of the stand-ins anew. They protect nothing; the key is public."""

import datetime
import ipaddress
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HERE = pathlib.Path(__file__).parent
BEGIN, END = datetime.datetime(2020, 1, 1), datetime.datetime(2120, 1, 1)


def certificate(name, key, issuer, issuer_key, extension):
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGIN)
        .not_valid_after(END)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), True)
    )
    if extension:
        builder = builder.add_extension(extension, False)
    made = builder.sign(issuer_key, hashes.SHA256())
    return made


def write(name, made):
    (HERE / name).write_bytes(made.public_bytes(serialization.Encoding.PEM))


roots = {}
for name in ("root", "stranger"):
    key = ec.generate_private_key(ec.SECP256R1())
    made = certificate(f"Zegel stand-in {name}", key, None, key, None)
    roots[name] = (made, key)
    write(f"{name}.pem", made)

root, root_key = roots["root"]
key = ec.generate_private_key(ec.SECP256R1())
loopback = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
write("standin.pem", certificate("Zegel stand-in", key, root.subject, root_key, loopback))
(HERE / "standin.key").write_bytes(
    key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
)
