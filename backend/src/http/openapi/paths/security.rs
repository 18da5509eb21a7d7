use serde_json::{Value, json};

use super::{
    super::operation::{Operation, delete, get, in_path, number, path, post, query, schema},
    Paths, page, text,
};

const WRONG: (u16, &str) = (400, "`bad_credential`: what was expected in which member. Nothing was stored.");
const UNKNOWN: (u16, &str) = (404, "`unknown_credential`");
const NOT_JSON: (u16, &str) = (415, "`not_json`");
const NOT_STORED: (u16, &str) = (503, "`not_stored` or `stopping`");

pub(super) fn paths() -> Paths {
    vec![
        ("/api/v1/credentials", path([list(), add()])),
        ("/api/v1/credentials/import", path([import()])),
        ("/api/v1/credentials/{id}", path([one(), forget()])),
        ("/api/v1/credentials/{id}/revoke", path([revoke()])),
        ("/api/v1/credentials/{id}/rotate", path([rotate()])),
        ("/api/v1/security/authorities", path([authorities(), believe()])),
        ("/api/v1/security/authorities/{fingerprint}", path([disbelieve()])),
        ("/api/v1/security/authority", path([authority()])),
        ("/api/v1/security/certificates", path([certificates()])),
        ("/api/v1/security/handshakes", path([handshakes()])),
        ("/api/v1/security/server", path([server()])),
    ]
}

fn list() -> Operation {
    get("security", "listCredentials", "What devices may connect with")
        .description("Without any secret.")
        .parameters([
            text("Words that all must match: in endpoint name, identity or note."),
            query("endpoint", json!({ "type": "string" }), "Those of one endpoint."),
            query("server", schema("CredentialServer"), "Those for this server."),
            query("mode", schema("CredentialMode"), "Those of this kind."),
            query("state", schema("CredentialState"), "Those in this state."),
        ])
        .parameters(page())
        .answers_json(200, "CredentialList", "How many match, and those of the page.")
        .fails(&[(400, "`bad_query`: a parameter cannot be read, or there is none of that name.")])
}

fn add() -> Operation {
    post("security", "addCredential", "Adds what a device may connect with")
        .description("From then on its endpoint cannot register without security any more. A key that the server makes is in this answer only. With `retire_after_s`, what the endpoint has in this mode for the same server counts for so long only.")
        .json_body(
            "NewCredential",
            true,
            &[
                ("a key that the server makes", json!({ "endpoint": "meter-1", "mode": "psk", "generate": true })),
                ("any certificate of a trusted authority", json!({ "endpoint": "meter-2", "mode": "x509" })),
            ],
        )
        .answers_json(201, "CredentialAdded", "It is stored.")
        .fails(&[WRONG, (409, "`conflict`: another credential is the same, or there is no room."), too_large(), NOT_JSON, NOT_STORED])
}

fn import() -> Operation {
    let csv = "endpoint,mode,identity,key\nmeter-1,psk,meter-1,KEY IN HEXADECIMAL OR BASE64\n";
    let content = json!({
        "text/csv": { "schema": { "type": "string" }, "example": csv },
        "application/json": { "schema": { "type": "array", "items": schema("NewCredential") } },
    });
    let format = json!({ "type": "string", "enum": ["csv", "json"] });
    let flag = || json!({ "type": "boolean", "default": false });
    post("security", "importCredentials", "Adds the credentials of a file")
        .description("CSV with a header, JSON as an array or as an object a line. All of it is stored or nothing, and every fault is told with its line.")
        .parameters([
            query("format", format, "Of the file."),
            query("dry_run", flag(), "Only looks at it."),
            query("partial", flag(), "Stores what is good of it."),
        ])
        .body(content, true)
        .answers_json(200, "CredentialImport", "What is good of it, and what is not.")
        .fails(&[
            (400, "`bad_query`: a parameter cannot be read, or there is none of that name."),
            (409, "`conflict`: there is no room."),
            too_large(),
            NOT_STORED,
        ])
}

fn one() -> Operation {
    get("security", "getCredential", "One credential")
        .parameters([id()])
        .answers_json(200, "Credential", "It, without its secret.")
        .fails(&[(400, "No id."), UNKNOWN])
}

fn rotate() -> Operation {
    post("security", "rotateCredential", "Adds a version beside an earlier one, which retires")
        .description("Endpoint and mode are those of the earlier version. With `retire_after_s` 0 the earlier one ends at once, and with it its sessions.")
        .parameters([id()])
        .json_body(
            "NewCredential",
            true,
            &[("a key that the server makes", json!({ "generate": true, "retire_after_s": 86_400 }))],
        )
        .answers_json(201, "CredentialAdded", "The new version.")
        .fails(&[WRONG, UNKNOWN, (409, "`conflict`: another credential is the same, or the earlier one is revoked."), too_large(), NOT_JSON, NOT_STORED])
}

fn revoke() -> Operation {
    post("security", "revokeCredential", "Ends what was connected with a credential, at once and for good")
        .parameters([id()])
        .answers_json(200, "Credential", "It is revoked.")
        .fails(&[(400, "No id."), UNKNOWN, NOT_STORED])
}

fn forget() -> Operation {
    delete("security", "forgetCredential", "Forgets a revoked credential")
        .description("With the last one of an endpoint it may register without security again.")
        .parameters([id()])
        .answers_nothing("It is forgotten.")
        .fails(&[
            (400, "No id."),
            UNKNOWN,
            (409, "`conflict`: it is not revoked, or a certificate that is not expired."),
            NOT_STORED,
        ])
}

fn server() -> Operation {
    get("security", "getServerSecurity", "What a device must be told to connect").answers_json(
        200,
        "ServerSecurity",
        "Addresses, public key and certificates of the server.",
    )
}

fn authorities() -> Operation {
    get("security", "listAuthorities", "Whose certificates are believed, besides those of the own authority")
        .answers_json(200, "Authorities", "Their certificates.")
}

fn believe() -> Operation {
    let example = json!({ "certificate": "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n" });
    post("security", "believeAuthority", "Believes the certificates of another authority from now on")
        .description("A device still needs a credential: one for any certificate with its name, or its certificate itself.")
        .json_body("NewBelievedAuthority", true, &[("its certificate", example)])
        .answers_json(201, "Authorities", "Those that are believed now.")
        .fails(&[
            (400, "`bad_credential`: it is not the certificate of an authority, has expired, or is too weak."),
            (409, "`conflict`: it is believed already, or there is no room."),
            too_large(),
            NOT_JSON,
            NOT_STORED,
        ])
}

fn disbelieve() -> Operation {
    let fingerprint = json!({ "type": "string" });
    delete("security", "disbelieveAuthority", "Believes an authority no longer")
        .description("Sessions that nobody else vouches for end at once.")
        .parameters([in_path("fingerprint", fingerprint, "SHA-256 of its certificate, in hexadecimal.")])
        .answers_nothing("It is not believed any more.")
        .fails(&[(404, "`unknown_authority`"), NOT_STORED])
}

fn authority() -> Operation {
    let example = json!({ "names": ["lwm2m.example.com", "192.0.2.1"] });
    post("security", "makeAuthority", "Makes a certificate authority and the server's certificate")
        .description("Where there is an authority, only the certificate is made again.")
        .json_body("NewAuthority", true, &[("both", example)])
        .answers_json(201, "ServerSecurity", "What there is now.")
        .fails(&[WRONG, too_large(), NOT_JSON, NOT_STORED])
}

fn certificates() -> Operation {
    post("security", "issueCertificate", "Issues a certificate for a device, which is its credential")
        .description("Its endpoint name is the Common Name. A private key that the server makes is in this answer only.")
        .json_body(
            "NewCertificate",
            true,
            &[("key and certificate", json!({ "endpoint": "meter-3", "days": 365 }))],
        )
        .answers_json(201, "IssuedCertificate", "It is issued.")
        .fails(&[WRONG, (409, "`conflict`: there is no authority, or no room."), too_large(), NOT_JSON, NOT_STORED])
}

fn handshakes() -> Operation {
    get("security", "listFailedHandshakes", "Who could not connect, and why").answers_json(
        200,
        "FailedHandshakes",
        "The newest first, as many as are remembered.",
    )
}

const fn too_large() -> (u16, &'static str) {
    (413, "`too_large`")
}

fn id() -> Value {
    in_path("id", number(None, None), "Id of a credential.")
}
