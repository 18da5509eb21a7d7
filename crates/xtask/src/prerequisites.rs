use std::{
    env, fmt, io,
    path::Path,
    process::{Command, Stdio},
    sync::OnceLock,
};

const BROWSER_PACKAGES: [&str; 3] = ["chromium", "chromium-driver", "fonts-dejavu-core"];
const LIBCOAP_PACKAGES: [&str; 1] = ["libcoap3-bin"];
const OPENSSL_PACKAGES: [&str; 1] = ["openssl"];
const JAVA_PACKAGES: [&str; 2] = ["openjdk-17-jdk-headless", "maven"];
/// Leshan is built for this version; its client starts from source, so that a compiler must be there.
const JAVA_VERSION: u32 = 17;

/// A program that a suite needs and that cannot be had.
#[derive(Clone, Debug)]
pub(crate) struct Missing {
    what: &'static str,
    why: String,
    remedy: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "missing: {}\nwhy:     {}\nremedy:  {}", self.what, self.why, self.remedy)
    }
}

/// Chromium and its WebDriver.
pub(crate) fn browser() -> Result<(), Missing> {
    let present = || runs("chromium", &["--version"]) && runs("chromedriver", &["--version"]);
    ensure("Chromium and chromedriver", &BROWSER_PACKAGES, present)
}

/// Java, Maven and the libraries of Leshan's client.
pub(crate) fn leshan(root: &Path) -> Result<(), Missing> {
    let present = || java_version().is_some_and(|version| version >= JAVA_VERSION) && runs("mvn", &["-v"]);
    ensure("a JDK of version 17 or later, and Maven", &JAVA_PACKAGES, present)?;
    let script = root.join("tests/interop/leshan/run.sh");
    let fetched =
        Command::new("bash").arg(&script).arg("get").stdin(Stdio::null()).stdout(io::stderr()).status();
    if fetched.is_ok_and(|status| status.success()) {
        return Ok(());
    }
    Err(Missing {
        what: "the libraries of Eclipse Leshan's client",
        why: "Maven could not download them".to_owned(),
        remedy: format!("with access to Maven Central: {} get", script.display()),
    })
}

/// Whether Leshan's client can run without installing anything.
pub(crate) fn has_leshan(root: &Path) -> bool {
    java_version().is_some_and(|version| version >= JAVA_VERSION)
        && runs("mvn", &["-v"])
        && leshan(root).is_ok()
}

/// Programs with DTLS of others, installed if need be. Says which of them cannot be had.
pub(crate) fn dtls_peers(root: &Path) -> Vec<Missing> {
    let openssl = ensure("the program openssl", &OPENSSL_PACKAGES, has_openssl);
    let libcoap = ensure("coap-client of libcoap", &LIBCOAP_PACKAGES, has_libcoap);
    [openssl, libcoap, leshan(root)].into_iter().filter_map(Result::err).collect()
}

/// The modules of `interop_dtls` that cannot run.
pub(crate) fn missing_dtls_peers(root: &Path) -> Vec<&'static str> {
    let peers = [("s_client::", has_openssl()), ("libcoap::", has_libcoap()), ("leshan::", has_leshan(root))];
    peers.into_iter().filter(|(_, is_there)| !is_there).map(|(module, _)| module).collect()
}

fn has_openssl() -> bool {
    runs("openssl", &["version"])
}

fn has_libcoap() -> bool {
    // Without a URI they only say how they are used.
    let is_there = |program| Command::new(program).stdin(Stdio::null()).output().is_ok();
    is_there("coap-client-openssl") && is_there("coap-client-gnutls")
}

fn ensure(what: &'static str, packages: &[&str], present: impl Fn() -> bool) -> Result<(), Missing> {
    if present() {
        return Ok(());
    }
    let why = match install(packages) {
        Ok(()) if present() => return Ok(()),
        Ok(()) => "apt-get installed the packages, but the programs do not start".to_owned(),
        Err(why) => why,
    };
    Err(Missing { what, why, remedy: format!("apt-get install {}", packages.join(" ")) })
}

/// The major version of `java`, if it runs: `openjdk version "17.0.15" 2025-04-15`.
fn java_version() -> Option<u32> {
    let output = Command::new("java").arg("-version").stdin(Stdio::null()).output().ok()?;
    parse_java_version(&String::from_utf8_lossy(&output.stderr))
}

fn parse_java_version(text: &str) -> Option<u32> {
    text.split('"').nth(1)?.split(['.', '-', '+']).next()?.parse().ok()
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Installs packages where that needs no password. The error says why it did not work.
fn install(packages: &[&str]) -> Result<(), String> {
    if !runs("apt-get", &["--version"]) {
        return Err("there is no apt-get to install it with".to_owned());
    }
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    let prefix: &[&str] = match (is_root, runs("sudo", &["-n", "true"])) {
        (true, _) => &[],
        (false, true) => &["sudo", "-n"],
        (false, false) => {
            return Err("only root may install packages, and sudo asks for a password".to_owned());
        }
    };
    eprintln!("installing {}", packages.join(" "));
    static LISTS: OnceLock<bool> = OnceLock::new();
    // When the lists cannot be refreshed, older ones may still do.
    LISTS.get_or_init(|| apt_get(prefix, &["update", "-q"]));
    let arguments = [&["install", "-q", "-y", "--no-install-recommends"], packages].concat();
    if apt_get(prefix, &arguments) { Ok(()) } else { Err("apt-get install failed, see above".to_owned()) }
}

fn apt_get(prefix: &[&str], arguments: &[&str]) -> bool {
    let line = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
    let mut command = Command::new(line[0]);
    command.args(&line[1..]).stdin(Stdio::null()).stdout(io::stderr());
    command.status().is_ok_and(|status| status.success())
}

/// Whether an automatic check is running, where nobody reads notices.
pub(crate) fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_versions() {
        assert_eq!(parse_java_version("openjdk version \"17.0.15\" 2025-04-15\nOpenJDK"), Some(17));
        assert_eq!(parse_java_version("openjdk version \"21\" 2023-09-19"), Some(21));
        assert_eq!(parse_java_version("java version \"1.8.0_402\""), Some(1));
        assert_eq!(parse_java_version("not found"), None);
    }
}
