"""Certificates for mutual TLS: each province has an authority of its own.

A caller is a province when its certificate names the province *and* the authority that the
registry lists for that province issued it: a server trusts a bundle of many authorities, and any
of them could write any name. Name constraints are left out because they reach only the host of a
URI, never the path in which the province stands. Leaves live 90 days, so that a coordinator that
is away does not end the federation; revocation is the registry's affair.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from federation.base.clock import DAY, SECOND
from federation.base.errors import Breach, Refusal
from federation.base.names import is_province
from federation.signing.keystore import replace_file, write_secret

AUTHORITY_DAYS = 3650
COORDINATOR_DAYS = 3650
LEAF_DAYS = 90
RENEW_DAYS = 30
COORDINATOR_HOST = "coordinator.creditbank"

_URI = re.compile(r"spiffe://creditbank/province/(CN-T?[0-9]{2})(?:/service/([a-z0-9-]{1,40}))?")
_SERVICE = re.compile(r"[a-z0-9-]{1,40}")
# Clocks of two machines differ; a certificate is valid from a little before it was made.
_BACKDATED = timedelta(minutes=10)
# What an extension that somebody else wrote may come to, besides a value.
_UNREADABLE = (x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)
_BOTH_ENDS = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH)


@dataclass(frozen=True, slots=True)
class TlsIdentity:
    """A certificate with its private key, opened into memory."""

    certificate_pem: str
    key_pem: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a certificate names: a province, or a service account inside it."""

    province: str
    service: str | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """The certificate authority of one province, opened for issuing."""

    province: str
    certificate_pem: str
    _key: ec.EllipticCurvePrivateKey = field(repr=False)

    def issue(
        self, *, now_us: int, service: str | None = None, hosts: Sequence[str] = ()
    ) -> TlsIdentity:
        """Return a new identity of the node, or of one of its service accounts.

        Raises:
            Refusal: SERVICE_NAME when the name of the service account has no proper form.
        """
        if service is not None and _SERVICE.fullmatch(service) is None:
            raise Refusal("SERVICE_NAME", detail=service[:40])
        uri = province_uri(self.province) + (f"/service/{service}" if service else "")
        names = [x509.UniformResourceIdentifier(uri)]
        dns = [] if service else [node_host(self.province), *hosts]
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.load_pem_x509_certificate(self.certificate_pem.encode())
        builder = (
            _builder(_name(uri), issuer.subject, key.public_key(), now_us, LEAF_DAYS)
            .add_extension(_alternatives(names, dns), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(_BOTH_ENDS), critical=False)
            .add_extension(_issued_by(issuer), critical=False)
        )
        return TlsIdentity(_sign(builder, self._key), _plain(key))


def open_authority(folder: Path, province: str, passphrase: bytes, *, now_us: int) -> Authority:
    """Open the authority of a province, making what is missing of it.

    The key is written first and the certificate follows from it, so an interrupted start is
    completed by the next one.

    Raises:
        Refusal: KEY_FILE when the key is damaged, the passphrase is wrong or the certificate
            belongs to another key.
    """
    key_path, certificate_path = folder / "tls-ca.key", folder / "tls-ca.pem"
    if not key_path.exists():
        fresh = ec.generate_private_key(ec.SECP256R1())
        write_secret(key_path, _sealed(fresh, passphrase))
    key = _open_key(key_path.read_bytes(), passphrase, key_path.name)
    if not certificate_path.exists():
        replace_file(certificate_path, _authority_pem(province, key, now_us).encode())
    pem = certificate_path.read_text()
    if _read(pem).public_key() != key.public_key():
        raise Refusal("KEY_FILE", detail=certificate_path.name)
    return Authority(province, pem, key)


def open_leaf(
    path: Path,
    authority: Authority,
    passphrase: bytes,
    *,
    now_us: int,
    service: str | None = None,
    hosts: Sequence[str] = (),
) -> TlsIdentity:
    """Open a leaf from its file, issuing it when absent and renewing it when it runs out.

    Key and certificate share one file, so they are replaced together.

    Raises:
        Refusal: KEY_FILE when the file is damaged or the passphrase is wrong.
    """
    if path.exists():
        identity = _open_identity(path, passphrase)
        is_ours = is_issued_by(identity.certificate_pem, authority.certificate_pem)
        if is_ours and not needs_renewal(identity.certificate_pem, now_us=now_us):
            return identity
    identity = authority.issue(now_us=now_us, service=service, hosts=hosts)
    _store_identity(path, identity, passphrase)
    return identity


def open_coordinator(
    path: Path, passphrase: bytes, *, now_us: int, hosts: Sequence[str] = ()
) -> TlsIdentity:
    """Open the coordinator's server identity, self-signed, making it when absent.

    Raises:
        Refusal: KEY_FILE when the file is damaged or the passphrase is wrong.
    """
    if not path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        name = _name(COORDINATOR_HOST)
        builder = (
            _builder(name, name, key.public_key(), now_us, COORDINATOR_DAYS)
            .add_extension(_alternatives([], [COORDINATOR_HOST, *hosts]), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage(_BOTH_ENDS[:1]), critical=False)
        )
        _store_identity(path, TlsIdentity(_sign(builder, key), _plain(key)), passphrase)
    return _open_identity(path, passphrase)


def province_uri(province: str) -> str:
    """Return the name of a province in certificates."""
    return f"spiffe://creditbank/province/{province}"


def node_host(province: str) -> str:
    """Return the host name that a node's certificate carries, wherever the node stands."""
    return f"{province.lower()}.node.creditbank"


def caller_uri(certificate_pem: str | bytes) -> str:
    """Return the one URI that a certificate names.

    Raises:
        Breach: TLS_IDENTITY when it names none, or several.
    """
    try:
        names = _read(certificate_pem).extensions.get_extension_for_class(
            x509.SubjectAlternativeName
        )
    except (*_UNREADABLE, ValueError):
        raise Breach("TLS_IDENTITY", detail="no alternative name") from None
    uris = names.value.get_values_for_type(x509.UniformResourceIdentifier)
    if len(uris) != 1:
        raise Breach("TLS_IDENTITY", detail=f"{len(uris)} URIs")
    return uris[0]


def read_caller(certificate_pem: str | bytes) -> Caller:
    """Return whom a certificate names; its issuer is still to be compared with the registry.

    Raises:
        Breach: TLS_IDENTITY when the name is not one of ours.
    """
    match = _URI.fullmatch(caller_uri(certificate_pem))
    if match is None or not is_province(match[1]):
        raise Breach("TLS_IDENTITY", detail="not a name of this federation")
    return Caller(match[1], match[2])


def is_issued_by(certificate_pem: str | bytes, authority_pem: str | bytes) -> bool:
    """Tell whether one of these authorities (a registry entry may list several) issued it."""
    certificate = _read(certificate_pem)
    for authority in _read_all(authority_pem):
        try:
            certificate.verify_directly_issued_by(authority)
        except (ValueError, TypeError, InvalidSignature):
            continue
        return _is_authority(authority)
    return False


def fingerprint(certificate_pem: str | bytes) -> str:
    """Return the SHA-256 of a certificate's DER bytes in hexadecimal."""
    return hashlib.sha256(_read(certificate_pem).public_bytes(Encoding.DER)).hexdigest()


def ends_us(certificate_pem: str | bytes) -> int:
    """Return when a certificate ends, UTC microseconds."""
    return int(_read(certificate_pem).not_valid_after_utc.timestamp()) * SECOND


def days_left(certificate_pem: str | bytes, *, now_us: int) -> int:
    """Return how many whole days a certificate stays valid; negative when it expired."""
    return _time_left_us(certificate_pem, now_us) // DAY


def needs_renewal(certificate_pem: str | bytes, *, now_us: int) -> bool:
    """Tell whether a leaf has thirty days or less to live."""
    return _time_left_us(certificate_pem, now_us) <= RENEW_DAYS * DAY


def check_authority(authority_pem: str, *, now_us: int) -> None:
    """Check that what an applicant sends are certificates of authorities, valid now.

    Raises:
        Breach: TLS_AUTHORITY when they are not.
    """
    try:
        authorities = _read_all(authority_pem)
        are_sound = all(_is_authority(found) for found in authorities) and bool(authorities)
    except (ValueError, TypeError):
        raise Breach("TLS_AUTHORITY", detail="not certificates") from None
    if not are_sound or any(
        days_left(found.public_bytes(Encoding.PEM), now_us=now_us) < 0 for found in authorities
    ):
        raise Breach("TLS_AUTHORITY", detail="not valid authorities")


def _time_left_us(certificate_pem: str | bytes, now_us: int) -> int:
    return ends_us(certificate_pem) - now_us


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (x509.ExtensionNotFound, ValueError):
        return False
    is_p256 = isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    return found.value.ca and found.value.path_length == 0 and is_p256


def _authority_pem(province: str, key: ec.EllipticCurvePrivateKey, now_us: int) -> str:
    # Unique, or a server's bundle would hold two authorities that answer to one name.
    mark = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    name = _name(f"{province} credit bank authority {mark.digest[:8].hex()}")
    builder = (
        _builder(name, name, key.public_key(), now_us, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
    )
    return _sign(builder, key)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now_us: int,
    days: int,
) -> x509.CertificateBuilder:
    now = datetime.fromtimestamp(now_us // SECOND, UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BACKDATED)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _alternatives(
    uris: Sequence[x509.GeneralName], hosts: Sequence[str]
) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([*uris, *(x509.DNSName(host) for host in hosts)])


def _issued_by(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    mark = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(mark.value)


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[-64:])])


def _sign(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> str:
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def _plain(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _sealed(key: ec.EllipticCurvePrivateKey, passphrase: bytes) -> bytes:
    encryption = BestAvailableEncryption(passphrase)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def _open_key(content: bytes, passphrase: bytes | None, name: str) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(content, passphrase)
    except (ValueError, TypeError):
        raise Refusal("KEY_FILE", detail=name) from None
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Refusal("KEY_FILE", detail=name)
    return key


def _store_identity(path: Path, identity: TlsIdentity, passphrase: bytes) -> None:
    key = _open_key(identity.key_pem, None, path.name)
    replace_file(path, _sealed(key, passphrase) + identity.certificate_pem.encode())


def _open_identity(path: Path, passphrase: bytes) -> TlsIdentity:
    sealed, mark, certificate = path.read_bytes().partition(b"-----BEGIN CERTIFICATE-----\n")
    key = _open_key(sealed, passphrase, path.name)
    return TlsIdentity((mark + certificate).decode(), _plain(key))


def _read(certificate_pem: str | bytes) -> x509.Certificate:
    content = certificate_pem.encode() if isinstance(certificate_pem, str) else certificate_pem
    try:
        return x509.load_pem_x509_certificate(content)
    except ValueError:
        raise Breach("TLS_IDENTITY", detail="not a certificate") from None


def _read_all(certificate_pem: str | bytes) -> list[x509.Certificate]:
    content = certificate_pem.encode() if isinstance(certificate_pem, str) else certificate_pem
    return x509.load_pem_x509_certificates(content)
