"""The configuration of a test server: schema, a database with a password policy, an account with few rights."""

import os
from dataclasses import dataclass
from pathlib import Path

from tests.servers.certificates import ServerCertificate

_ROOT = Path(os.environ.get("OPENLDAP_ROOT", "/"))  # where OpenLDAP is unpacked when it is not installed
_OUR_SCHEMA = Path(__file__).parent / "schema"
SUFFIX = "dc=hemne,dc=kommune,dc=no"
SECRET = "a password of the test server"
SERVICE_DN = "cn=provision,o=system"
POLICY_DN = "cn=default,o=system"
_INDEXED = ("uid", "norEduPersonLIN", "norEduOrgUnitUniqueIdentifier", "norEduOrgNIN", "eduPersonPrincipalName")
_PASSWORD_POLICY = (
    "dn: olcOverlay=ppolicy,olcDatabase={2}mdb,cn=config\nobjectClass: olcOverlayConfig\n"
    f"objectClass: olcPPolicyConfig\nolcOverlay: ppolicy\nolcPPolicyDefault: {POLICY_DN}"
)


@dataclass(frozen=True, slots=True)
class SlapdOptions:
    """How one server differs from the ordinary one."""

    suffix: str = SUFFIX
    base_entry: bool = True  # whether the suffix has an entry, or is there to be filled by the root DN
    certificate: ServerCertificate | None = None
    without: frozenset[str] = frozenset()  # attributes left out of the schema
    read_only: bool = False
    size_limit: str = "unlimited"  # as in olcSizeLimit
    size_limit_paged: str = "unlimited"  # as in size.prtotal
    policy_module: bool = True  # whether the ppolicy overlay is there at all
    policy_overlay: bool = True  # whether it is put on the database
    pwd_lockout: bool = True

    @property
    def root_dn(self) -> str:
        return f"cn=root,{self.suffix}"


def config(options: SlapdOptions, folder: Path) -> str:
    """All of cn=config, for slapadd."""
    schema = _first(_ROOT / "etc/ldap/schema", _ROOT / "etc/openldap/schema")
    modules = _first(_ROOT / "usr/lib/ldap", _ROOT / "usr/lib64/openldap")
    tls = ""
    if options.certificate:
        tls = (
            f"\nolcTLSCertificateFile: {options.certificate.certificate}"
            f"\nolcTLSCertificateKeyFile: {options.certificate.key}"
        )
    policy = "\nolcModuleLoad: ppolicy" if options.policy_module else ""
    system_schema = [(schema / f"{name}.ldif").read_text() for name in ("core", "cosine", "inetorgperson")]
    ours = [_without(path.read_text(), options.without) for path in sorted(_OUR_SCHEMA.glob("*.ldif"))]
    parts = [
        f"dn: cn=config\nobjectClass: olcGlobal\ncn: config\nolcIdleTimeout: 0{tls}",
        f'dn: cn=module{{0}},cn=config\nobjectClass: olcModuleList\ncn: module{{0}}\nolcModulePath: "{modules}"\n'
        f"olcModuleLoad: back_mdb\nolcModuleLoad: syncprov{policy}",
        "dn: cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: schema",
        *(text.strip() for text in [*system_schema, *ours]),
        f"dn: olcDatabase={{0}}config,cn=config\nobjectClass: olcDatabaseConfig\nolcDatabase: {{0}}config\n"
        f"olcRootDN: cn=config\nolcRootPW: {SECRET}",
        f"dn: olcDatabase={{1}}mdb,cn=config\nobjectClass: olcDatabaseConfig\nobjectClass: olcMdbConfig\n"
        f"olcDatabase: {{1}}mdb\nolcSuffix: o=system\nolcDbDirectory: {folder / 'system'}\n"
        f"olcAccess: to attrs=userPassword by anonymous auth by * none\n"
        f'olcAccess: to * by dn.exact="{SERVICE_DN}" read by * none',
        _database(options, folder),
        *([_PASSWORD_POLICY] if options.policy_module and options.policy_overlay else []),
    ]
    return "\n\n".join(parts)


def _database(options: SlapdOptions, folder: Path) -> str:
    service = f'dn.exact="{SERVICE_DN}"'
    indexes = [name for name in _INDEXED if name not in options.without]
    return (
        "dn: olcDatabase={2}mdb,cn=config\nobjectClass: olcDatabaseConfig\nobjectClass: olcMdbConfig\n"
        f"olcDatabase: {{2}}mdb\nolcSuffix: {options.suffix}\nolcRootDN: {options.root_dn}\nolcRootPW: {SECRET}\n"
        f"olcDbDirectory: {folder / 'data'}\nolcDbMaxSize: 1073741824\nolcDbNoSync: TRUE\n"
        f"olcReadOnly: {'TRUE' if options.read_only else 'FALSE'}\nolcSizeLimit: {options.size_limit}\n"
        f"olcLimits: {service} size={options.size_limit} size.prtotal={options.size_limit_paged}\n"
        f"olcDbIndex: objectClass,entryUUID,entryCSN eq\nolcDbIndex: {','.join(indexes)} eq,pres\n"
        # the service account may set a password and never see one; a person may use one to log in
        f"olcAccess: to attrs=userPassword by {service} =w by anonymous auth by * none\n"
        f"olcAccess: to * by {service} write by * none"
    )


def system(options: SlapdOptions) -> str:
    """The service account and the password policy, apart from what is provisioned."""
    lockout = "TRUE" if options.pwd_lockout else "FALSE"
    policy = (
        f"dn: {POLICY_DN}\nobjectClass: device\nobjectClass: pwdPolicy\ncn: default\n"
        f"pwdAttribute: userPassword\npwdLockout: {lockout}\n"
    )
    return (
        "dn: o=system\nobjectClass: organization\no: system\n\n"
        f"dn: {SERVICE_DN}\nobjectClass: applicationProcess\nobjectClass: simpleSecurityObject\ncn: provision\n"
        f"userPassword: {SECRET}\n\n{policy if options.policy_module else ''}"
    )


def base(suffix: str) -> str:
    """The entry of the suffix itself."""
    name = suffix.partition(",")[0].partition("=")[2]
    return f"dn: {suffix}\nobjectClass: dcObject\nobjectClass: organization\ndc: {name}\no: {name}\n"


def _without(schema: str, attributes: frozenset[str]) -> str:
    """The schema with these attributes neither defined nor allowed anywhere."""
    unfolded = schema.replace("\n ", "")
    kept = [line for line in unfolded.splitlines() if not any(f"NAME '{name}'" in line for name in attributes)]
    text = "\n".join(kept)
    for name in attributes:
        text = text.replace(f" $ {name} ", " ").replace(f"( {name} $ ", "( ")
    return text


def _first(*folders: Path) -> Path:
    return next((folder for folder in folders if folder.is_dir()), folders[0])
