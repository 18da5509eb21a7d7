//! Credentials as an operator adds them, in the files that devices take.

use std::{fs, path::PathBuf, process::Command, process::Stdio};

use anyhow::{Context as _, Result};
use console_api::{CredentialAdded, IssuedCertificate, NewAuthority, ServerSecurity};
use openssl::{
    ec::{EcGroup, EcKey},
    nid::Nid,
    pkey::{PKey, Private},
};
use serde_json::json;
use whole_program_tests::TestContext;

/// 16 bytes that are text as well, as not every client takes hexadecimal.
pub(crate) const KEY: &str = "0123456789abcdef";
pub(crate) const KEY_HEX: &str = "30313233343536373839616263646566";

/// What a peer needs that is not here: it is said loudly, and the test is left out.
pub(crate) fn can_run(program: &str, package: &str) -> bool {
    let mut command = Command::new("sh");
    command.args(["-c", "command -v \"$0\"", program]).stdin(Stdio::null()).stdout(Stdio::null());
    let found = command.status().is_ok_and(|status| status.success());
    if !found {
        eprintln!("!! skipped: there is no {program} (apt-get install {package})");
    }
    found
}

/// A server, and a folder for what its devices are given.
pub(crate) struct Secured {
    pub(crate) context: TestContext,
    folder: tempfile::TempDir,
}

impl Secured {
    pub(crate) async fn start() -> Result<Self> {
        Ok(Self { context: TestContext::start().await?, folder: tempfile::tempdir()? })
    }

    pub(crate) async fn add_psk(&self, endpoint: &str) -> Result<CredentialAdded> {
        let new = json!({ "endpoint": endpoint, "mode": "psk", "identity": endpoint, "key": KEY_HEX });
        self.context.rest.post("/api/v1/credentials", &new.to_string()).await?.json(201)
    }

    /// A raw public key of a device.
    pub(crate) async fn add_raw_key(&self, endpoint: &str) -> Result<PKey<Private>> {
        let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
        let key = PKey::from_ec_key(EcKey::generate(&group)?)?;
        let public_key = String::from_utf8(key.public_key_to_pem()?)?;
        let new = json!({ "endpoint": endpoint, "mode": "rpk", "public_key": public_key });
        let added = self.context.rest.post("/api/v1/credentials", &new.to_string()).await?;
        added.json::<CredentialAdded>(201)?;
        Ok(key)
    }

    /// Makes the authority and the server's certificate.
    pub(crate) async fn found_authority(&self) -> Result<ServerSecurity> {
        let new = NewAuthority {
            names: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
            ..NewAuthority::default()
        };
        let made =
            self.context.rest.post("/api/v1/security/authority", &serde_json::to_string(&new)?).await?;
        anyhow::ensure!(made.status / 100 == 2, "{made:?}");
        self.security().await
    }

    pub(crate) async fn security(&self) -> Result<ServerSecurity> {
        self.context.rest.get("/api/v1/security/server").await?.json(200)
    }

    pub(crate) async fn issue(&self, endpoint: &str) -> Result<IssuedCertificate> {
        let new = json!({ "endpoint": endpoint }).to_string();
        self.context.rest.post("/api/v1/security/certificates", &new).await?.json(201)
    }

    /// The path of a file with that content.
    pub(crate) fn file(&self, name: &str, content: &[u8]) -> Result<String> {
        let path: PathBuf = self.folder.path().join(name);
        fs::write(&path, content)?;
        path.into_os_string().into_string().ok().context("a path of text")
    }

    /// Certificate, private key and the authority's certificate of a device in PEM.
    pub(crate) async fn certificate_files(&self, endpoint: &str) -> Result<[String; 3]> {
        let issued = self.issue(endpoint).await?;
        let secret = issued.secret.and_then(|secret| secret.pkcs8_pem).context("a private key")?;
        Ok([
            self.file("device.pem", issued.certificate.pem.as_bytes())?,
            self.file("device.key", secret.0.as_bytes())?,
            self.file("authority.pem", issued.authority.pem.as_bytes())?,
        ])
    }

    /// How the registered device has proven who it is.
    pub(crate) async fn registered_with(&self, endpoint: &str) -> Result<String> {
        Ok(serde_json::to_value(self.context.registered(endpoint).await?.security)?.to_string())
    }
}
