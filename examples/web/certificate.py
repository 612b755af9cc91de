"""A certificate for one afternoon: of this machine's own address, signed by itself."""

from __future__ import annotations

import datetime as dt
import ipaddress
import socket
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAYS: Final = 2
ANY: Final = ("192.0.2.1", 9)  # RFC 5737: nobody's; a datagram socket that only asks for the route


def address() -> str:
    """This machine's own address on its network; no packet is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(ANY)
            found: str = asked.getsockname()[0]
        except OSError:
            return "127.0.0.1"
        return found


def certificate(host: str) -> bytes:
    """Private key and certificate of an address, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "nudge web example")])
    now = dt.datetime.now(dt.UTC)
    hosts = {ipaddress.ip_address(host), ipaddress.ip_address("127.0.0.1")}
    names = x509.SubjectAlternativeName([x509.IPAddress(ip) for ip in hosts])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=DAYS))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private + made.public_bytes(serialization.Encoding.PEM)
